"""Ask the database what the pages show: each function is one question, and returns plain rows."""

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scraper.config import check_login
from scraper.database.sqlite_file import open_readonly
from scraper.errors import ConfigurationError
from scraper.site.feeds import GITHUB

Row = dict[str, Any]

SERVER = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")

SUMS = (
    *("repositories", "open_repositories", "stargazers_count", "with_license", "without_license"),
    *("archived", "not_archived", "pushed_last_year", "not_pushed_last_year"),
)


ACTIVITY = (
    ("month", "In the last 30 days"),
    ("year", "Up to a year ago"),
    ("two_years", "Up to 2 years ago"),
    ("longer", "Longer ago"),
    ("unknown", "Unknown"),
    ("archived", "Archived"),
)
"""How long before the date of the data the last push was, in the words of the pages."""

# A condition on each repository, because a list of all would be computed again for each organisation.
WITHOUT_LICENSE = (
    "license IS NULL AND NOT EXISTS"
    " (SELECT * FROM unknown_values WHERE repository_id = repositories.id AND field = 'license')"
)
"""A condition on repositories: GitHub found no licence, rather than saying nothing."""


def connect(database: Path) -> sqlite3.Connection:
    """Open the database read-only. Raises ConfigurationError unless this version of the program built it."""
    if not database.is_file():
        raise ConfigurationError(f"There is no database at {database}: run `oss-health build`.")
    connection = open_readonly(database)
    try:
        connection.execute("SELECT 1 FROM organisation_statistics")
        logins = [login for (login,) in connection.execute("SELECT login FROM organisations")]
    except sqlite3.Error:
        connection.close()
        raise ConfigurationError(
            f"{database} was not built by this version of `oss-health build`: run it again."
        ) from None
    for login in logins:
        check_login(login)  # it becomes the name of a file
    return connection


def rows(connection: sqlite3.Connection, sql: str, *values: object) -> list[Row]:
    """The rows of a query, as dictionaries."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def organisations(connection: sqlite3.Connection) -> list[Row]:
    """Every listed organisation with its statistics, those with the most open repositories first."""
    return rows(
        connection,
        """SELECT login, name, type, status, reason, coalesce(json_array_length(excluded), 0) AS excluded,
            selected IS NOT NULL AS selected, organisation_statistics.*
        FROM organisations LEFT JOIN organisation_statistics ON organisation = login
        ORDER BY organisation_statistics.open_repositories IS NULL, organisation_statistics.open_repositories DESC,
            lower(name), login""",
    )


def logins(connection: sqlite3.Connection) -> list[str]:
    """Every listed organisation."""
    return [login for (login,) in connection.execute("SELECT login FROM organisations ORDER BY login")]


def server(connection: sqlite3.Connection) -> str:
    """The server that has the repositories, according to most of their addresses; github.com if there are none."""
    found = connection.execute(
        """SELECT substr(html_url, 1, length(html_url) - length(full_name) - 1) AS server FROM repositories
        WHERE substr(html_url, -length(full_name) - 1) = '/' || full_name GROUP BY 1 ORDER BY count(*) DESC, 1"""
    )
    return next((address for (address,) in found if SERVER.fullmatch(address)), GITHUB)


def headline(listed: Iterable[Row]) -> Row:
    """Sums over the organisations that were observed, and the dates of their data."""
    every = list(listed)
    observed = [each for each in every if each["observed_at"]]
    sums: Row = {name: sum(each[name] or 0 for each in observed) for name in SUMS}
    dates = sorted(each["observed_at"] for each in observed)
    return {
        **sums,
        "listed": len(every),
        "observed": len(observed),
        "troubled": [each for each in every if each["status"] not in ("ok", "gone")],
        "license_share": _share(sums["with_license"], sums["without_license"]),
        "archived_share": _share(sums["archived"], sums["not_archived"]),
        "pushed_share": _share(sums["pushed_last_year"], sums["not_pushed_last_year"]),
        "oldest": dates[0] if dates else None,
        "newest": dates[-1] if dates else None,
    }


def _share(some: int, others: int) -> float | None:
    return some / (some + others) if some + others else None


def languages(connection: sqlite3.Connection, column: str, login: str | None = None) -> list[Row]:
    """Open repositories by main language, or by `language_group`; null: none found."""
    return _shares(connection, "language_growth", column, login)


def licenses(connection: sqlite3.Connection, login: str | None = None) -> list[Row]:
    """Open repositories by licence, with its full name; null: none found."""
    full_names = dict(connection.execute("SELECT spdx_id, name FROM licenses"))
    found = _shares(connection, "license_growth", "license", login)
    return [each | {"full_name": full_names.get(each["value"])} for each in found]


def folded_languages(connection: sqlite3.Connection) -> list[str]:
    """Languages to which `language_group` gives another name."""
    found = connection.execute(
        "SELECT DISTINCT language FROM language_growth WHERE language <> language_group ORDER BY lower(language)"
    )
    return [language for (language,) in found]


def through_time(connection: sqlite3.Connection, table: str, column: str) -> list[Row]:
    """Repositories created in each year, by a column of one of the growth tables."""
    return rows(
        connection,
        f"SELECT created_year, {column} AS value, sum(created) AS created FROM {table}"  # noqa: S608 - our own names
        " GROUP BY created_year, value HAVING sum(created) > 0 ORDER BY created_year, value",
    )


def created_per_year(connection: sqlite3.Connection) -> list[Row]:
    """Open repositories that exist today, by organisation and year of creation."""
    return rows(
        connection,
        "SELECT organisation, created_year, count(*) AS created FROM repositories WHERE fork = 0"
        " GROUP BY organisation, created_year ORDER BY created_year, organisation",
    )


def growth(connection: sqlite3.Connection) -> list[Row]:
    """Open repositories by creation date, for each day on which an organisation created some."""
    return rows(connection, "SELECT organisation, date, created FROM growth WHERE created > 0 ORDER BY date")


def growth_as_observed(connection: sqlite3.Connection) -> list[Row]:
    """Open repositories as they were counted, the last count of each day."""
    return rows(
        connection,
        "SELECT organisation, substr(observed_at, 1, 10) AS date, open_repositories FROM organisation_history"
        " ORDER BY observed_at",
    )


def first_day(connection: sqlite3.Connection, login: str | None = None) -> str | None:
    """The day of our first observation, or of the first one with this organisation; None if there is none."""
    [[day]] = connection.execute(
        "SELECT substr(min(observed_at), 1, 10) FROM organisation_history WHERE ?1 IS NULL OR organisation = ?1",
        (login,),
    ).fetchall()
    return str(day) if day else None


def files(connection: sqlite3.Connection) -> str:
    """The digest of the dataset's files that the database was built from; empty outside git."""
    [[digest]] = connection.execute("SELECT files FROM provenance").fetchall()
    return str(digest)


