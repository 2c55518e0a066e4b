"""What the tests share: GitHub's recorded answers, and datasets to ask."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from scraper.model.accounts import Dataset
from tests import examples

# How long an example takes is the machine's affair.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

WAIT = 120_000
"""Milliseconds for a browser: a generous limit for a loaded machine, not what it takes."""


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder with GitHub's real answers of 2021-03-04; it is no part of this repository."""
    named = os.environ.get("RECORDINGS")
    folder = Path(named or Path(__file__).parents[2] / "shared" / "recordings" / "github-2021-03-04")
    if not folder.is_dir():
        message = f"GitHub's recorded answers are not at {folder}: name their folder in RECORDINGS"
        if named:
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def recorded(recordings: Path) -> Dataset:
    return examples.recorded(recordings)


@pytest.fixture(scope="session")
def invented() -> Dataset:
    return examples.invented()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Not for the session: while Playwright runs, asyncio.run() is refused to every test of the process."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        message = "Chromium is missing: on Debian and Ubuntu, apt install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()
