"""What a table is made of, declared once, and the SQL that follows from it."""

from dataclasses import dataclass

# Logins: to GitHub, and so to `where organisation = 'NHSX'`, capitals mean nothing.
LOGIN = "TEXT COLLATE NOCASE"

SQL_TYPES = {"integer": "INTEGER", "boolean": "INTEGER"}
"""The type of a column by the kind of its field; all others are TEXT."""


@dataclass(frozen=True)
class Column:
    """A column; `references` is the table and column it points to, as `licenses(spdx_id)`."""

    name: str
    type: str
    meaning: str
    required: bool = False
    references: str | None = None
    unique: bool = False


@dataclass(frozen=True)
class Table:
    """A table, with the columns that are worth an index besides the primary key.

    One that is `clustered` is stored in the order of its primary key, so that no second tree repeats it.
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


def insert(table: Table) -> str:
    """The INSERT statement, with a place for each column."""
    return f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})"  # noqa: S608 - no input in it


def _definition(column: Column) -> str:
    parts = [column.name, column.type]
    if column.required:
        parts.append("NOT NULL")
    if column.unique:
        parts.append("UNIQUE")
    if column.references:
        parts.append(f"REFERENCES {column.references}")
    return " ".join(parts)
