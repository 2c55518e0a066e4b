"""Swap an old folder for a new one, so that readers always find one of them, even after a crash."""

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
def replaced(folder: Path, marker: str) -> Iterator[Path]:
    """A new folder beside `folder` that replaces it at the end, unless something fails.

    Leftovers of killed runs beside it, which contain `marker`, are removed, and a folder that one of them had already
    moved away is put back. Raises OSError if it cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with atomic.lock(folder.parent):
        _clean_up(folder, marker)
        workplace = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_prefix(folder)))
        try:
            (workplace / marker).touch()
            new, old = workplace / "new", workplace / "old"
            new.mkdir()
            yield new
            if not folder.exists():
                new.replace(folder)
            elif not exchange(new, folder):
                folder.replace(old)
                new.replace(folder)
        finally:
            _put_back(workplace, folder)
            shutil.rmtree(workplace, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False if the system cannot do that."""
    names = os.fsencode(one), os.fsencode(other)
    with contextlib.suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        if sys.platform == "linux":
            return bool(library.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], EXCHANGE_LINUX) == 0)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*names, EXCHANGE_MACOS) == 0)
    return False


def _clean_up(folder: Path, marker: str) -> None:
    for workplace in folder.parent.glob(f"{glob.escape(_prefix(folder))}*"):
        if not workplace.is_symlink() and (workplace / marker).is_file():
            _put_back(workplace, folder)
            shutil.rmtree(workplace, ignore_errors=True)


def _put_back(workplace: Path, folder: Path) -> None:
    if (workplace / "old").is_dir() and not os.path.lexists(folder):
        (workplace / "old").replace(folder)


def _prefix(folder: Path) -> str:
    return f".{folder.name}-"
