"""Swap an old directory for a new one, so that a reader always finds one of the two, even after a crash."""

import contextlib
import ctypes
import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scraper.dataset import atomic

EXCHANGE_LINUX, EXCHANGE_MACOS, AT_FDCWD = 2, 2, -100


@contextlib.contextmanager
def replaced(directory: Path, marker: str) -> Iterator[Path]:
    """A new directory beside `directory` that takes its place at the end, unless something fails.

    What killed runs have left beside it, which is marked with `marker`, is removed, and a directory that one of them
    had already moved away is put back. Raises OSError if it cannot be written.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with atomic.lock(directory.parent):
        _clean_up(directory, marker)
        workplace = Path(tempfile.mkdtemp(dir=directory.parent, prefix=_prefix(directory)))
        try:
            (workplace / marker).touch()
            new, old = workplace / "new", workplace / "old"
            new.mkdir()
            yield new
            if not directory.exists():
                new.replace(directory)
            elif not exchange(new, directory):
                directory.replace(old)
                new.replace(directory)
        finally:
            _put_back(workplace, directory)
            shutil.rmtree(workplace, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system cannot."""
    names = os.fsencode(one), os.fsencode(other)
    with contextlib.suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        if sys.platform == "linux":
            return bool(library.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE_LINUX) == 0)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*names, EXCHANGE_MACOS) == 0)
    return False


def _clean_up(directory: Path, marker: str) -> None:
    for workplace in directory.parent.glob(f"{glob.escape(_prefix(directory))}*"):
        if not workplace.is_symlink() and (workplace / marker).is_file():
            _put_back(workplace, directory)
            shutil.rmtree(workplace, ignore_errors=True)


def _put_back(workplace: Path, directory: Path) -> None:
    if (workplace / "old").is_dir() and not os.path.lexists(directory):
        (workplace / "old").replace(directory)


def _prefix(directory: Path) -> str:
    return f".{directory.name}-"
