"""The pages: facts of the database put into the templates. Every text is escaped there."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from scraper.database.check_views import LATELY
from scraper.database.closures import read_closures
from scraper.database.events import ObservedEvent
from scraper.database.statistics_tables import ORGANISATION_STATISTICS
from scraper.model.fields import ORGANISATION
from scraper.site import charts, closures, events, exports, health, queries
from scraper.site.configuration import Configuration
from scraper.site.exports import Offers
from scraper.site.queries import ACTIVITY, Row
from scraper.site.rendering import environment
from scraper.site.schema_org import describe

NAVIGATION = (
    ("index.html", "Overview"),
    ("languages.html", "Languages"),
    ("licences.html", "Licences"),
    ("activity.html", "Activity"),
    ("health.html", "Health"),
    ("events.html", "Events"),
    ("no-longer-public.html", "No longer public"),
    ("downloads.html", "Downloads"),
    ("methodology.html", "Method"),
)
SHOWN_CLOSURES = 5
FIRST_EVENTS, EVENTS, EVENTS_OF_ONE = 12, 300, 20
MOST_STARRED, WORKLIST, LANGUAGES_OF_ONE = 50, 20, 12
GONE, GONE_OF_ONE = 150, 50

Explore = Callable[[str], str]
"""From an address of Datasette to the one that opens it in the browser, relative to the top of the site."""


def pages(
    connection: sqlite3.Connection,
    site: Configuration,
    *,
    explore: Explore | None,
    pictures: Iterable[str],
    downloads: Offers,
    commit: str | None = None,
) -> dict[str, bytes]:
    """Every page by its path. `downloads` are the files that can be downloaded, `commit` is that of the dataset."""
    listed = queries.organisations(connection)
    observed = [each for each in listed if each["observed_at"]]
    total = queries.headline(listed)
    templates = environment(queries.server(connection))
    templates.globals.update(
        site=site,
        explore=explore,
        pictures=frozenset(pictures),
        total=total,
        folded=queries.folded_languages(connection),
        pages_of={each["login"] for each in listed},
        navigation=NAVIGATION,
        became_of=closures.WHEREABOUTS,
    )
    found: dict[str, bytes] = {}

    def render(path: str, template: str | None = None, root: str = "", **context: Any) -> None:
        text = templates.get_template(template or path).render(path=path, root=root, **context)
        found[path] = text.encode(errors="replace")

    licences = queries.licenses(connection)
    news = events.news(connection)
    own_news = events.by_organisation(news)
    gone = closures.no_longer_public(connection, archive_links=site.archive_links)
    closed = closures.closures(connection)
    checks = health.checks(connection)
    templates.globals["open_license"] = next(check for check in checks if check["name"] == "license")
    render("index.html", marked=closed, **_overview(connection, site, listed, total, downloads, news))
    render(
        "languages.html",
        grouped=queries.languages(connection, "language_group"),
        apart=queries.languages(connection, "language"),
    )
    render("licences.html", licences=licences, gaps=_gaps(observed))
    render("activity.html", **_activity(connection, observed))
    counted, work = health.by_organisation(connection), health.worklists(connection)
    render("health.html", **_health(connection, observed, checks, counted))
    shown = events.most_important(news, EVENTS)
    render("events.html", days=events.by_day(shown), shown=len(shown), last_day=events.of_last_day(news))
    render("no-longer-public.html", closures=closed, commit=commit, **_no_longer_public(connection, gone, listed))
    render("downloads.html", download_groups=_grouped(downloads))
    render(
        "methodology.html",
        columns=ORGANISATION_STATISTICS.columns,
        status_meaning=next(field.meaning for field in ORGANISATION if field.name == "status"),
    )
    # It is shown at any address, so only absolute ones lead back.
    render("404.html", root=urlsplit(site.url).path if site.url else "/")
    charted = frozenset(queries.charted(connection) if total["newest"] else ())
    for each in listed:
        login = each["login"].casefold()
        context = _organisation(connection, each) if each["observed_at"] else {}
        own_counts = counted.get(each["login"], {})
        render(
            f"organisations/{each['login']}.html",
            "organisation.html",
            "../",
            each=each,
            days=events.by_day(events.most_important(own_news.get(login, []), EVENTS_OF_ONE)),
            charted=each["login"] in charted,
            before=_before(connection, each["login"]),
            closures=[closure for closure in closed if closure["organisation"].casefold() == login],
            gone=[row for row in gone if row["organisation"].casefold() == login],
            shown_gone=GONE_OF_ONE,
            work=work.get(each["login"], []),
            lately=LATELY,
            checks=[check | {"badge": health.badge_of(check, own_counts.get(check["name"]))} for check in checks],
            counted=own_counts,
            approved=own_counts.get("license", {}).get("share"),
            failed=exports.own_file(exports.FAILED, each["login"])
            if any(check["failed"] for check in own_counts.values())
            else None,
            **context,
        )
    return found


def _overview(
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
        "before": _before(connection),
        "marks": charts.MARKS,
        "days": events.by_day(events.most_important(news, FIRST_EVENTS)),
        "latest": latest,
        "latest_number": sum(number for _, number in latest),
        "shown_events": FIRST_EVENTS,
        "json_ld": describe(site, total, listed, downloads) if site.url else None,
    }


def _before(connection: sqlite3.Connection, login: str | None = None) -> list[Row]:
    """What others counted before our own observations, of one organisation or altogether, on a few days."""
    return closures.thinned(closures.counted_before(connection, queries.first_day(connection, login), login))


def _no_longer_public(connection: sqlite3.Connection, gone: list[Row], listed: list[Row]) -> Row:
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
        "whereabouts": [(value, text) for value, text in closures.WHEREABOUTS.items() if value in found],
        "threshold": threshold,
        "files": queries.files(connection),
    }


def _health(
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


def _activity(connection: sqlite3.Connection, observed: list[Row]) -> Row:
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


def _organisation(connection: sqlite3.Connection, each: Row) -> Row:
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
        "missing": (each["open_repositories"] or 0) - each["with_license"],
        "gap": queries.without_license(connection, login, WORKLIST),
        "starred": queries.most_starred(connection, login, MOST_STARRED),
        "csv": exports.own_file(exports.WORKLIST, login),
    }


def _gaps(observed: list[Row]) -> list[Row]:
    gaps = [
        {
            **each,
            "missing": each["open_repositories"] - each["with_license"],
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


def _grouped(downloads: Offers) -> list[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = {}
    for path, (group, meaning, size) in downloads.items():
        groups.setdefault(group, []).append({"path": path, "meaning": meaning, "size": size})
    return list(groups.items())
