"""Which events pages show if there is no room for all."""

import re
from contextlib import closing

from scraper.database.events import ObservedEvent
from scraper.database.metadata import default_metadata
from scraper.model.events import Event
from scraper.site.configuration import read_configuration
from scraper.site.events import most_important
from scraper.site.pages import pages
from scraper.site.queries import connect
from tests.helpers.built import built
from tests.helpers.examples import lively


def observed(day: str, kind: str, name: str = "x/y") -> ObservedEvent:
    return ObservedEvent(f"{day}T04:23:00Z", Event(kind, "x", 1, name))


def test_on_a_busy_day_losses_come_before_gains():
    busy = [observed("2026-11-02", kind) for kind in ("renamed", "appeared", "archived", "vanished")]
    before = [observed("2026-11-01", "vanished", "x/earlier")]
    assert [each.event.kind for each in most_important(busy + before, 2)] == ["vanished", "archived"]
    assert most_important(busy + before, 5) == busy + before
    assert most_important([], 5) == []


def test_pages_without_room_for_a_whole_day_show_its_losses(tmp_path, monkeypatch):
    monkeypatch.setattr("scraper.site.pages.EVENTS", 2)
    monkeypatch.setattr("scraper.site.pages.EVENTS_OF_ONE", 1)
    configuration, _ = read_configuration(None, default_metadata(), None)
    with closing(connect(built(tmp_path, *lively()))) as connection:
        found = pages(connection, configuration, explore=None, pictures=(), downloads={})
    kinds = re.compile('<span class="kind [a-z]+">([a-z ]+)</span>')
    assert re.search(r"The 2 most important of \d+ on the last day\.", found["events.html"].decode())
    assert kinds.findall(found["events.html"].decode()) == ["archived", "vanished"]
    assert kinds.findall(found["organisations/Alder.html"].decode()) == ["archived"]
