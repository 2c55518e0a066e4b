"""The tables of history, and views on them: declared as those of `tables` are.

Rows are kept in the order of observation, so each table grows at its end. To git a database is a binary file; this
way a week adds only its own rows to the repository, not the whole table. It is also why no index is by repository.

Organisations that left the list and repositories that left GitHub keep their history. Events and counters refer to
`known_repositories`, which has every repository ever seen; organisations are named by login, without a reference.
"""

from scraper.database.sql import LOGIN, SQL_TYPES, Column, Table
from scraper.history.rows import ANSWER, LAST_KNOWN
from scraper.model.collections import COUNTERS
from scraper.model.fields import WHEREABOUTS as FIELDS

OBSERVED_AT = Column(
    "observed_at", "TEXT", "When it was first observed like this (UTC)", True, "observations(observed_at)"
)

OBSERVATIONS = Table(
    "observations",
    (
        Column("observed_at", "TEXT", "When it was made (UTC)", True),
        Column("organisations", "INTEGER", "Number of organisations in the list", True),
        Column("observed", "INTEGER", "How many of them were observed since the observation before this one", True),
        Column("stale", "INTEGER", "How many of them could not be observed and kept their last good data", True),
        Column("repositories", "INTEGER", "Number of public repositories, forks included", True),
        Column("open_repositories", "INTEGER", "Number of public repositories without forks", True),
    ),
    primary_key=("observed_at",),
    clustered=True,
)

KNOWN_REPOSITORIES = Table(
    "known_repositories",
    (
        Column("id", "INTEGER", "GitHub's numeric id of the repository; it survives renames and transfers", True),
        Column("organisation", LOGIN, "Login of the account that owns it, or last owned it", True),
        Column("full_name", "TEXT", "Owner and name when last observed", True),
        Column("fork", "INTEGER", "1 if it is a fork of another repository", True),
        Column("created_at", "TEXT", "When it was created on GitHub (UTC)", True),
        Column(
            "first_observed_at",
            "TEXT",
            "When it was first observed (UTC); an organisation's first observation finds everything that it has",
            True,
            "observations(observed_at)",
        ),
        Column(
            "vanished_at",
            "TEXT",
            "When it was first found missing (UTC); whereabouts says what became of it. Null if it is still"
            " there, or if its organisation left the list",
            references="observations(observed_at)",
        ),
        Column(
            "excluded_at",
            "TEXT",
            "For a vanished repository: since when it is no longer looked up, because the list excludes it (UTC)",
            references="observations(observed_at)",
        ),
    ),
    primary_key=("id",),
    indexes=("full_name",),
)

EVENTS = Table(
    "events",
    (
        Column("id", "INTEGER", "Number of the event, in order of observation", True),
        OBSERVED_AT,
        Column(
            "kind",
            "TEXT",
            "appeared, vanished, reappeared, renamed, transferred (between listed organisations), archived,"
            " unarchived, relicensed, released; gained or lost: a recommended file; traced: what became of a vanished"
            " repository was learned (old is null) or changed; changed: any other field",
            True,
        ),
        Column("organisation", LOGIN, "Login of the account that owned it then, or that lost it", True),
        Column("repository_id", "INTEGER", "The repository", True, "known_repositories(id)"),
        Column("full_name", "TEXT", "Owner and name as they were then", True),
        Column(
            "field",
            "TEXT",
            "What changed: a column of repositories, or whereabouts; null if the repository came as a whole",
        ),
        Column("old", "TEXT", "Value before, as text; null if there was none"),
        Column("new", "TEXT", "Value after, as text; null if there is none"),
    ),
    primary_key=("id",),
)

