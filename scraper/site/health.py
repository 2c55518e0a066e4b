"""The results of checks for pages, badges and a CSV: with denominators and dates, but without a score."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from scraper.site import queries
from scraper.site.badges import badge
from scraper.site.queries import Row
from scraper.text import percent

FIRST = 10
"""How many items of its worklist an organisation's page shows: a team does no more in a week."""

COUNTS = ("repositories", "passed", "failed", "excepted", "unknown")
UNKNOWN = "unknown"
BADGES = "badges/checks/"
WIDTH, HEIGHT = 240, 48
"""The size of a trend's picture, in its own units."""


class Point(NamedTuple):
    """How many repositories passed or failed a check at an observation, and for how many it was unknown."""

    observed_at: str
    passed: int
    failed: int
    unknown: int

    @property
    def share(self) -> float | None:
        """The share that passed, of those that are known."""
        known = self.passed + self.failed
        return self.passed / known if known else None


def checks(connection: sqlite3.Connection) -> list[Row]:
    """Every check with its counts over all organisations, and its trend."""
    over_time = trends(connection)
    counted = {login: of_one for login, of_one in by_organisation(connection).items() if of_one}
    found = queries.rows(connection, "SELECT * FROM checks ORDER BY rowid")
    for each in found:
        each |= total([of_one[each["name"]] for of_one in counted.values() if each["name"] in of_one])
        each["trend"] = thinned(over_time.get(each["name"], []))
        each["line"] = line(each["trend"])
    return found


def by_organisation(connection: sqlite3.Connection) -> dict[str, dict[str, Row]]:
    """The counts of each check, by the login of the organisation and the name of the check."""
    found: dict[str, dict[str, Row]] = {}
    for row in queries.rows(connection, "SELECT * FROM checks_by_organisation"):
        found.setdefault(row["organisation"], {})[row["check_name"]] = row
    return found


def total(counted: Sequence[Row]) -> Row:
    """The sum of the counts, the share that passed of those known and not excepted, and the date of the oldest."""
    sums: Row = {name: sum(row[name] for row in counted) for name in COUNTS}
    known = sums["passed"] + sums["failed"]
    dates = [row["oldest_observed_at"] for row in counted if row["oldest_observed_at"]]
    return {
        **sums,
        "share": sums["passed"] / known if known else None,
        "oldest_observed_at": min(dates, default=None),
    }


def was_asked(connection: sqlite3.Connection) -> bool:
    """Whether any repository's health was ever checked."""
    [[asked]] = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM repositories WHERE files_observed_at IS NOT NULL OR commits_observed_at IS NOT"
        " NULL)"
    ).fetchall()
    return bool(asked)


def exceptions(connection: sqlite3.Connection) -> list[Row]:
    """The exceptions that owners recorded: expired ones last, then by their last day.

    The result is None if the check does not apply to the repository.
    """
    return queries.rows(
        connection,
        "SELECT e.*, c.title, r.organisation, r.html_url, s.result FROM check_exceptions AS e"
        " JOIN checks AS c ON c.name = e.check_name JOIN repositories AS r ON r.id = e.repository_id"
        " LEFT JOIN check_results AS s ON s.repository_id = e.repository_id AND s.check_name = e.check_name"
        " ORDER BY e.expired, e.until, lower(e.full_name), e.check_name",
    )


def worklists(connection: sqlite3.Connection) -> dict[str, list[Row]]:
    """What each organisation should act on first, by its login."""
    found = queries.rows(
        connection, "SELECT * FROM to_act_on WHERE place <= ? ORDER BY lower(organisation), place", FIRST
    )
    return {login: list(rows) for login, rows in groupby(found, key=lambda row: row["organisation"])}


def to_put_right(connection: sqlite3.Connection) -> set[str]:
    """The logins of the organisations with a failed check that can be put right."""
    found = connection.execute(
        "SELECT login FROM organisations AS o WHERE EXISTS"
        " (SELECT 1 FROM check_results AS s WHERE s.organisation = o.login AND s.remedy IS NOT NULL)"
    )
    return {login for (login,) in found}


def trends(connection: sqlite3.Connection) -> dict[str, list[Point]]:
    """The counts of each check over all organisations, at each observation that changed them."""
    changes = connection.execute(
        "SELECT check_name, observed_at, sum(passed), sum(failed), sum(unknown) FROM check_changes"
        " GROUP BY check_name, observed_at ORDER BY check_name, observed_at"
    )
    found: dict[str, list[Point]] = {}
    for name, date, *changed in changes:
        points = found.setdefault(name, [])
        before = points[-1][1:] if points else (0, 0, 0)
        points.append(Point(date, *(one + other for one, other in zip(before, changed, strict=True))))
    return found


def thinned(points: Sequence[Point], number: int = 24) -> list[Point]:
    """So many of the points with known values, including the first and the last."""
    known = [point for point in points if point.share is not None]
    if len(known) <= number:
        return known
    return [known[round(place * (len(known) - 1) / (number - 1))] for place in range(number)]


def line(points: Sequence[Point]) -> str:
    """The shares as points of a polyline, 0 at the bottom and 1 at the top, to scale in time."""
    if len(points) < 2:
        return ""
    moments = [datetime.fromisoformat(point.observed_at).timestamp() for point in points]
    span = max(moments[-1] - moments[0], 1)
    return " ".join(
        f"{(moment - moments[0]) / span * WIDTH:.1f},{(1 - (point.share or 0)) * HEIGHT:.1f}"
        for moment, point in zip(moments, points, strict=True)
    )


def said(counts: Row | None) -> str | None:
    """A share with its denominator, in the words of a badge; None if nothing is known."""
    known = counts["passed"] + counts["failed"] if counts else 0
    if not counts or not known:
        return None
    of = f"{counts['passed']:,} of {known:,}"
    return f"{percent(counts['passed'] / known)} ({of}{' known' if counts['unknown'] else ''})"


def badge_of(check: Row, counts: Row | None) -> str:
    """The text of a check's badge, for people who cannot see it."""
    return f"{check['title']}: {said(counts) or UNKNOWN}"


def badges(connection: sqlite3.Connection) -> dict[str, bytes]:
    """The badges of each check, for all organisations and for each, by path in the site."""
    found = {}
    of_each = by_organisation(connection)
    for check in checks(connection):
        name, title = check["name"], check["title"]
        found[f"{BADGES}{name}.svg"] = badge(title, said(check) or UNKNOWN, is_known=said(check) is not None)
        for login in queries.logins(connection):
            own = said(of_each.get(login, {}).get(name))
            found[f"{BADGES}{login}/{name}.svg"] = badge(title, own or UNKNOWN, is_known=own is not None)
    return found


def oldest(counted: Iterable[Row]) -> str | None:
    """When the oldest answer of some checks was observed."""
    return min((row["oldest_observed_at"] for row in counted if row["oldest_observed_at"]), default=None)
