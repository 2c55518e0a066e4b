"""The pinned packages: their availability was checked for exactly these lists, and unneeded ones are left out."""

import importlib.util
import json
import re
import shutil
import subprocess

from tests.helpers.machine import ROOT, missing


def script():
    """docs/platforms.py as a module."""
    described = importlib.util.spec_from_file_location("platforms", ROOT / "docs" / "platforms.py")
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


def test_the_platforms_were_checked_for_these_lists():
    platforms = script()
    said = "run `.venv/bin/python docs/platforms.py`, as `make lock` does: the lists of packages are others"
    assert platforms.PAGE.read_text(encoding="utf-8") == platforms.page(), said


def test_cryptography_is_not_installed_because_nothing_uses_it():
    """It has no wheels for Intel Macs and Windows on ARM, and PyGithub works without it."""
    for path in ROOT.glob("requirements*.txt"):
        assert not re.search(r"^cryptography==", path.read_text(encoding="utf-8"), re.M), path.name


def test_every_package_is_pinned_with_hashes():
    for path in ROOT.glob("requirements*.txt"):
        logical = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        assert [line for line in logical if line and not re.search(r"^[\w.\[\]-]+==\S+ .*--hash=sha256:", line)] == []


def test_the_sbom_names_every_package_that_is_pinned(tmp_path):
    if not shutil.which("npm"):
        missing("npm is missing")
    command = ["make", "--assume-old=.venv/.synced", "sbom", f"SBOM={tmp_path}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    def components(name):
        found = json.loads((tmp_path / name).read_bytes())["components"]
        return {(each["name"].lower(), each["version"]) for each in found}

    pinned = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements-site.txt").read_text(encoding="utf-8"), re.M)
    assert components("python.cdx.json") == set(pinned)
    locked = json.loads((ROOT / "scraper/site/package-lock.json").read_bytes())["packages"]
    expected = {(path.rpartition("/")[2], each["version"]) for path, each in locked.items() if path}
    assert {(name.rpartition("/")[2], version) for name, version in components("npm.cdx.json")} == expected
