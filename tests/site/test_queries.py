"""What pages ask of the database, where no page shows it plainly."""

from scraper.database.events import ObservedEvent
from scraper.model.events import Event
from scraper.site.queries import most_important


def observed(day: str, kind: str, name: str = "x/y") -> ObservedEvent:
    return ObservedEvent(f"{day}T04:23:00Z", Event(kind, "x", 1, name))


def test_of_a_busy_day_what_went_comes_before_what_came():
    busy = [observed("2026-11-02", kind) for kind in ("renamed", "appeared", "archived", "vanished")]
    before = [observed("2026-11-01", "vanished", "x/earlier")]
    assert [each.event.kind for each in most_important(busy + before, 2)] == ["vanished", "archived"]
    assert most_important(busy + before, 5) == busy + before
    assert most_important([], 5) == []
