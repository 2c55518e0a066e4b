"""Declarations of tables and views, and the SQL that follows from them."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress, islice

# Logins: case does not matter to GitHub, nor in `where organisation = 'NHSX'`.
LOGIN = "TEXT COLLATE NOCASE"

SQL_TYPES = {"integer": "INTEGER", "boolean": "INTEGER"}
"""The type of a column by the kind of its field; all others are TEXT."""

BATCH = 1_000


@dataclass(frozen=True)
class Column:
    """A column; `references` is the table and column it refers to, as `licenses(spdx_id)`."""

    name: str
    type: str
    meaning: str
    required: bool = False
    references: str | None = None
    unique: bool = False


@dataclass(frozen=True)
class Table:
    """A table, with the columns that are worth an index besides the primary key.

    A `clustered` table is stored in the order of its primary key, which then needs no separate index.
    Without a primary key, SQLite's own `rowid` identifies rows.
    """

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    indexes: tuple[str, ...] = ()
    clustered: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class View:
    """A view: what each of its columns means, in their order, and the SELECT that gives them."""

    name: str
    meanings: dict[str, str]
    select: str


def create_view(view: View) -> str:
    """The CREATE VIEW statement."""
    return f"CREATE VIEW {view.name} AS\n{view.select}"


def create(table: Table) -> str:
    """The CREATE TABLE statement."""
    lines = [_definition(column) for column in table.columns]
    if table.primary_key:
        lines.append(f"PRIMARY KEY ({', '.join(table.primary_key)})")
    end = "\n) WITHOUT ROWID" if table.clustered else "\n)"
    return f"CREATE TABLE {table.name} (\n  " + ",\n  ".join(lines) + end


def insert(connection: sqlite3.Connection, table: Table, rows: Iterable[Sequence[object]]) -> None:
    """Insert rows that have a value for each column.

    Passing a null from Python takes several times as long as passing a value, so columns that are null in all rows
    are left out, such as those of health if it was never checked.
    """
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        given = [any(value is not None for value in values) for values in zip(*batch, strict=True)]
        names = list(compress(table.column_names, given))
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
        connection.executemany(statement, batch if all(given) else [tuple(compress(row, given)) for row in batch])


def _definition(column: Column) -> str:
    parts = [column.name, column.type]
    if column.required:
        parts.append("NOT NULL")
    if column.unique:
        parts.append("UNIQUE")
    if column.references:
        parts.append(f"REFERENCES {column.references}")
    return " ".join(parts)
