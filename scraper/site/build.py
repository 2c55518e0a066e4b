"""Make the whole site from the database, and write it to a folder completely or not at all."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import orjson

from scraper.database.closures import read_closures
from scraper.database.events import read_news
from scraper.dataset.layout import DATABASE_FILE, check_no_link
from scraper.errors import ConfigurationError, DatasetError
from scraper.history.provenance import commit_of
from scraper.site import charts, closures, colours, health, queries
from scraper.site.configuration import Configuration
from scraper.site.explore import build as datasette
from scraper.site.exports import as_json, downloads, offers
from scraper.site.feeds import feeds
from scraper.site.npm import charts_script
from scraper.site.pages import Explore, pages
from scraper.site.swap import replaced

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
MARKER = ".open-source-health-site"
"""A folder with this file is a site that this program made, and may be replaced."""


def build(
    database: Path,
    site: Configuration,
    metadata: dict[str, Any],
    output: Path,
    *,
    with_explore: bool = True,
) -> tuple[int, int]:
    """Make the site of `database` in the folder `output`; return its numbers of files and bytes.

    What was there stays until the new site is complete; it is not touched if it is not a site of this program.
    """
    check_output(output)
    with closing(queries.connect(database)) as connection, staged(output) as folder:
        if not site.url:
            logger.warning(
                "Without --url, or `url:` in site.yml, feeds, sitemap and link previews are left out, because they"
                " need the site's address."
            )
        explore: Explore | None = None
        if with_explore:
            datasette.explore(database, metadata, folder)
            with (folder / "explore" / "page.css").open("a", encoding="utf-8") as style:
                style.write(_tokens(site))
            explore = partial(address_in_datasette, database.stem)
        for path, content in content_of(connection, database, site, metadata, explore).items():
            write(folder, path, content)
        (folder / "static" / "plotly-basic.min.js").write_bytes(charts_script())
        shutil.copyfile(database, folder / "downloads" / DATABASE_FILE)
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def content_of(
    connection: sqlite3.Connection,
    database: Path,
    site: Configuration,
    metadata: dict[str, Any],
    explore: Explore | None,
) -> dict[str, bytes]:
    """Every file that is made from the database, by path, and those that are the same in every site."""
    from scraper.site.pictures import pictures  # vl-convert takes a while to load

    drawn = pictures(connection, metadata)
    files = {**downloads(connection), **as_json(connection, archive_links=site.archive_links)}
    offered = offers(files, database.stat().st_size)
    found = {path.relative_to(STATIC.parent).as_posix(): path.read_bytes() for path in sorted(STATIC.iterdir())}
    found["static/site.css"] = _tokens(site).encode() + found["static/site.css"]
    found |= drawn | files | _figures(connection) | health.badges(connection)
    commit = commit_of(database.parent, queries.files(connection))
    html = pages(connection, site, explore=explore, pictures=drawn, downloads=offered, commit=commit)
    found |= html
    if site.url:
        date = queries.last_observation(connection)
        logins = queries.logins(connection)
        if date:
            gone = closures.no_longer_public(connection, archive_links=site.archive_links)
            closed = closures.closures(connection)
            found[closures.FEED] = closures.feed(gone, closed, date, site.url, site.title)
            found |= feeds(
                *(read_news(connection), date, site.url, logins, site.title, queries.server(connection)),
                closures=read_closures(connection),
            )
        addresses = [site.url + quote(path) for path in html if path not in ("404.html", "index.html")]
        found["sitemap.xml"] = _sitemap([site.url, *addresses])
        found["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {site.url}sitemap.xml\n".encode()
    found[MARKER] = b"Made by oss-health site, which replaces this folder as a whole.\n"
    return found


def check_output(output: Path) -> None:
    """Raise ConfigurationError for a link, and for a folder with anything but a site of this program."""
    try:
        check_no_link(output)
    except DatasetError as error:
        raise ConfigurationError(f"--output: {error}") from None
    if output.exists() and not output.is_dir():
        raise ConfigurationError(f"--output {output} is a file: name a folder.")
    if output.is_dir() and any(output.iterdir()) and not (output / MARKER).is_file():
        raise ConfigurationError(
            f"--output {output} contains something other than a site made by this program: name another"
            f" folder, or empty it."
        )


@contextmanager
def staged(output: Path) -> Iterator[Path]:
    """A folder beside `output` that replaces it if all goes well."""
    try:
        with replaced(Path(os.path.abspath(output)), MARKER) as folder:  # noqa: PTH100 - resolve() would follow a link
            yield folder
    except OSError as error:
        raise DatasetError(f"Cannot write the site to {output}: {error.strerror}.") from error


def write(folder: Path, path: str, content: bytes) -> None:
    """Write one file of the site; `path` may contain a login, and must not lead out of the folder."""
    target = folder / path
    if ".." in Path(path).parts or Path(path).is_absolute():
        raise DatasetError(f"The site cannot have a file {path!r}: a name in the database leads out of its folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def address_in_datasette(name: str, path: str) -> str:
    """The address at which Explore shows a page of the database `name`, or the database itself."""
    return datasette.explore_address(f"/{name}/{path}" if path else "/")


def _figures(connection: sqlite3.Connection) -> dict[str, bytes]:
    listed = queries.organisations(connection)
    newest = queries.headline(listed)["newest"]
    if not newest:
        return {}
    until = newest[:10]
    until_of = {each["login"]: (each["observed_at"] or newest)[:10] for each in listed}
    created, observed = queries.growth(connection), queries.growth_as_observed(connection)
    marked = closures.closures(connection)
    before = closures.counted_before(connection, queries.first_day(connection))
    found = {
        "charts/growth.json": charts.growth(created, observed, listed, until, before, marked),
        "charts/languages.json": charts.by_year(
            queries.through_time(connection, "language_growth", "language_group"), "None found", until, so_far=True
        ),
        "charts/licences.json": charts.by_year(
            queries.through_time(connection, "license_growth", "license"), "None found", until, so_far=True
        ),
        "charts/created.json": charts.created_per_year(queries.created_per_year(connection), listed, until),
    }
    own_created, own_observed, own_marked = map(_by_organisation, (created, observed, marked))
    for login in queries.charted(connection):
        key = login.casefold()
        found[f"charts/organisations/{login}.json"] = charts.organisation_growth(
            own_created.get(key, []),
            own_observed.get(key, []),
            until_of[login],
            closures.counted_before(connection, queries.first_day(connection, login), login),
            own_marked.get(key, []),
        )
    return {path: orjson.dumps(chart) for path, chart in found.items()}


def _by_organisation(rows: list[queries.Row]) -> dict[str, list[queries.Row]]:
    found: dict[str, list[queries.Row]] = {}
    for row in rows:
        found.setdefault(row["organisation"].casefold(), []).append(row)
    return found


def _tokens(site: Configuration) -> str:
    """The colours that are checked for contrast, to put before the style sheet that uses them."""
    light = f"--page: {colours.PAGE_LIGHT}; --surface: #fff; --accent: {site.accent}"
    lighter = colours.for_dark_mode(site.accent)
    dark = f"--page: {colours.PAGE_DARK}; --surface: {colours.SURFACE_DARK}; --accent: {lighter}"
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n\n"


def _sitemap(addresses: list[str]) -> bytes:
    lines = [f"<url><loc>{escape(address)}</loc></url>" for address in addresses]
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return (head + "\n".join(lines) + "\n</urlset>\n").encode()
