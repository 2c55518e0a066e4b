"""The pinned packages: where they exist was checked for these very lists, and what is not needed is left out."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


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


def test_cryptography_is_not_installed_for_keys_that_nobody_has():
    """It has no wheels for Intel Macs and Windows on ARM, and PyGithub imports without it."""
    for path in ROOT.glob("requirements*.txt"):
        assert not re.search(r"^cryptography==", path.read_text(encoding="utf-8"), re.M), path.name


def test_every_package_is_pinned_with_hashes():
    for path in ROOT.glob("requirements*.txt"):
        logical = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        assert [line for line in logical if line and not re.search(r"^[\w.\[\]-]+==\S+ .*--hash=sha256:", line)] == []
