"""Replace whole files: a reader sees either the old or the new content, even if the machine stops."""

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import orjson

from scraper.dataset.layout import JOURNAL, owns, staging_name

CANNOT_FLUSH = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)
"""Errors from network drives that cannot flush a folder; any other error is a failing disk."""

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on this folder.

    Windows and some network drives have no such lock; there, it does not wait.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace(path: Path, content: bytes) -> None:
    """Replace the file at `path` with `content`."""
    _write(staging_path(path), content)
    staging_path(path).replace(path)
    _flush({path.parent})


def replace_all(folder: Path, files: dict[str, bytes], removed: Iterable[str] = ()) -> None:
    """Write these files below `folder` and remove others, all or nothing.

    Everything is on the disk under temporary names before the first file is replaced, so a full disk replaces none.
    If a crash interrupts the rest, recover() finishes it from a journal.
    """
    for name, content in files.items():
        _write(staging_path(folder / name), content)
    _flush({folder, *((folder / name).parent for name in files)})
    journal = {"replaced": list(files), "removed": list(removed)}
    _write(staging_path(folder / JOURNAL), orjson.dumps(journal))
    staging_path(folder / JOURNAL).replace(folder / JOURNAL)
    _flush({folder})
    recover(folder)


def recover(folder: Path) -> None:
    """Finish an interrupted replace_all(), if there is one.

    Raises ValueError for a journal that replace_all() did not write, or that names files outside the dataset.
    """
    try:
        journal = orjson.loads((folder / JOURNAL).read_bytes())
    except FileNotFoundError:
        return
    match journal:
        case {"replaced": [*replaced], "removed": [*removed]} if all(map(_is_owned, [*replaced, *removed])):
            pass
        case _:
            raise ValueError(f"{JOURNAL} is not a journal")
    for name in replaced:
        if staging_path(folder / name).exists():  # otherwise it was replaced before the crash
            staging_path(folder / name).replace(folder / name)
    for name in removed:
        (folder / name).unlink(missing_ok=True)
    _flush({(folder / name).parent for name in (*replaced, *removed)})
    (folder / JOURNAL).unlink()


def _is_owned(name: object) -> bool:
    return isinstance(name, str) and owns(name)


def _flush(folders: Iterable[Path]) -> None:
    """Flush the names in these folders to the disk, if the system can; the files' contents are there already."""
    if fcntl is None or os.name == "nt":
        return
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            except OSError as error:
                if error.errno not in CANNOT_FLUSH:
                    raise
            finally:
                os.close(descriptor)


def staging_path(path: Path) -> Path:
    """Where a new version of `path` is prepared: beside it, because a rename cannot cross file systems."""
    return path.with_name(staging_name(path.name))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # it may be a hard link to a file elsewhere
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
