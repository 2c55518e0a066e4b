"""A repository with a life, and queries to its database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scraper.database.build import build
from scraper.dataset.layout import DATABASE_FILE
from scraper.history import replay
from tests.helpers.git import git
from tests.helpers.life import Life


@pytest.fixture
def life(tmp_path) -> Life:
    life = Life(tmp_path / "repository")
    life.run()
    return life


@pytest.fixture
def ask():
    """The rows of a query to the database of a life, as it is on disk."""

    def ask(life: Life, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
            return connection.execute(sql).fetchall()

    return ask


@pytest.fixture
def replayed(tmp_path, said):
    """The bytes of a replay, and what it said."""

    def replayed(data: Path) -> tuple[bytes, list[str]]:
        said()
        build(data, tmp_path / "replayed.db", from_git=True)
        return (tmp_path / "replayed.db").read_bytes(), said()

    return replayed


@pytest.fixture
def shallow(tmp_path):
    """A clone with the last few commits of a life."""

    def shallow(life: Life, depth: int) -> Path:
        git(tmp_path, "clone", "--quiet", f"--depth={depth}", life.folder.as_uri(), "shallow")
        return tmp_path / "shallow"

    return shallow


@pytest.fixture
def replays(monkeypatch) -> list[object]:
    """A list that grows by one with every replay."""
    calls: list[object] = []
    monkeypatch.setattr("scraper.database.history.replay", lambda *args: calls.append(args) or replay.replay(*args))
    return calls
