"""Feeds are valid Atom, whatever is in the events; the same events give the same bytes, with the same ids."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.database.events import ObservedEvent
from scraper.model.closures import Closure
from scraper.model.events import KINDS, Event
from scraper.site.feeds import ENTRIES, feed, feeds, sentence
from tests.helpers import atom
from tests.helpers.examples import HOSTILE

ATOM = "{http://www.w3.org/2005/Atom}"
NOW, SITE = "2026-01-31T12:00:00Z", "https://example.org/health"


def observed(number, kind="appeared", organisation="alder", **changes):
    return ObservedEvent(
        f"2026-01-{number:02}T12:00:00Z", Event(kind, organisation, number, f"{organisation}/r{number}", **changes)
    )


EVENTS = [
    observed(1),
    observed(2, "vanished", "Birch"),
    observed(3, "transferred", "birch", field="organisation", old="Alder", new="birch"),
]


def entries(content):
    return ElementTree.fromstring(content).findall(f"{ATOM}entry")


def texts(element, name):
    return [found.text for found in element.iter(f"{ATOM}{name}")]


def test_a_feed_has_what_atom_requires():
    for content in feeds(EVENTS, NOW, SITE, ["Alder", "cedar"], "A title").values():
        assert atom.faults(content) == []
    root = ElementTree.fromstring(feed(EVENTS, NOW, SITE, "feed.xml"))

    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
    assert [link.attrib for link in root.findall(f"{ATOM}link")] == [
        {"rel": "self", "type": "application/atom+xml", "href": "https://example.org/health/feed.xml"},
        {"rel": "alternate", "type": "text/html", "href": "https://example.org/health/"},
    ]
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    assert root.findtext(f"{ATOM}updated") == "2026-01-03T12:00:00Z"


@pytest.mark.parametrize(
    "right, wrong",
    [
        (b"<updated>2026-01-03T12:00:00Z", b"<updated>2026-01-03 12:00"),
        (b"<updated>2026-01-03T12:00:00Z", b"<updated>2026-01-04T12:00:00Z"),
        (b"<author>", b"<someone>"),
        (b"<category term=", b"<category name="),
        (b'rel="self"', b'rel="next"'),
        (b"<title>birch/r3", b"<title>birch</title><title>/r3"),
        (b'<link rel="alternate" href="https:', b'<link rel="alternate" href="javascript:'),
        (b"<id>urn:uuid:", b"<id>"),
        (b'<content type="text">', b'<content type="text"><b/>'),
    ],
)
def test_the_reader_that_checks_feeds_is_strict(right, wrong):
    content = feed(EVENTS, NOW, SITE, "feed.xml")
    assert right in content
    broken = content.replace(right, wrong, 1).replace(
        b"</author>", b"</someone>" if b"someone" in wrong else b"</author>"
    )
    assert atom.faults(broken)


def test_two_entries_of_one_event_are_a_fault():
    assert atom.faults(feed([EVENTS[0], EVENTS[0]], NOW, SITE, "feed.xml"))


def test_the_newest_come_first_and_not_for_ever():
    many = [observed(1)] * 5 + [observed(number % 28 + 1) for number in range(ENTRIES)]

    found = entries(feed(many, NOW, SITE, "feed.xml"))

    assert len(found) == ENTRIES
    assert found[0].findtext(f"{ATOM}updated") == many[-1].observed_at


def test_an_organisation_has_its_own_feed_and_a_transfer_is_in_two():
    found = feeds(EVENTS, NOW, SITE, ["ALDER", "birch", "cedar"])

    assert [len(entries(content)) for content in found.values()] == [3, 2, 2, 0]
    assert list(found) == ["feed.xml", "feeds/ALDER.xml", "feeds/birch.xml", "feeds/cedar.xml"]
    assert ElementTree.fromstring(found["feeds/cedar.xml"]).findtext(f"{ATOM}updated") == NOW


def test_ids_are_unique_and_stay_when_the_site_moves_or_a_repository_is_renamed():
    first = texts(ElementTree.fromstring(feed(EVENTS, NOW, SITE, "feed.xml")), "id")
    moved = texts(ElementTree.fromstring(feed([*EVENTS, observed(4)], NOW, "http://elsewhere", "feed.xml")), "id")

    assert len(set(first)) == len(first) == 4
    assert set(first) < set(moved)
    assert all(id_.startswith("urn:uuid:") for id_ in first)
    # A new one would show every reader all events again.
    assert first[0] == FEED_ID


def test_the_site_gives_its_title_and_is_the_author():
    found = feeds(EVENTS, NOW, SITE, ["birch"], title="Open & healthy")

    roots = {path: ElementTree.fromstring(content) for path, content in found.items()}
    assert {path: root.findtext(f"{ATOM}title") for path, root in roots.items()} == {
        "feed.xml": "Open & healthy",
        "feeds/birch.xml": "birch: Open & healthy",
    }
    assert {root.findtext(f"{ATOM}author/{ATOM}name") for root in roots.values()} == {"Open & healthy"}


FEED_ID = "urn:uuid:e0182857-ff34-5bd5-a791-b9ee1539e187"


@given(st.text() | st.just(HOSTILE), st.text() | st.none(), st.sampled_from(KINDS))
def test_everything_in_an_event_is_text(name, value, kind):
    event = Event(kind, name, 1, f"{name}/{name}", "description", value, value)

    content = feed([ObservedEvent(NOW, event)], NOW, SITE, "feed.xml", login=name)

    [entry] = entries(content)
    assert atom.faults(content) == []
    assert b"<script" not in content
    assert len(list(entry)) == 6
    assert content == feed([ObservedEvent(NOW, event)], NOW, SITE, "feed.xml", login=name)


def test_control_characters_that_xml_cannot_hold_are_replaced():
    [entry] = entries(feed([observed(1, organisation="a\x1b[31m\x00\ufffe\ud800b")], NOW, SITE, "feed.xml"))

    assert entry.findtext(f"{ATOM}title") == "a\ufffd[31m\ufffd\ufffd\ufffdb/r1 appeared"


@pytest.mark.parametrize(
    "event, said",
    [
        (observed(1), "alder/r1 appeared"),
        (observed(1, "renamed", field="name", old="old", new="r1"), "alder/r1 was renamed from old"),
        (observed(1, "relicensed", field="license", old="MIT"), "alder/r1 lost its licence: MIT"),
        (observed(1, "relicensed", field="license", new="MIT"), "alder/r1 gained a licence: MIT"),
        (
            observed(1, "relicensed", field="license", old="MIT", new="ISC"),
            "alder/r1 changed its licence from MIT to ISC",
        ),
        (
            observed(1, "traced", field="whereabouts", new="moved: b/r"),
            "alder/r1, which vanished earlier, is public as b/r",
        ),
        (observed(1, "traced", field="whereabouts", old="unlisted", new="moved: b/r"), "alder/r1 is public as b/r"),
        (observed(1, "vanished", field="whereabouts", new="moved: b/r"), "alder/r1 moved to b/r"),
        (observed(1, "archived", field="archived", old=False, new=True), "alder/r1 was archived"),
        (
            observed(1, "changed", field="topics", old=[], new=["a", "b"]),
            "alder/r1 changed its topics from none to a, b",
        ),
        (
            observed(1, "changed", field="has_wiki", old=True, new=False),
            "alder/r1 switched its wiki off",
        ),
    ],
)
def test_every_event_is_a_sentence(event, said):
    assert sentence(event.event) == said


def closed(organisation, first, last):
    dates = [f"2026-01-{day:02}T12:00:00Z" for day in (first - 1, first, first, last)]
    counts = (100, 20, 80, 0.8, 1, {"elsewhere": 1}, 0, 0, 79, 0, 3, 4, 5, 6, 7, {"MIT": 73})
    return Closure(organisation, *dates, *counts)


def test_a_closure_comes_before_the_events_of_its_observation_and_stays_one_entry_while_it_goes_on():
    content = feeds(EVENTS, NOW, SITE, ["Alder", "birch"], closures=[closed("birch", 2, 2), closed(HOSTILE, 1, 1)])
    assert all(atom.faults(each) == [] for each in content.values())
    titles = texts(ElementTree.fromstring(content["feed.xml"]), "title")[1:]
    assert [title.partition(":")[0] for title in titles][1] == "birch"
    assert titles[1] == "birch: 80 of 100 repositories gone"
    assert "Birch/r2" in titles[2]
    assert not any("<script>" in title for title in titles)
    assert len(titles) == len(EVENTS) + 2
    assert b"closure" not in content["feeds/Alder.xml"]
    ids = [
        next(entry.findtext(f"{ATOM}id") for entry in entries(feed(EVENTS, NOW, SITE, "feed.xml", closures=[each])))
        for each in (closed("birch", 2, 3), closed("Birch", 2, 4), closed("birch", 1, 4))
    ]
    assert ids[0] == ids[1] != ids[2]


def test_a_full_feed_leaves_out_what_matters_least(monkeypatch):
    monkeypatch.setattr("scraper.site.feeds.MOST_ENTRIES", 3)
    kinds = ("vanished", "renamed", "released", "archived", "released", "relicensed")
    happened = [
        ObservedEvent(NOW, Event(kind, "alder", number, f"alder/r{number}", old="MIT"))
        for number, kind in enumerate(kinds)
    ]
    content = feed([observed(1), *happened], NOW, SITE, "feed.xml")
    assert [entry.find(f"{ATOM}category").attrib["term"] for entry in entries(content)[:-1]] == [
        *("relicensed", "archived", "vanished")
    ]
    assert entries(content)[-1].findtext(f"{ATOM}title") == "Observed at the same time: 3 more events"
