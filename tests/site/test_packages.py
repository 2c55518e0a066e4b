"""What goes into the browser: everything that Datasette needs there, in pure Python, and the same bytes each time."""

import importlib.metadata
import io
import os
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scraper.errors import OssHealthError
from scraper.site import npm as parts
from scraper.site.explore import packages

BROWSER = {"python_version": "3.14", "python_full_version": "3.14.2", "sys_platform": "emscripten", "extra": ""}
NOT_IN_A_BROWSER = ("hupper", "pip", "setuptools", "uvicorn")  # Datasette's command line and server
BROWSER |= {"platform_system": "Emscripten", "os_name": "posix", "platform_machine": "wasm32"}


def required(name: str, found: set[str]) -> set[str]:
    """Everything that a package needs in the browser, and what those need."""
    if (name := canonicalize_name(name)) in found or name in NOT_IN_A_BROWSER:
        return found
    found.add(name)
    for line in importlib.metadata.requires(name) or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(BROWSER):
            required(requirement.name, found)
    return found


def test_the_packages_are_those_that_are_required_there_and_no_others():
    needed = required("datasette", set()) | required("datasette-dashboards", set())
    assert {canonicalize_name(name) for name in packages.PACKAGES} == needed


def test_nothing_in_the_archive_is_compiled_or_of_this_machine():
    archive = packages.archive()
    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert {"yaml/__init__.py", "markupsafe/__init__.py", "datasette/templates/base.html"} <= set(names)
    assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc", "/RECORD", "/WHEEL")) or ".." in name]
    assert archive == packages.archive()


def test_a_package_that_is_not_installed_is_one_sentence(monkeypatch):
    monkeypatch.setattr(packages, "PACKAGES", ("no-such-package",))
    with pytest.raises(OssHealthError, match=r"no-such-package is not installed.*requirements\.txt"):
        packages.archive()


@pytest.fixture
def pyodide(parts_folder, tmp_path):
    """A folder with the browser's Python."""
    for name, content in parts.pyodide().items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_compiled_is_the_same_in_the_browsers_bytecode(pyodide, npm, monkeypatch):
    monkeypatch.setattr(packages, "PACKAGES", ("click", "Jinja2", "Markdown"))  # all take ten seconds
    compiled = packages.compiled(pyodide)
    names = zipfile.ZipFile(io.BytesIO(compiled)).namelist()
    source = zipfile.ZipFile(io.BytesIO(packages.archive())).namelist()
    assert names == [f"{name}c" if name.endswith(".py") else name for name in source]
    assert packages.compiled(pyodide) == compiled


def test_without_node_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(OssHealthError, match=r"node was not found, .*: install Node\.js\.$"):
        packages.compiled(tmp_path)


def test_failing_to_compile_is_one_sentence(pyodide, npm, monkeypatch):
    monkeypatch.setattr(packages, "archive", lambda: b"no archive")
    with pytest.raises(OssHealthError, match=r"could not compile .*BadZipFile.*: install Node\.js 20 or newer"):
        packages.compiled(pyodide)
    assert {path.name for path in pyodide.iterdir()} == set(parts.pyodide())
