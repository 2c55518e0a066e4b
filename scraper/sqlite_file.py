"""Open a database file without obeying anything that stands beside it, and without ever changing it."""

import os
import sqlite3
from pathlib import Path

from scraper.errors import DatasetError
from scraper.layout import SQLITE_COMPANIONS


def open_readonly(path: Path) -> sqlite3.Connection:
    """A connection that reads the file as it is. Raises sqlite3.Error if that is no database."""
    check_alone(path)
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema = off")
    return connection


def create_empty(path: Path) -> None:
    """Create the file of a database that is to be built. Raises OSError if there is one already."""
    check_alone(path)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))


def check_alone(path: Path) -> None:
    """Raise DatasetError if a file stands beside a database that SQLite would roll back into it."""
    for suffix in SQLITE_COMPANIONS:
        companion = path.with_name(path.name + suffix)
        if os.path.lexists(companion):
            raise DatasetError(f"{companion} would make SQLite change the database: remove it.")
