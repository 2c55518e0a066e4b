"""Open a database file without ever changing it, and without following anything beside it."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.dataset.layout import SQLITE_COMPANIONS
from scraper.errors import DatasetError

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
"""What an authorizer allows a statement that only reads."""


def open_readonly(path: Path) -> sqlite3.Connection:
    """A connection that reads the file as it is. Raises sqlite3.Error if the file is not a database."""
    check_no_companion(path)
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema = off")
    return connection


@contextmanager
def reading_only(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Let SQL that others wrote read the database for so long, and do nothing else: it could attach and write files.

    Raises sqlite3.Error for a statement that does more or takes longer.
    """
    until = time.monotonic() + seconds
    attached = connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)
    connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
    try:
        yield
    finally:
        connection.set_authorizer(None)
        connection.set_progress_handler(None, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, attached)


def create_empty(path: Path) -> None:
    """Create the file of a database that is to be built. Raises OSError if there is one already."""
    check_no_companion(path)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))


def check_no_companion(path: Path) -> None:
    """Raise DatasetError if a file beside the database would make SQLite roll back changes in it."""
    for suffix in SQLITE_COMPANIONS:
        companion = path.with_name(path.name + suffix)
        if os.path.lexists(companion):
            raise DatasetError(f"{companion} would make SQLite change the database: remove it.")
