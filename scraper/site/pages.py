"""Make the pages: fill the templates with rows of the database. The templates escape every text."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from scraper.database.check_views import LATELY
from scraper.database.statistics_tables import ORGANISATION_STATISTICS
from scraper.model.fields import ORGANISATION
from scraper.site import closures, contents, events, exports, health, queries
from scraper.site.configuration import Configuration
from scraper.site.exports import Offers
from scraper.site.rendering import environment

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
EVENTS, EVENTS_OF_ONE = 300, 20
GONE_OF_ONE = 50

Explore = Callable[[str], str]
"""Turns an address in Datasette into the one that opens it in the browser, relative to the top of the site."""


def pages(
    connection: sqlite3.Connection,
    site: Configuration,
    *,
    explore: Explore | None,
    pictures: Iterable[str],
    downloads: Offers,
    commit: str | None = None,
) -> dict[str, bytes]:
    """Every page by its path. `downloads` are the files to download, `commit` is that of the dataset."""
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
        became_of=closures.WHEREABOUTS_TEXTS,
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
    render("index.html", marked=closed, **contents.overview(connection, site, listed, total, downloads, news))
    render(
        "languages.html",
        grouped=queries.languages(connection, "language_group"),
        apart=queries.languages(connection, "language"),
    )
    render("licences.html", licences=licences, gaps=contents.gaps(observed))
    render("activity.html", **contents.activity(connection, observed))
    counted, work = health.by_organisation(connection), health.worklists(connection)
    to_put_right = health.to_put_right(connection)
    render("health.html", **contents.health_of(connection, observed, checks, counted))
    shown = events.most_important(news, EVENTS)
    render("events.html", days=events.by_day(shown), shown=len(shown), last_day=events.of_last_day(news))
    render(
        "no-longer-public.html", closures=closed, commit=commit, **contents.no_longer_public(connection, gone, listed)
    )
    render("downloads.html", download_groups=contents.grouped(downloads))
    render(
        "methodology.html",
        columns=ORGANISATION_STATISTICS.columns,
        status_meaning=next(field.meaning for field in ORGANISATION if field.name == "status"),
    )
    # This page is shown at any address, so only absolute links lead back.
    render("404.html", root=urlsplit(site.url).path if site.url else "/")
    charted = frozenset(queries.charted(connection) if total["newest"] else ())
    for each in listed:
        login = each["login"].casefold()
        context = contents.organisation(connection, each) if each["observed_at"] else {}
        own_counts = counted.get(each["login"], {})
        render(
            f"organisations/{each['login']}.html",
            "organisation.html",
            "../",
            each=each,
            days=events.by_day(events.most_important(own_news.get(login, []), EVENTS_OF_ONE)),
            charted=each["login"] in charted,
            before=contents.counted_before(connection, each["login"]),
            closures=[closure for closure in closed if closure["organisation"].casefold() == login],
            gone=[row for row in gone if row["organisation"].casefold() == login],
            shown_gone=GONE_OF_ONE,
            work=work.get(each["login"], []),
            lately=LATELY,
            checks=[check | {"badge": health.badge_of(check, own_counts.get(check["name"]))} for check in checks],
            counted=own_counts,
            approved=own_counts.get("license", {}).get("share"),
            failed=exports.own_file(exports.FAILED, each["login"]) if each["login"] in to_put_right else None,
            **context,
        )
    return found
