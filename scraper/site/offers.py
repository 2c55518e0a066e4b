"""What the page of downloads offers: of each file its group, what it holds, and its size."""

import sqlite3
from collections.abc import Mapping

import orjson

from scraper.dataset.layout import DATABASE_FILE
from scraper.site import facts
from scraper.site.downloads import FILES

JSON = {
    "downloads/organisations.json": "Every listed organisation: its status, the date of its data, and what it has",
    "downloads/repositories.json": "Every repository with all its facts and counters, forks included",
}

Offers = dict[str, tuple[str, str, int]]
"""Group, meaning and size in bytes of each file, by its path."""


def as_json(connection: sqlite3.Connection) -> dict[str, bytes]:
    """The tables that programs ask for most, for those that speak no SQL."""
    repositories = facts.rows(connection, "SELECT * FROM repositories ORDER BY id")
    for each in repositories:
        each["topics"] = orjson.Fragment(each["topics"]) if each["topics"] else None
    contents = (facts.organisations(connection), repositories)
    return {path: orjson.dumps(content) for path, content in zip(JSON, contents, strict=True)}


def offers(files: Mapping[str, bytes], database_size: int) -> Offers:
    """The database and the files that have a meaning of their own; `files` are contents by path."""
    whole = f"downloads/{DATABASE_FILE}"
    return {
        whole: ("SQLite", "Everything, with its history and full-text search", database_size),
        **{path: ("CSV", meaning, len(files[path])) for path, meaning in FILES.items()},
        **{path: ("JSON", meaning, len(files[path])) for path, meaning in JSON.items()},
    }