def charted(connection: sqlite3.Connection) -> list[str]:
    """The listed organisations with something to draw: anybody has counted open repositories of theirs."""
    found = connection.execute(
        """SELECT login FROM organisations WHERE login IN (
            SELECT organisation FROM organisation_statistics WHERE open_repositories > 0
            UNION SELECT organisation FROM organisation_history WHERE open_repositories > 0
            UNION SELECT organisation FROM earlier_counts WHERE open_repositories > 0
        ) ORDER BY login"""
    )
    return [login for (login,) in found]


def activity(connection: sqlite3.Connection) -> list[Row]:
    """Open repositories by organisation and by how long before the date of its data they were last pushed to."""
    return rows(
        connection,
        """SELECT organisation, count(*) AS open_repositories, CASE
            WHEN archived = 1 THEN 'archived'
            WHEN archived IS NULL OR pushed_at IS NULL THEN 'unknown'
            WHEN julianday(observed_at) - julianday(pushed_at) <= 30 THEN 'month'
            WHEN julianday(observed_at) - julianday(pushed_at) <= 365 THEN 'year'
            WHEN julianday(observed_at) - julianday(pushed_at) <= 730 THEN 'two_years'
            ELSE 'longer' END AS pushed
        FROM repositories JOIN organisations ON login = organisation
        WHERE fork = 0 GROUP BY organisation, pushed""",
    )


def most_starred(connection: sqlite3.Connection, login: str, limit: int) -> list[Row]:
    """An organisation's repositories with the most stars, forks left out."""
    return _repositories(connection, login, "TRUE", limit)


def without_license(connection: sqlite3.Connection, login: str, limit: int) -> list[Row]:
    """An organisation's repositories in which GitHub found no licence, those with the most stars first."""
    return _repositories(connection, login, WITHOUT_LICENSE, limit)


def last_observation(connection: sqlite3.Connection) -> str | None:
    """When something was last observed."""
    (date,) = connection.execute("SELECT max(observed_at) FROM observations").fetchone()
    return str(date) if date else None


def _shares(connection: sqlite3.Connection, table: str, column: str, login: str | None) -> list[Row]:
    found = rows(
        connection,
        f"SELECT {column} AS value, sum(created) AS open_repositories FROM {table}"  # noqa: S608 - our own names
        " WHERE ? IS NULL OR organisation = ? GROUP BY value HAVING sum(created) > 0"
        " ORDER BY open_repositories DESC, value IS NULL, lower(value), value",
        *(login, login),
    )
    every = sum(each["open_repositories"] for each in found)
    return [each | {"share": each["open_repositories"] / every} for each in found]


def _repositories(connection: sqlite3.Connection, login: str, condition: str, limit: int) -> list[Row]:
    return rows(
        connection,
        f"SELECT * FROM repositories WHERE organisation = ? AND fork = 0 AND {condition}"  # noqa: S608 - our own text
        " ORDER BY stargazers_count IS NULL, stargazers_count DESC, name LIMIT ?",
        *(login, limit),
    )
