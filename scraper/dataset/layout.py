"""Which files the folder of a dataset has, and the check that it has no others.

A pull request may touch the folder, so nothing in it is trusted to be what its name says: a link would redirect
writes, SQLite would roll back a journal beside a database, and some names mean something to git.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from scraper import config
from scraper.errors import DatasetError
from scraper.model.collections import ALL

README = "README.md"
ORGANISATIONS_FILE = "organisations.json"
FORGOTTEN_FILE = "forgotten.json"
DATABASE_FILE = config.DATABASE_FILE
JOURNAL = ".replacing.tmp"
SUFFIXES = {each.name: each.suffix for each in ALL}
"""The suffix of the files in each folder."""

TOLERATED = (".gitattributes", ".gitignore", ".gitkeep", ".DS_Store", "Thumbs.db")
"""Files that git, editors and desktops put into any folder; this program ignores them."""
SQLITE_COMPANIONS = ("-journal", "-wal", "-shm")


def owns(path: str) -> bool:
    """Whether saving a dataset writes and removes files of this name, a path below its folder."""
    folder, _, name = path.rpartition("/")
    if not folder:
        return name in (README, ORGANISATIONS_FILE)
    return not name.startswith(".") and folder in SUFFIXES and name.endswith(SUFFIXES[folder])


def beside(data: Path, name: str) -> Path:
    """The path of a file that people write about the dataset in the folder `data`: beside that folder."""
    here = data if data.name not in ("", "..") else Path(os.path.abspath(data))  # noqa: PTH100 - no link is followed
    return here.with_name(name)


def found_beside(data: Path, name: str) -> Path | None:
    """That file, if it exists. A broken link counts too, so that reading it fails."""
    return path if os.path.lexists(path := beside(data, name)) else None


def staging_name(path: str) -> str:
    """The name under which a new version of a file is prepared, beside it: a rename cannot cross file systems."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.tmp"


def is_staging(path: str) -> bool:
    """Whether a killed run may have left a file of this name."""
    folder, slash, name = path.rpartition("/")
    original = folder + slash + name.removeprefix(".").removesuffix(".tmp")
    whole = name.startswith(".") and name.endswith(".tmp")
    return whole and (owns(original) or original.endswith(".db") or original in (FORGOTTEN_FILE, JOURNAL))


def check_contents(folder: Path) -> None:
    """Raise DatasetError, with the name and the fix, if the folder contains something else."""
    check_no_link(folder)
    for path, entry in _entries(folder):
        where = folder / path
        mode = entry.stat(follow_symlinks=False).st_mode
        if entry.is_symlink():
            raise DatasetError(f"{where} is a link, which a dataset may not contain: remove it.")
        if path.endswith(SQLITE_COMPANIONS):
            raise DatasetError(f"{where} would make SQLite change the database: remove it.")
        if stat.S_ISDIR(mode) and path in SUFFIXES:
            continue
        if not (stat.S_ISREG(mode) and _belongs(path)):
            raise DatasetError(f"{where} does not belong to the dataset: move it out of {folder}, or remove it.")


def check_no_link(folder: Path, below: Path | None = None) -> None:
    """Raise DatasetError if the folder is a link, or is behind one in the same git repository.

    Links above the repository, such as a linked home, are the machine's own affair. The repository is the one that
    contains the folder, unless the folder is in the checkout `below`.
    """
    here = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would follow the links in question
    tops = (
        iter((below,))
        if below in here.parents
        else (each for each in here.parents if os.path.lexists(each / ".git") and not each.is_symlink())
    )
    top = next(tops, here.parent)
    for path in (here, *here.parents):
        if path == top:
            return
        if path.is_symlink():
            raise DatasetError(f"{path} is a link: name the folder itself, or remove the link.")


def _belongs(path: str) -> bool:
    name = PurePosixPath(path).name
    if "/" in path:
        return owns(path) or is_staging(path) or name in TOLERATED
    return owns(path) or is_staging(path) or name in (FORGOTTEN_FILE, JOURNAL, *TOLERATED) or name.endswith(".db")


def _entries(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """What is in the folder and in those of its collections, by path; links are not followed."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            yield entry.name, entry
            if entry.name in SUFFIXES and entry.is_dir(follow_symlinks=False):
                with os.scandir(entry.path) as inner:
                    yield from ((f"{entry.name}/{each.name}", each) for each in sorted(inner, key=lambda e: e.name))
    except FileNotFoundError:
        return
    except OSError as error:
        raise DatasetError(f"Cannot read {folder}: {error.strerror}.") from error
