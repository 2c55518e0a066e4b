"""What the tests of the site share: what npm brought, if it is there."""

import os
import shutil
from pathlib import Path

import pytest

from scraper.errors import OssHealthError
from scraper.site import parts


def missing(tool: str) -> None:
    """Skip for want of a tool, and say which; in CI that is a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{tool} is missing")


@pytest.fixture
def npm() -> None:
    if shutil.which("npm") is None:
        missing("npm")


@pytest.fixture(scope="session")
def parts_folder() -> Path:
    """What `make` fetched from npm."""
    try:
        return parts.charts_script().parent
    except OssHealthError as error:
        return missing(f"what the site takes from npm ({error})")
