"""Compare the database beside a dataset with one rebuilt from git, for reviewers of a change to it."""

import contextlib
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path

from scraper.database import tables
from scraper.database.build import build
from scraper.database.sqlite_file import open_readonly
from scraper.dataset import layout
from scraper.errors import DatasetError, Unverifiable
from scraper.history import git_reader
from scraper.history.replay import Progress
from scraper.text import count
from scraper.threshold import DEFAULT, Threshold

SHOWN = 3
"""How many rows of each kind are shown for a table."""
LONGEST, LONGEST_ROW = 60, 200
STATISTICS_OF_SQLITE = "sqlite_stat"
SQLITE_VERSION = slice(96, 100)


def verify(data: Path, path: Path, progress: Progress, threshold: Threshold | None = None) -> list[str]:
    """Where the database at `path` differs from git, in lines for a terminal; none if they agree.

    Exceptions and earlier counts are read from beside the folder, as in a build, and `threshold` says what a closure
    is, because the database is not believed about its own settings.
    Raises Unverifiable if the difference cannot be determined.
    """
    if not path.is_file():
        raise Unverifiable(f"There is no database {path} to verify.")
    checkout = git_reader.find(data)
    if checkout is None:
        raise Unverifiable(
            f"{data} is not in a git repository, so there is no history to verify the database against."
        )
    with tempfile.TemporaryDirectory() as folder:
        rebuilt = Path(folder) / layout.DATABASE_FILE
        try:
            build(data, rebuilt, from_git=True, threshold=threshold or DEFAULT, progress=progress)
        except DatasetError as error:
            raise Unverifiable(str(error)) from error
        given, true = path.read_bytes(), rebuilt.read_bytes()
        if given == true:
            return []
        differences = list(_differences(path, rebuilt))
        if not differences and given[SQLITE_VERSION] == true[SQLITE_VERSION]:
            # The same version of SQLite writes the same bytes.
            return ["The tables are equal, but something else differs: the search index, or unused pages."]
        return differences


def remark(threshold: Threshold | None) -> str:
    """The threshold of closures, as the end of a sentence, if it is not the default."""
    return "" if threshold in (None, DEFAULT) else f", with closures from {threshold}"


def _differences(given: Path, true: Path) -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        found, expected = (stack.enter_context(contextlib.closing(_opened(path))) for path in (given, true))
        try:
            [[sound]] = found.execute("PRAGMA quick_check(1)").fetchall()
            declared, wanted = _declared(found), _declared(expected)
            version = found.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            yield f"The database is damaged: {_shown(str(error))}."
            return
        if sound != "ok":
            yield f"The database is damaged: {_shown(str(sound))}."
        if version != expected.execute("PRAGMA user_version").fetchone():
            yield "The database is from another version of this program, or does not end with this dataset."
        for name in sorted(declared.keys() | wanted.keys()):
            if declared.get(name) != wanted.get(name):
                yield f"{_shown(name)} is {_otherwise(name in declared, name in wanted)}."
            elif name in {table.name for table in tables.TABLES}:
                yield from _rows(name, found, expected)


def _opened(path: Path) -> sqlite3.Connection:
    connection = open_readonly(path)
    connection.execute("PRAGMA trusted_schema = off")
    connection.text_factory = lambda text: text.decode(errors="backslashreplace")
    return connection


def _declared(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """What a database declares, by name, without the internal tables of SQLite and its search."""
    declared: dict[str, list[str]] = {}
    for name, kind, text in connection.execute("SELECT name, type, sql FROM sqlite_master"):
        if not str(name).startswith(STATISTICS_OF_SQLITE):
            declared.setdefault(str(name), []).append(f"{kind} {text}")
    return declared


def _otherwise(found: bool, wanted: bool) -> str:
    if found and wanted:
        return "declared differently by this program"
    return "missing" if wanted else "not one that this program declares"


def _rows(name: str, found: sqlite3.Connection, expected: sqlite3.Connection) -> Iterator[str]:
    select = f"SELECT * FROM {name}"  # noqa: S608 - a name of ours
    try:
        if all(one == other for one, other in zip_longest(_each(found, select), _each(expected, select))):
            return
        given, true = Counter(_each(found, select)), Counter(_each(expected, select))
    except sqlite3.Error as error:
        yield f"{name} is damaged: {_shown(str(error))}."
        return
    false, missing = given - true, true - given
    yield (
        f"{name}: {count(given.total(), 'row')}, but {true.total():,} according to git: {false.total():,} that"
        f" should not be there, {missing.total():,} missing."
    )
    for sign, rows in (("-", missing), ("+", false)):
        for row in islice(sorted(rows), SHOWN):
            yield f"  {sign} {row[:LONGEST_ROW]}"
        if len(rows) > SHOWN:
            yield f"  {sign} ... and {len(rows) - SHOWN:,} more"


def _each(connection: sqlite3.Connection, select: str) -> Iterator[str]:
    """Each row as text that is harmless in a terminal, and in which 1, 1.0 and '1' differ."""
    for row in connection.execute(select):
        yield ", ".join(map(repr, row))


def _shown(text: str) -> str:
    return repr(text[:LONGEST])