DEPARTURES = Table(
    "departures",
    (
        Column("observed_at", "TEXT", "When it was observed (UTC)", True, "observations(observed_at)"),
        Column("repository_id", "INTEGER", "The repository", True, "known_repositories(id)"),
        Column("organisation", LOGIN, "Login of the account that no longer has it", True),
        Column("full_name", "TEXT", "Owner and name, when last observed there", True),
        Column("last_observed_at", "TEXT", "When it was last observed there (UTC)", True),
        Column("missing_at", "TEXT", "When it was first found missing there (UTC)", True),
        Column(
            "moved_to",
            "TEXT",
            "Owner and name it was found under in the same observation; null: it was not in a listed organisation",
        ),
        *(
            Column(field.name, SQL_TYPES.get(field.kind, "TEXT"), f"{field.explanation}; when last observed there")
            for field in LAST_KNOWN
        ),
        Column("unknown_fields", "TEXT", "Columns of this row that are unknown, as a JSON list; null: none"),
    ),
    primary_key=("observed_at", "repository_id"),
    clustered=True,
)

WHEREABOUTS = Table(
    "whereabouts",
    (
        OBSERVED_AT,
        Column(
            "repository_id",
            "INTEGER",
            "The repository, no longer shown by its account",
            True,
            "known_repositories(id)",
        ),
        *(
            Column(field.name, "TEXT", field.explanation, field.name in ("whereabouts", "checked_at"))
            for name in ANSWER
            for field in FIELDS
            if field.name == name
        ),
    ),
    primary_key=("observed_at", "repository_id"),
    clustered=True,
)

ORGANISATION_HISTORY = Table(
    "organisation_history",
    (
        OBSERVED_AT,
        Column("organisation", LOGIN, "Login of the account as it was then", True),
        Column(
            "data_observed_at",
            "TEXT",
            "When it was last observed completely (UTC); earlier than observed_at if it could not be observed then",
            True,
        ),
        Column("repositories", "INTEGER", "Number of public repositories, forks included", True),
        Column("open_repositories", "INTEGER", "Number of public repositories without forks", True),
        Column("archived", "INTEGER", "How many of those without forks were archived", True),
        Column(
            "without_license",
            "INTEGER",
            "How many of those without forks had no licence that GitHub could find",
            True,
        ),
        Column("stargazers_count", "INTEGER", "Stars of those without forks", True),
    ),
    primary_key=("observed_at", "organisation"),
    clustered=True,
)

CHECK_HISTORY = Table(
    "check_history",
    (
        OBSERVED_AT,
        Column("organisation", LOGIN, "Login of the account as it was then", True),
        Column("check_name", "TEXT", "The check, by its name in checks", True),
        Column("passed", "INTEGER", "Number of repositories that passed it, forks left out", True),
        Column("failed", "INTEGER", "Number of those that failed it", True),
        Column("unknown", "INTEGER", "Number of those for which it was unknown", True),
    ),
    primary_key=("observed_at", "organisation", "check_name"),
    clustered=True,
)

METRIC_HISTORY = Table(
    "metric_history",
    (
        OBSERVED_AT,
        Column("repository_id", "INTEGER", "The repository", True, "known_repositories(id)"),
        *(
            Column(field.name, "INTEGER" if field.kind == "integer" else "TEXT", field.explanation)
            for field in COUNTERS
        ),
    ),
    primary_key=("observed_at", "repository_id"),
    clustered=True,
)

PROVENANCE = Table(
    "provenance",
    (
        Column(
            "files",
            "TEXT",
            "Digest of the dataset's files, by their ids in git, and of the checks as declared; empty outside git",
            True,
        ),
    ),
    primary_key=("files",),
    clustered=True,
)

HISTORY = (
    *(OBSERVATIONS, KNOWN_REPOSITORIES, EVENTS, DEPARTURES, WHEREABOUTS),
    *(ORGANISATION_HISTORY, CHECK_HISTORY, METRIC_HISTORY),
)
"""The tables of history, each after those it refers to."""

LATEST_WHEREABOUTS = """LEFT JOIN (
  SELECT repository_id, max(observed_at) AS observed_at
  FROM whereabouts
  GROUP BY repository_id
) AS last ON last.repository_id = k.id AND last.observed_at >= k.vanished_at
LEFT JOIN whereabouts AS w ON w.repository_id = k.id AND w.observed_at = last.observed_at"""
"""Joins, as `w`, the last answer about a repository `k` of `known_repositories` since it vanished."""
