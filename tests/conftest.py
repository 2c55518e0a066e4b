"""What the tests share: GitHub's recorded answers, and datasets to ask."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from scraper.dataset import Dataset
from tests import examples

# How long an example takes is the machine's affair.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


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
