"""What pages are told of the database, where no page shows it plainly."""

from scraper.database.events import Told
from scraper.model.events import Event
from scraper.site.queries import NEWS, WEIGHT, weightiest


def told(day: str, kind: str, name: str = "x/y") -> Told:
    return Told(f"{day}T04:23:00Z", Event(kind, "x", 1, name))


def test_of_a_busy_day_what_went_is_told_before_what_came():
    assert sorted(WEIGHT) == sorted(NEWS)
    busy = [told("2026-11-02", kind) for kind in ("renamed", "appeared", "archived", "vanished")]
    before = [told("2026-11-01", "vanished", "x/earlier")]
    assert [each.event.kind for each in weightiest(busy + before, 2)] == ["vanished", "archived"]
    assert weightiest(busy + before, 5) == busy + before
    assert weightiest([], 5) == []
