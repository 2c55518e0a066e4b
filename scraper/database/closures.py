"""Closures: when many repositories of one organisation disappear within a few observations, report them as one event.

They are computed from the history in every build and never stored in it, so a new threshold applies to all of the
past. Pure functions of rows.
"""

import sqlite3
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import orjson

from scraper.database.history_tables import LATEST_WHEREABOUTS
from scraper.database.sql import LOGIN, Column, Table
from scraper.model.closures import Closure
from scraper.threshold import Threshold

Row = tuple[object, ...]


CLOSURES = Table(
    "closures",
    (
        Column("organisation", LOGIN, "Login of the account whose repositories disappeared", True),
        Column("last_seen_at", "TEXT", "When the organisation was last observed with all of them (UTC)", True),
        Column(
            "first_missing_at",
            "TEXT",
            "When the first of them was found missing (UTC); it disappeared between last_seen_at and then",
            True,
        ),
        Column("last_missing_at", "TEXT", "When the last of them was found missing (UTC)", True),
        Column("observed_at", "TEXT", "When the loss of the last of them was confirmed (UTC)", True),
        Column("repositories_before", "INTEGER", "Number of its public repositories before, forks included", True),
        Column("repositories_after", "INTEGER", "Number of its public repositories after, forks included", True),
        Column("gone", "INTEGER", "Number of repositories that disappeared", True),
        Column("share", "REAL", "Share of the repositories that disappeared, from 0 to 1", True),
        Column("moved", "INTEGER", "How many of those gone were later found under another owner or name", True),
        Column(
            "moved_to", "TEXT", "Owners of those that moved, as a JSON object of owner and number; null: none moved"
        ),
        Column(
            "returned", "INTEGER", "How many of those gone are public in the organisation today, listed or not", True
        ),
        Column("blocked", "INTEGER", "How many of those gone are blocked by GitHub", True),
        Column("not_public", "INTEGER", "How many of those gone GitHub does not show to the public", True),
        Column("unknown", "INTEGER", "How many of those gone have not been looked up yet", True),
        Column("forks", "INTEGER", "How many of those gone were forks of other repositories", True),
        Column("archived", "INTEGER", "How many of those gone were archived", True),
        Column("stargazers_count", "INTEGER", "Total stars of those gone, when last observed", True),
        Column("forks_count", "INTEGER", "Total forks that others had made of those gone", True),
        Column("without_license", "INTEGER", "How many of those gone had no licence that GitHub found", True),
        Column("licenses", "TEXT", "Licences of those gone, as a JSON object of SPDX identifier and number", True),
    ),
    primary_key=("first_missing_at", "organisation"),
    clustered=True,
)

CLOSURE_THRESHOLD = Table(
    "closure_threshold",
    (
        Column("repositories", "INTEGER", "At least so many repositories", True),
        Column("share", "REAL", "At least this share of what the organisation had before", True),
        Column("observations", "INTEGER", "Within so many consecutive observations of the organisation", True),
    ),
    primary_key=("repositories",),
    clustered=True,
)

CLOSURE_TABLES = (CLOSURES, CLOSURE_THRESHOLD)

GONE = f"""
SELECT d.observed_at, d.organisation, d.repository_id, d.last_observed_at, d.missing_at, d.fork, d.archived,
       d.license, coalesce(d.unknown_fields, '') LIKE '%"license"%' AS license_unknown,
       d.stargazers_count, d.forks_count,
       CASE
         WHEN d.moved_to IS NOT NULL THEN 'moved'
         WHEN k.vanished_at IS NOT NULL THEN coalesce(w.whereabouts, 'unknown')
         WHEN k.organisation = d.organisation THEN 'returned'
         ELSE 'moved'
       END AS whereabouts,
       CASE
         WHEN d.moved_to IS NOT NULL THEN d.moved_to
         WHEN k.vanished_at IS NOT NULL THEN w.moved_to
         ELSE k.full_name
       END AS full_name
FROM departures AS d
JOIN known_repositories AS k ON k.id = d.repository_id
{LATEST_WHEREABOUTS}
ORDER BY lower(d.organisation), d.observed_at, d.repository_id
"""  # noqa: S608 - our own names

COUNTS = """
SELECT lower(organisation), observed_at, repositories
FROM organisation_history
WHERE data_observed_at = observed_at AND organisation IN (SELECT organisation FROM departures)
ORDER BY observed_at
"""


class Gone(NamedTuple):
    """A repository that disappeared: a row of GONE."""

    observed_at: str
    organisation: str
    repository_id: int
    last_observed_at: str
    missing_at: str
    fork: int
    archived: int | None
    license: str | None
    license_unknown: int
    stargazers_count: int | None
    forks_count: int | None
    whereabouts: str
    full_name: str | None

    @property
    def account(self) -> str:
        return self.organisation.lower()


