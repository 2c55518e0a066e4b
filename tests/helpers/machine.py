"""What the tests use on this machine: the checkout, and tools that may be missing."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
METADATA = ROOT / "metadata.json"

WAIT = 120_000
"""Milliseconds for a browser: a generous limit for a loaded machine, not the usual time."""


as_another_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file to another user"
)


def missing(reason: str) -> NoReturn:
    """Skip on somebody's laptop, but fail in CI, where nothing may be left out."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    raise AssertionError
