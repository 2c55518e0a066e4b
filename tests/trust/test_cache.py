"""A cache is not trusted: its contents are used only if they match the pinned hash, and replaced otherwise."""

import io
import tarfile

import pytest
import yaml

from scraper.errors import OssHealthError
from scraper.site import npm
from tests.helpers.machine import ROOT, missing


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The charts' archive in a separate cache, and npm as configured here."""
    monkeypatch.setenv("OSS_HEALTH_CACHE", str(tmp_path / "cache"))
    try:
        npm.charts_script()
    except OssHealthError as error:
        missing(str(error))
    (archive,) = (tmp_path / "cache").iterdir()
    return archive


def planted():
    """A complete archive with somebody else's script."""
    content, script = io.BytesIO(), b"document.body.innerHTML = 'planted'"
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/plotly-basic.min.js")
        member.size = len(script)
        archive.addfile(member, io.BytesIO(script))
    return content.getvalue()


def as_link(path, tmp_path):
    (tmp_path / "elsewhere").write_bytes(planted())
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")


def as_folder(path, tmp_path):
    path.unlink()
    (path / "package").mkdir(parents=True)


POISONS = {
    "another archive": lambda path, tmp_path: path.write_bytes(planted()),
    "half of it": lambda path, tmp_path: path.write_bytes(path.read_bytes()[:1000]),
    "nothing": lambda path, tmp_path: path.write_bytes(b""),
    "a link": as_link,
    "a folder": as_folder,
}


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_a_poisoned_archive_is_replaced(kept, poison, tmp_path):
    genuine = npm.charts_script()
    poison(kept, tmp_path)
    assert npm.charts_script() == genuine
    assert not kept.is_symlink()
    assert kept.is_file()


def test_without_a_registry_a_poisoned_archive_is_refused(kept, monkeypatch):
    kept.write_bytes(planted())
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(OssHealthError, match="npm could not fetch"):
        npm.charts_script()


def test_what_older_versions_kept_is_not_read(kept):
    """Unpacked files and compiled bytecode had no hash to check."""
    genuine = npm.charts_script()
    older = kept.parent / "0123456789abcdef"
    older.mkdir()
    for name in ("plotly-basic.min.js", "pyodide.mjs", "packages-0123456789abcdef.zip"):
        (older / name).write_bytes(b"planted")
        (kept.parent / name).write_bytes(b"planted")
    assert npm.charts_script() == genuine


def test_the_action_takes_nothing_from_a_cache():
    """actions/cache unpacks with `tar -P`: an entry that somebody planted is written anywhere, before any check."""
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    assert [step["uses"] for step in steps if "uses" in step] == []
    for path in [*(ROOT / ".github/workflows").glob("*.yml"), *(ROOT / "examples").glob("*.yml")]:
        assert "actions/cache" not in path.read_text(encoding="utf-8"), path
