"""Lost repositories, for pages and charts, and closures: our own, and those that the counts of others show."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from urllib.parse import quote, urlencode

from scraper.site import atom, queries
from scraper.site.atom import Entry
from scraper.site.feeds import GITHUB
from scraper.site.queries import Row
from scraper.text import percent

ARCHIVE = "https://archive.softwareheritage.org/browse/origin/?origin_url="
"""Where Software Heritage shows its copies of an address. Nothing is sent there until somebody follows the link."""

WHEREABOUTS_TEXTS = {
    "not_public": "not public",
    "moved": "moved",
    "unlisted": "public, but no longer listed",
    "blocked": "blocked by GitHub",
    "unknown": "not looked up yet",
}
"""What became of a repository, in the words of the pages."""

STILL_PUBLIC = ("moved", "unlisted")
"""The states in which everybody can still see a repository."""

FEED = "no-longer-public.xml"
PAGE = "no-longer-public.html"
ENTRIES = 200
"""How many closures and repositories a feed has: readers fetch the whole feed again and again."""


def no_longer_public(connection: sqlite3.Connection, *, archive_links: bool) -> list[Row]:
    """Every repository that is no longer public where it was, latest loss first; with `archive_url` if wanted."""
    server = queries.server(connection)
    found = queries.rows(
        connection,
        "SELECT * FROM no_longer_public"
        " ORDER BY missing_at DESC, lower(organisation), lower(full_name), repository_id",
    )
    for each in found:
        each["html_url"] = f"{server}/{quote(each['full_name'].encode(errors='replace'))}"
        each["moved_to_url"] = (
            f"{server}/{quote(each['moved_to'].encode(errors='replace'))}" if each["moved_to"] else None
        )
        each["became"] = _whereabouts(each)
        # Software Heritage archives github.com, but not companies' own servers.
        archived = archive_links and server == GITHUB
        each["archive_url"] = ARCHIVE + quote(each["html_url"], safe="") if archived else None
    return found


def closures(connection: sqlite3.Connection) -> list[Row]:
    """Every closure, the latest first; `source` is None if we observed it ourselves."""
    own = queries.rows(
        connection,
        "SELECT *, substr(last_seen_at, 1, 10) AS last_seen, substr(first_missing_at, 1, 10) AS first_missing,"
        " substr(last_missing_at, 1, 10) AS last_missing, NULL AS source FROM closures",
    )
    for each in own:
        each["became"] = _became(each)
    others = queries.rows(
        connection,
        "SELECT *, last_counted_on AS last_seen, first_missing_on AS first_missing, last_missing_on AS last_missing,"
        " NULL AS became FROM earlier_closures",
    )
    names = {
        each["login"].casefold(): {"login": each["login"], "name": each["name"]}
        for each in queries.organisations(connection)
    }
    found = [
        {**each, **names.get(each["organisation"].casefold(), {"login": None, "name": each["organisation"]})}
        for each in (*own, *others)
    ]
    return sorted(found, key=lambda each: (each["last_missing"], each["gone"], each["organisation"]), reverse=True)


def _became(each: Row) -> str:
    """What became of a closure's repositories, as a sentence without a full stop."""
    owners = json.loads(each["moved_to"] or "{}")
    to = f" to {', '.join(owners)}" if owners else ""
    counted = (
        (each["moved"], f"moved{to}"),
        (each["returned"], "public again"),
        (each["blocked"], "blocked by GitHub"),
        (each["not_public"], "not public"),
        (each["unknown"], "not looked up yet"),
    )
    return ", ".join(f"{number:,} {what}" for number, what in counted if number)


def by_year(found: Iterable[Row], listed: Iterable[Row]) -> Row:
    """How many disappeared in each year, by organisation, without those that GitHub still has elsewhere."""
    counts: dict[str, dict[str, int]] = {}
    for each in found:
        if each["whereabouts"] not in STILL_PUBLIC:
            of_one = counts.setdefault(each["organisation"].casefold(), {})
            of_one[each["missing_at"][:4]] = of_one.get(each["missing_at"][:4], 0) + 1
    years = sorted({year for of_one in counts.values() for year in of_one})
    names = {each["login"].casefold(): each for each in listed}
    spelt = {each["organisation"].casefold(): each["organisation"] for each in found}
    rows = [
        {
            "login": names[login]["login"] if login in names else spelt[login],
            "name": names[login]["name"] if login in names else spelt[login],
            "counts": [of_one.get(year, 0) for year in years],
            "total": sum(of_one.values()),
        }
        for login, of_one in counts.items()
    ]
    rows.sort(key=lambda row: (-row["total"], row["name"].casefold(), row["login"]))
    totals = [sum(row["counts"][place] for row in rows) for place in range(len(years))]
    return {"years": years, "rows": rows, "totals": totals, "total": sum(totals)}


