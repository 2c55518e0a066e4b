"""The tables: the name, SQL type, keys and meaning of each column, declared once.

The meanings of records' fields are in `model.fields`; here is only what SQL adds.
"""

from scraper.database.checks import CHECK_TABLES
from scraper.database.closures import CLOSURE_TABLES
from scraper.database.earlier import EARLIER_TABLES
from scraper.database.history_tables import HISTORY, PROVENANCE
from scraper.database.sql import LOGIN, SQL_TYPES, Column, Table
from scraper.database.statistics_tables import STATISTICS
from scraper.model.collections import COLLECTIONS, IDENTITY
from scraper.model.fields import ORGANISATION, Field
from scraper.model.kinds import COMPOUND


def _column(field: Field, type: str | None = None, references: str | None = None, unique: bool = False) -> Column:
    type = type or SQL_TYPES.get(field.kind, "TEXT")
    return Column(field.name, type, field.explanation, field.required, references, unique)


def _of_repositories() -> tuple[Column, ...]:
    """Facts and counters of a repository in one row, in Datasette's order: what people look for comes first."""
    columns = [
        Column("organisation", LOGIN, "Login of the account that owns it", True, references="organisations(login)"),
        Column("created_year", "INTEGER", "Year in which it was created on GitHub (UTC)", True),
        *(
            _column(field, references="licenses(spdx_id)" if field.kind == "license" else None)
            for field in (*IDENTITY, *(field for each in COLLECTIONS for field in each.values))
        ),
        Column(
            "unknown_fields",
            "TEXT",
            "Columns of this row that GitHub did not report, as a JSON list; null: none. It does not include what"
            " was never asked for: then files_observed_at, counts_observed_at or commits_observed_at is null",
        ),
    ]
    first = (
        *("id", "organisation", "name", "description", "language", "license", "topics"),
        *("stargazers_count", "forks_count", "open_issues_count"),
        *("created_at", "created_year", "pushed_at", "fork", "archived"),
    )
    rank = {name: position for position, name in enumerate(first)}
    return tuple(sorted(columns, key=lambda column: rank.get(column.name, len(rank))))


ORGANISATIONS = Table(
    "organisations",
    (
        *(
            _column(field, LOGIN if field.name == "login" else None, unique=field.name == "id")
            for field in ORGANISATION
        ),
        Column(
            "open_repositories",
            "INTEGER",
            "Number of public repositories without forks, when last observed; null until observed",
        ),
    ),
    primary_key=("login",),
)

LICENSES = Table(
    "licenses",
    (
        Column("spdx_id", "TEXT", "SPDX identifier, as GitHub gives it", True),
        Column("name", "TEXT", "Full name in the SPDX License List; null if not in it"),
        Column(
            "osi_approved",
            "INTEGER",
            "1 if approved by the Open Source Initiative, according to the SPDX License List; null if not in it",
        ),
    ),
    primary_key=("spdx_id",),
)

REPOSITORIES = Table(
    "repositories",
    _of_repositories(),
    primary_key=("id",),
    indexes=("organisation", "language", "license", "created_at", "pushed_at", "stargazers_count", "archived"),
)

TOPICS = Table(
    "topics",
    (
        Column("repository_id", "INTEGER", "The repository that has the topic", True, "repositories(id)"),
        Column("topic", "TEXT", "Topic given by the repository's owners", True),
    ),
    primary_key=("repository_id", "topic"),
    indexes=("topic",),
)

LANGUAGES = Table(
    "languages",
    (
        Column("repository_id", "INTEGER", "The repository that has code in it", True, "repositories(id)"),
        Column("language", "TEXT", "Programming language, as GitHub detects it", True),
        Column("bytes", "INTEGER", "Bytes of code in it, when its files were last checked", True),
    ),
    primary_key=("repository_id", "language"),
    indexes=("language",),
)

DUPLICATE_LISTINGS = Table(
    "duplicate_listings",
    (
        Column("repository_id", "INTEGER", "The repository", True, "repositories(id)"),
        Column("organisation", LOGIN, "Login of the account that also lists it", True, "organisations(login)"),
        Column("record", "TEXT", "Everything this account reports about it, as JSON", True),
    ),
    primary_key=("repository_id", "organisation"),
    clustered=True,
)

CURRENT = (ORGANISATIONS, LICENSES, REPOSITORIES, TOPICS, LANGUAGES, *STATISTICS, DUPLICATE_LISTINGS)
"""The dataset as it is now."""

TABLES = (*CURRENT, *CHECK_TABLES, *HISTORY, *CLOSURE_TABLES, *EARLIER_TABLES, PROVENANCE)
"""Every table, each after those it refers to."""

VERSION = 30
"""The version of the database; increase it when existing columns change their meaning."""

COMPOUND_COLUMNS = tuple(field.name for each in COLLECTIONS for field in each.values if field.kind in COMPOUND)
"""Columns of `repositories` that are JSON."""

SEARCHED = ("name", "description", "topics")
"""Columns of `repositories` that the full-text search reads."""
