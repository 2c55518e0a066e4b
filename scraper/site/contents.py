"""What each page shows: rows of the database, as its template needs them."""

import sqlite3
from urllib.parse import quote

from scraper.database.closures import read_closures
from scraper.database.events import ObservedEvent
from scraper.site import charts, closures, events, exports, health, queries
from scraper.site.configuration import Configuration
from scraper.site.exports import Offers
from scraper.site.queries import ACTIVITY, Row
from scraper.site.schema_org import describe

SHOWN_CLOSURES = 5
FIRST_EVENTS = 12
MOST_STARRED, WORKLIST, LANGUAGES_OF_ONE = 50, 20, 12
GONE = 150


def overview(
    connection: sqlite3.Connection,
    site: Configuration,
    listed: list[Row],
    total: Row,
    downloads: Offers,
    news: list[ObservedEvent],
) -> Row:
    counted = queries.rows(
        connection,
        "SELECT substr(observed_at, 1, 10) AS day, open_repositories FROM observations ORDER BY observed_at",
    )
    by_day = {each["day"]: each["open_repositories"] for each in counted}
    days = sorted(by_day)
    step = max(1, len(days) // 24)
    some = days[::-1][::step]
    latest = events.latest_counts(news)
    return {
        "closures": read_closures(connection)[:SHOWN_CLOSURES],
        "listed": listed,
        "table": charts.growth_table(queries.growth(connection), listed, total["newest"][:10])
        if total["newest"]
        else None,
        "observed_since": days[0] if days else None,
        "observed_table": [(day, by_day[day]) for day in some],
        "before": counted_before(connection),
        "marks": charts.MARKS,
        "days": events.by_day(events.most_important(news, FIRST_EVENTS)),
        "latest": latest,
        "latest_number": sum(number for _, number in latest),
        "shown_events": FIRST_EVENTS,
        "json_ld": describe(site, total, listed, downloads) if site.url else None,
    }


def counted_before(connection: sqlite3.Connection, login: str | None = None) -> list[Row]:
    """What others counted before our own observations on a few days, for one organisation or all."""
    return closures.thinned(closures.counted_before(connection, queries.first_day(connection, login), login))


def no_longer_public(connection: sqlite3.Connection, gone: list[Row], listed: list[Row]) -> Row:
    pages_of = {each["login"].casefold(): f"organisations/{quote(each['login'])}.html" for each in listed}
    owners = sorted({row["organisation"] for row in gone}, key=str.casefold)
    found = {row["whereabouts"] for row in gone}
    [threshold] = queries.rows(connection, "SELECT * FROM closure_threshold")
    return {
        "gone": gone,
        "shown": GONE,
        "moved": sum(row["whereabouts"] in closures.STILL_PUBLIC for row in gone),
        "archive": any(row["archive_url"] for row in gone),
        "by_year": closures.by_year(gone, listed),
        "owners": [(login, pages_of.get(login.casefold())) for login in owners],
        "periods": closures.periods(gone),
        "days": (min(missed), max(missed)) if (missed := [row["missing_at"][:10] for row in gone]) else None,
        "whereabouts": [(value, text) for value, text in closures.WHEREABOUTS_TEXTS.items() if value in found],
        "threshold": threshold,
        "files": queries.files(connection),
    }


def health_of(
    connection: sqlite3.Connection, observed: list[Row], checks: list[Row], counted: dict[str, dict[str, Row]]
) -> Row:
    by_organisation = [
        {
            "login": each["login"],
            "name": each["name"],
            "checks": counted[each["login"]],
            "oldest": health.oldest(counted[each["login"]].values()),
        }
        for each in sorted(observed, key=lambda each: (each["name"].casefold(), each["login"]))
        if each["login"] in counted
    ]
    return {
        "checks": [check | {"badge": health.badge_of(check, check)} for check in checks],
        "checked": bool(by_organisation),
        "asked": health.was_asked(connection),
        "by_organisation": by_organisation,
        "oldest": health.oldest(checks),
        "exceptions": health.exceptions(connection),
    }


def activity(connection: sqlite3.Connection, observed: list[Row]) -> Row:
    pushed: dict[str, Row] = {}
    for row in queries.activity(connection):
        pushed.setdefault(row["organisation"], {})[row["pushed"]] = row["open_repositories"]
    active = [
        {**each, "pushed": {kind: pushed[each["login"]].get(kind, 0) for kind, _ in ACTIVITY}}
        for each in observed
        if each["login"] in pushed
    ]
    every = sum(each["open_repositories"] for each in active)
    kinds = [
        {"value": text, "open_repositories": sum(each["pushed"][kind] for each in active)} for kind, text in ACTIVITY
    ]
    return {
        "years": _years(queries.created_per_year(connection)),
        "pushed": [kind | {"share": kind["open_repositories"] / every} for kind in kinds if every],
        "active": active,
        "activity_kinds": ACTIVITY,
    }


def organisation(connection: sqlite3.Connection, each: Row) -> Row:
    login = each["login"]
    languages = queries.languages(connection, "language", login)
    created = queries.rows(
        connection,
        "SELECT created_year, count(*) AS created FROM repositories WHERE organisation = ? AND fork = 0"
        " GROUP BY created_year ORDER BY created_year",
        login,
    )
    more = len(languages) - LANGUAGES_OF_ONE
    return {
        "languages": languages[:LANGUAGES_OF_ONE],
        "more_languages": f", the first {LANGUAGES_OF_ONE} of {len(languages)}" if more > 0 else "",
        "licences": queries.licenses(connection, login),
        "years": _years(created),
        "missing": each["without_license"],
        "gap": queries.without_license(connection, login, WORKLIST),
        "starred": queries.most_starred(connection, login, MOST_STARRED),
        "csv": exports.own_file(exports.WORKLIST, login),
    }


def gaps(observed: list[Row]) -> list[Row]:
    gaps = [
        {
            **each,
            "missing": each["without_license"],
            "csv": exports.own_file(exports.WORKLIST, each["login"]),
        }
        for each in observed
    ]
    return sorted((each for each in gaps if each["missing"]), key=lambda each: (-each["missing"], each["login"]))


def _years(created: list[Row]) -> list[Row]:
    counts: dict[int, int] = {}
    for row in created:
        counts[row["created_year"]] = counts.get(row["created_year"], 0) + row["created"]
    every = sum(counts.values())
    return [
        {"value": year, "open_repositories": counts.get(year, 0), "share": counts.get(year, 0) / every}
        for year in (range(min(counts), max(counts) + 1) if counts else ())
    ]


def grouped(downloads: Offers) -> list[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = {}
    for path, (group, meaning, size) in downloads.items():
        groups.setdefault(group, []).append({"path": path, "meaning": meaning, "size": size})
    return list(groups.items())
