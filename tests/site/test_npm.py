"""The npm packages: fetched once, completely or not at all, and every failure is one sentence."""

import os
import shutil

import pytest

from scraper.errors import OssHealthError
from scraper.site import npm as parts


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """An empty cache, and a registry that does not answer."""
    monkeypatch.setenv("OSS_HEALTH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    return tmp_path / "cache"


@pytest.fixture
def filled_cache(parts_folder, empty_cache):
    shutil.copytree(parts_folder, empty_cache)
    return empty_cache


def test_what_was_fetched_once_needs_neither_npm_nor_network(filled_cache, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    assert parts.charts_script().startswith(b"/**")
    assert set(parts.pyodide()) >= {"pyodide.mjs", "pyodide.asm.wasm", "python_stdlib.zip"}
    assert all(parts.pyodide().values())


def test_without_npm_one_sentence_says_what_to_install(empty_cache, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(OssHealthError, match=r"npm was not found, .*: install Node\.js\.$"):
        parts.charts_script()


def test_without_network_one_sentence_says_so_and_nothing_stays(empty_cache, npm):
    with pytest.raises(OssHealthError, match="could not fetch plotly.* the first time needs a network"):
        parts.charts_script()
    assert list(empty_cache.iterdir()) == []


def program(folder, monkeypatch, script):
    """Replace npm with another program."""
    path = folder / "programs" / "npm"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent))


def test_npm_gets_the_systems_certificates_but_no_token(empty_cache, tmp_path, monkeypatch):
    program(tmp_path, monkeypatch, '/usr/bin/env >"$SEEN"\nexit 1')
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "INPUT_TOKEN", "JOB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("NODE_AUTH_TOKEN", "npm's own")
    monkeypatch.setenv("SSL_CERT_FILE", "/agency.pem")
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    with pytest.raises(OssHealthError, match="npm could not fetch"):
        parts.charts_script()
    seen = (tmp_path / "seen").read_text().splitlines()
    assert not any("secret" in line for line in seen)
    assert {"NODE_AUTH_TOKEN=npm's own", "NODE_USE_SYSTEM_CA=1", "NODE_EXTRA_CA_CERTS=/agency.pem"} <= set(seen)


def test_npms_archives_must_match_the_hashes_in_the_lock_file(empty_cache, tmp_path, monkeypatch):
    program(tmp_path, monkeypatch, "echo another >plotly.js-basic-dist-min-4.1.1.tgz")
    with pytest.raises(
        OssHealthError,
        match=r"npm sent a plotly\.js-basic-dist-min@4\.1\.1 that does not match the hash in package-lock",
    ):
        parts.charts_script()
    assert list(empty_cache.iterdir()) == []


def test_other_versions_are_other_parts(filled_cache, npm, tmp_path, monkeypatch):
    (tmp_path / "lock.json").write_text(parts.LOCK.read_text().replace('"4.1.1"', '"4.1.0"'))
    monkeypatch.setattr(parts, "LOCK", tmp_path / "lock.json")
    with pytest.raises(OssHealthError, match=r"could not fetch plotly\.js-basic-dist-min@4\.1\.0"):
        parts.charts_script()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("OSS_HEALTH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(OssHealthError, match=r"Not a directory\): name another folder in OSS_HEALTH_CACHE"):
        parts.charts_script()
