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
"""What some network drives answer, because they cannot flush a folder; any other error is a disk's."""

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock on this folder.

    Where there is no such lock, on Windows and some network drives, it does not wait.
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
    """Make `content` the file at `path`."""
    _write(staging_path(path), content)
    staging_path(path).replace(path)
    _flush({path.parent})


def replace_all(folder: Path, files: dict[str, bytes], removed: Iterable[str] = ()) -> None:
    """Make these contents the files at these paths below `folder`, and remove others: all of it or nothing.

    Everything is on the disk under a temporary name before the first file is replaced, so a full disk replaces none.
    What a crash interrupts after that is finished by recover(), from a journal of what there is to do.
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
    """Finish what an interrupted replace_all() has left to do, if there is anything.

    Raises ValueError for a journal that replace_all() did not write, or that names files which are not the dataset's.
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
        if staging_path(folder / name).exists():  # else it was replaced before the crash
            staging_path(folder / name).replace(folder / name)
    for name in removed:
        (folder / name).unlink(missing_ok=True)
    _flush({(folder / name).parent for name in (*replaced, *removed)})
    (folder / JOURNAL).unlink()


def _is_owned(name: object) -> bool:
    return isinstance(name, str) and owns(name)


def _flush(folders: Iterable[Path]) -> None:
    """Put the names in these folders on the disk, where a system can; the content of files is there already."""
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
    """Where a new version of `path` is prepared: beside it, for a rename cannot cross file systems."""
    return path.with_name(staging_name(path.name))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # it may be a second name of a file elsewhere
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
