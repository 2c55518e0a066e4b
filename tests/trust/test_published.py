"""Published text from strangers and servers: links lead to the right server, and no event is lost."""

from contextlib import closing
from xml.etree import ElementTree

import pytest

from scraper.database.build import build
from scraper.database.events import ObservedEvent
from scraper.dataset.store import save
from scraper.model.events import Event
from scraper.site import queries
from scraper.site.configuration import Configuration
from scraper.site.feeds import ENTRIES, GITHUB, MOST_ENTRIES, feed, feeds
from scraper.site.pages import pages
from tests.helpers import atom
from tests.helpers.examples import make_account, repository
from tests.helpers.life import Life

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "https://example.org/"
ENTERPRISE = "https://code.example.org:8443"


def observed(number, day):
    return ObservedEvent(f"2026-01-{day:02}T12:00:00Z", Event("appeared", "alder", number, f"alder/r{number}"))


def entries(content):
    assert atom.faults(content) == []
    return ElementTree.fromstring(content).findall(f"{ATOM}entry")


def hosted(folder, *addresses):
    """A database of repositories with these addresses."""
    raw = [repository(number, html_url=address) for number, address in enumerate(addresses, 1)]
    save(folder / "data", {"alder": make_account("alder", *raw, id=1)})
    build(folder / "data", folder / "x.db")
    return closing(queries.connect(folder / "x.db"))


@pytest.mark.parametrize(
    ("addresses", "server"),
    [
        ([f"{ENTERPRISE}/somebody/repository-1"], ENTERPRISE),
        (["http://localhost:3000/somebody/repository-1"], "http://localhost:3000"),
        ([], GITHUB),
        (["javascript:alert(1)/somebody/repository-1", "https://a@b/somebody/repository-2"], GITHUB),
        (['https://"><script>/somebody/repository-1'], GITHUB),
        # A planted address does not outweigh the others.
        (
            ["https://evil.example/somebody/repository-1", *(f"{GITHUB}/somebody/repository-{n}" for n in (2, 3))],
            GITHUB,
        ),
        ([f"{GITHUB}/somebody/else"], GITHUB),
    ],
)
def test_the_server_is_the_one_that_most_repositories_are_on(tmp_path, addresses, server):
    with hosted(tmp_path, *addresses) as connection:
        assert queries.server(connection) == server


def test_on_an_enterprise_server_every_link_to_the_code_leads_there(tmp_path):
    life = Life(tmp_path / "repository")
    for owned in life.world.values():
        for record in owned.values():
            record["html_url"] = f"{ENTERPRISE}/{record['full_name']}"
    life.run()
    life.appear(life.logins[0])
    life.run()
    site = Configuration("Title", "About", "#0b5a72", SITE, None, None)
    with closing(queries.connect(life.data / "open-source-health.db")) as connection:
        html = pages(connection, site, explore=None, pictures=(), downloads={})
        server = queries.server(connection)
    assert server == ENTERPRISE
    for path in ("events.html", "index.html", f"organisations/{life.logins[0]}.html"):
        assert f'href="{ENTERPRISE}/somebody/'.encode() in html[path]
    page = html[f"organisations/{life.logins[1]}.html"].decode()
    assert (
        f'<a href="{ENTERPRISE}/{life.logins[1]}" rel="noopener">code.example.org:8443/{life.logins[1]}</a>' in page
    )
    assert "github.com" not in page
    for content in feeds([observed(1, 1)], "2026-01-01T12:00:00Z", SITE, ["alder"], server=ENTERPRISE).values():
        [entry] = entries(content)
        assert entry.find(f"{ATOM}link").get("href") == f"{ENTERPRISE}/alder/r1"


@pytest.mark.parametrize("latest", [1, ENTRIES, ENTRIES + 1, MOST_ENTRIES])
def test_all_events_of_the_newest_observation_are_in_a_feed(latest):
    events = [observed(number, 1) for number in range(ENTRIES)] + [observed(ENTRIES + n, 2) for n in range(latest)]
    found = entries(feed(events, "2026-01-02T12:00:00Z", SITE, "feed.xml"))
    assert len(found) == max(ENTRIES, latest)
    titles = {entry.findtext(f"{ATOM}title") for entry in found}
    assert titles >= {f"alder/r{ENTRIES + n} appeared" for n in range(latest)}


def test_a_feed_says_what_it_leaves_out_and_where_to_find_it():
    events = [observed(number, 2) for number in range(MOST_ENTRIES + 1234)]
    content = feeds(events, "2026-01-02T12:00:00Z", SITE, ["alder"])
    for path in ("feed.xml", "feeds/alder.xml"):
        *found, last = entries(content[path])
        assert len(found) == MOST_ENTRIES
        assert last.findtext(f"{ATOM}title") == "Observed at the same time: 1,234 more events"
        assert last.find(f"{ATOM}link").get("href") == f"{SITE}downloads/events.csv"
        assert last.findtext(f"{ATOM}updated") == "2026-01-02T12:00:00Z"
    ids = {entries(each)[-1].findtext(f"{ATOM}id") for each in content.values()}
    assert len(ids) == len(content)