def periods(found: Iterable[Row]) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """The years and months in which repositories were first missing, latest first, with their numbers."""
    months = Counter(each["missing_at"][:7] for each in found)
    by_year = groupby(sorted(months.items(), reverse=True), key=lambda month: month[0][:4])
    years = [(year, list(own)) for year, own in by_year]
    return [(year, sum(number for _, number in own), own) for year, own in years]


def counted_before(
    connection: sqlite3.Connection, until: str | None, login: str | None = None
) -> dict[str, list[Row]]:
    """What each source said before the day `until`, about one organisation or all, and about how many.

    Each day has the counts of the source's last version on that day.
    """
    rows = queries.rows(
        connection,
        "SELECT * FROM earlier_counts WHERE (?1 IS NULL OR organisation = ?1) AND (?2 IS NULL OR observed_on < ?2)"
        " ORDER BY source, id",
        *(login, until),
    )
    found: dict[str, list[Row]] = {}
    for (source, day), of_day in groupby(rows, key=lambda row: (row["source"], row["observed_on"])):
        for _, version in groupby(of_day, key=lambda row: row["source_commit"]):
            last = {row["organisation"].casefold(): row["open_repositories"] for row in version}
        found.setdefault(source, []).append(
            {"date": day, "open_repositories": sum(last.values()), "organisations": len(last)}
        )
    return found


def thinned(before: dict[str, list[Row]], days: int = 24) -> list[Row]:
    """So many days of each source's counts, including the last one, to fit into a table."""
    return [
        {"source": source, "days": rows[::-1][:: max(1, -(-len(rows) // days))]} for source, rows in before.items()
    ]


def feed(gone: Sequence[Row], closed: Sequence[Row], observed_at: str, site: str, title: str) -> bytes:
    """Losses as Atom, the last confirmed first; closures come before their repositories."""
    page = site + PAGE
    entries = [
        Entry(
            ("closure", each["organisation"].casefold(), each["first_missing"], each["source"] or ""),
            _headline(each),
            f"{each['last_missing']}T00:00:00Z" if each["source"] else each["observed_at"],
            f"{page}#closures",
            f"{_headline(each)}: {each['gone']:,} of {each['repositories_before']:,}, between {each['last_seen']} and"
            f" {each['last_missing']}.",
            "closure",
        )
        for each in closed[:ENTRIES]
    ]
    entries += [
        Entry(
            ("gone", str(each["repository_id"]), each["missing_at"]),
            f"{each['full_name']}: {each['became']}",
            max(each["vanished_at"], each["whereabouts_at"] or ""),
            each["moved_to_url"] or f"{page}?{urlencode({'organisation': each['organisation']})}#which",
            f"{each['full_name']} was last observed on {each['last_observed_at'][:10]}, and missing from"
            f" {each['missing_at'][:10]} on{_believed(each)}. Whereabouts: {each['became']}. Licence:"
            f" {each['license'] or 'none found'}. {each['description'] or ''}".strip(),
            each["whereabouts"],
        )
        for each in sorted(gone, key=lambda each: each["vanished_at"], reverse=True)[:ENTRIES]
    ]
    entries.sort(key=lambda entry: (entry.updated, entry.category == "closure"), reverse=True)
    updated = entries[0].updated if entries else observed_at
    return atom.document(
        ("no longer public",), f"No longer public: {title}", title, updated, site + FEED, page, entries
    )


def _believed(each: Row) -> str:
    """Since when it counts as gone, if that is not the day on which it was first missing."""
    day = each["vanished_at"][:10]
    return "" if day == each["missing_at"][:10] else f", which was confirmed on {day}"


def _headline(each: Row) -> str:
    if each["source"]:
        return f"According to {each['source']}, {percent(each['share'])} of {each['name']} disappeared"
    return f"{percent(each['share'])} of {each['name']} disappeared"


def _whereabouts(each: Row) -> str:
    fate = WHEREABOUTS_TEXTS.get(each["whereabouts"], WHEREABOUTS_TEXTS["unknown"])
    if each["moved_to"]:
        return f"{fate} to {each['moved_to']}"
    return f"{fate} ({each['blocked_for']})" if each["blocked_for"] else fate
