"""The parts from npm: fetched once, whole or not at all, and each hindrance is one sentence."""

import os
import shutil

import pytest

from scraper.errors import OssHealthError
from scraper.site import parts


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A cache with nothing in it, and a registry that nobody answers for."""
    monkeypatch.setenv("OSS_HEALTH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    return tmp_path / "cache"


@pytest.fixture
def filled_cache(parts_folder, empty_cache):
    shutil.copytree(parts_folder, empty_cache / parts_folder.name)
    return empty_cache


def test_what_was_fetched_once_needs_neither_npm_nor_network(filled_cache, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    assert parts.charts_script().read_bytes()[:20].startswith(b"/**")
    assert {path.name for path in parts.pyodide()} >= {"pyodide.mjs", "pyodide.asm.wasm", "python_stdlib.zip"}
    assert all(path.is_file() for path in parts.pyodide())


def test_without_npm_one_sentence_says_what_to_install(empty_cache, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(OssHealthError, match=r"npm is missing, .*: install Node.js\.$"):
        parts.charts_script()


def test_without_network_one_sentence_says_so_and_nothing_stays(empty_cache, npm):
    with pytest.raises(OssHealthError, match="cannot fetch .* the first time needs the network"):
        parts.charts_script()
    assert list(empty_cache.iterdir()) == []


def test_npm_is_shown_no_token(empty_cache, tmp_path, monkeypatch):
    program = tmp_path / "npm"
    program.write_text('#!/bin/sh\n/usr/bin/env >"$SEEN"\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "INPUT_TOKEN", "JOB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("NODE_AUTH_TOKEN", "npm's own")
    with pytest.raises(OssHealthError, match="npm cannot fetch"):
        parts.charts_script()
    seen = (tmp_path / "seen").read_text()
    assert "secret" not in seen
    assert "npm's own" in seen


def test_a_cache_that_lost_a_file_is_not_believed(filled_cache, npm):
    parts.pyodide()[0].unlink()
    with pytest.raises(OssHealthError, match="cannot fetch"):
        parts.charts_script()


def test_other_versions_are_other_parts(filled_cache, npm, tmp_path, monkeypatch):
    for name in parts.PINNED:
        shutil.copy(parts.PLACE / name, tmp_path / name)
    (tmp_path / "package.json").write_text((parts.PLACE / "package.json").read_text().replace("4.1.1", "4.1.0"))
    monkeypatch.setattr(parts, "PLACE", tmp_path)
    with pytest.raises(OssHealthError, match="cannot fetch"):
        parts.charts_script()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("OSS_HEALTH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(OssHealthError, match=r"Not a directory\): name another folder in OSS_HEALTH_CACHE"):
        parts.charts_script()


def test_a_build_beside_this_one_does_no_harm(filled_cache, monkeypatch):
    def install(folder):
        for name in (parts.CHARTS, *parts.PYODIDE):
            (folder / "node_modules" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "node_modules" / name).write_bytes(b"the same, fetched again")

    monkeypatch.setattr(parts, "_install", install)
    missing = parts.pyodide()[0]
    missing.unlink()  # as if the other build were about to finish
    assert parts.pyodide()[0].is_file()
    assert [path.name for path in filled_cache.iterdir()] == [missing.parent.name]
