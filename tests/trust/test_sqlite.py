"""SQLite obeys files beside a database, so there must be none; and no database of ours is opened for writing."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scraper.database import sqlite_file
from scraper.database.build import build
from scraper.dataset import store
from scraper.dataset.layout import DATABASE_FILE
from scraper.errors import DatasetError
from tests.helpers.examples import invented


@pytest.fixture
def built(tmp_path) -> Path:
    store.save(tmp_path / "data", invented())
    build(tmp_path / "data", tmp_path / "built" / DATABASE_FILE)
    return tmp_path / "built" / DATABASE_FILE


def hot_journal(path: Path) -> bytes:
    """The files that SQLite leaves beside a database if it is killed during a transaction."""
    copy = path.with_name("copy.db")
    shutil.copyfile(path, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE organisations SET name = 'forged'")
        connection.execute("UPDATE repositories SET description = 'forged'")
        journal = copy.with_name("copy.db-journal").read_bytes()
        connection.execute("ROLLBACK")
    copy.unlink()
    return journal


def test_a_journal_rolls_nothing_into_a_database(built):
    before = built.read_bytes()
    built.with_name(DATABASE_FILE + "-journal").write_bytes(hot_journal(built))
    with pytest.raises(DatasetError, match="-journal would make SQLite change the database: remove it"):
        sqlite_file.open_readonly(built)
    assert built.read_bytes() == before


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
@pytest.mark.parametrize("staged", [False, True])
def test_nothing_is_built_beside_what_sqlite_would_obey(built, tmp_path, suffix, staged):
    victim = tmp_path / "victim"
    victim.write_text("a file that a journal names as its super-journal would be deleted")
    name = f".{DATABASE_FILE}.tmp" if staged else DATABASE_FILE
    companion = built.with_name(name + suffix)
    companion.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + str(victim).encode())
    before = built.read_bytes()
    with pytest.raises(DatasetError, match="remove it"):
        build(tmp_path / "data", built)
    assert built.read_bytes() == before
    assert victim.exists()
    assert companion.exists()


def test_a_link_instead_of_the_new_database_is_not_followed(built, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    built.with_name(f".{DATABASE_FILE}.tmp").symlink_to(victim)
    build(tmp_path / "data", built)
    assert victim.read_text() == "precious"


def test_a_database_that_is_opened_cannot_be_written(built):
    with closing(sqlite_file.open_readonly(built)) as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM topics")


def test_databases_are_opened_in_one_place():
    package = Path(sqlite_file.__file__).parents[1]
    opened = {path.name for path in package.rglob("*.py") if "sqlite3.connect(" in path.read_text(encoding="utf-8")}
    # The others make new files: that of a build, and a temporary one for the rows of history.
    assert opened == {"sqlite_file.py", "build.py", "history.py"}