def closures(connection: sqlite3.Connection, threshold: Threshold) -> list[Row]:
    """The rows of the table, from the history in a database."""
    counts: dict[str, tuple[list[str], list[int]]] = {}
    for account, observed_at, repositories in connection.execute(COUNTS):
        dates, numbers = counts.setdefault(account, ([], []))
        dates.append(observed_at)
        numbers.append(repositories)
    found = []
    for account, gone in groupby(map(Gone._make, connection.execute(GONE)), attrgetter("account")):
        found += list(_of_account(list(gone), *counts.get(account, ([], [])), threshold))
    return sorted(found, key=lambda row: (str(row[2]), str(row[0]).lower()))


def read_closures(connection: sqlite3.Connection, observed_at: str | None = None) -> list[Closure]:
    """All closures, newest first, or those of one observation."""
    rows = connection.execute(
        f"SELECT {', '.join(CLOSURES.column_names)} FROM closures WHERE ?1 IS NULL OR observed_at = ?1"  # noqa: S608
        " ORDER BY first_missing_at DESC, organisation",
        (observed_at,),
    )
    named = (dict(zip(CLOSURES.column_names, row, strict=True)) for row in rows)
    return [
        Closure(
            **row | {"moved_to": orjson.loads(row["moved_to"] or "{}"), "licenses": orjson.loads(row["licenses"])}
        )
        for row in named
    ]


def _of_account(
    gone: Sequence[Gone], dates: Sequence[str], numbers: Sequence[int], threshold: Threshold
) -> Iterator[Row]:
    """`dates` are the dates on which the account was observed, and `numbers` its repositories on each."""
    by_place: dict[int, list[Gone]] = {}
    for each in gone:
        by_place.setdefault(bisect_left(dates, each.observed_at), []).append(each)
    for first, last in _windows(by_place, numbers, threshold):
        together: dict[int, Gone] = {}
        for each in (each for place in range(first, last + 1) for each in by_place.get(place, ())):
            together.setdefault(each.repository_id, each)  # the first time, if it came back in between
        after = numbers[last] if last < len(numbers) else numbers[-1] if numbers else 0
        yield _row(list(together.values()), _before(numbers, first, len(together)), after)


def _before(numbers: Sequence[int], place: int, gone: int) -> int:
    """How many there were before; an account that then had another login had at least as many as disappeared."""
    return max(numbers[place - 1] if 0 < place <= len(numbers) else 0, gone)


def _windows(by_place: dict[int, list[Gone]], numbers: Sequence[int], threshold: Threshold) -> list[tuple[int, int]]:
    """The shortest periods of observations that reach the threshold; those near each other count as one."""
    places, found = sorted(by_place), list[tuple[int, int]]()
    for length in range(1, threshold.observations + 1):
        for first in places:
            last = first + length - 1
            if last not in by_place or any(first <= begin and end <= last for begin, end in found):
                continue
            gone = len({each.repository_id for place in range(first, last + 1) for each in by_place.get(place, ())})
            if threshold.reached(gone, _before(numbers, first, gone)):
                found.append((first, last))
    merged = list[tuple[int, int]]()
    for begin, end in sorted(found):
        if merged and begin - merged[-1][1] < threshold.observations:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _row(gone: Sequence[Gone], before: int, after: int) -> Row:
    whereabouts = Counter(each.whereabouts for each in gone)
    moved = (each for each in gone if each.whereabouts == "moved")
    owners = Counter(each.full_name.partition("/")[0] for each in moved if each.full_name)
    licenses = Counter(each.license for each in gone if each.license is not None)
    return (
        gone[-1].organisation,
        min(each.last_observed_at for each in gone),
        min(each.missing_at for each in gone),
        max(each.missing_at for each in gone),
        max(each.observed_at for each in gone),
        before,
        after,
        len(gone),
        round(len(gone) / before, 4),
        whereabouts["moved"],
        _json(owners) if owners else None,
        whereabouts["returned"] + whereabouts["unlisted"],
        *(whereabouts[name] for name in ("blocked", "not_public", "unknown")),
        sum(each.fork for each in gone),
        sum(each.archived or 0 for each in gone),
        sum(each.stargazers_count or 0 for each in gone),
        sum(each.forks_count or 0 for each in gone),
        sum(each.license is None and not each.license_unknown for each in gone),
        _json(licenses),
    )


def _json(counted: Counter[str]) -> str:
    """The most frequent first."""
    return orjson.dumps(dict(sorted(counted.items(), key=lambda each: (-each[1], each[0])))).decode()
