"""When to believe a list that is shorter than GitHub's count.

A count may be some minutes old, and an outage can empty a page, so a short list is refused at first. But GitHub
counts some repositories that it never lists: once its answer has been exactly the same on several days, it is
believed.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, cast

from scraper.model.fields import Record
from scraper.text import count

DAYS = 3
"""Longer than GitHub's outages, and short enough for a weekly schedule to get there within a month."""
SHARE = 20
"""At most one in so many repositories (or a single one) may be missing from a list; more look like a lost page."""


def mismatch(counted: int, ids: Iterable[int]) -> Record:
    """A count, and the list that does not match it."""
    listed = sorted(ids)
    digest = sha256(",".join(map(str, listed)).encode()).hexdigest()
    return {"counted": counted, "listed": len(listed), "ids": digest[:16]}


def loss(ids: Sequence[int]) -> Record:
    """Expected repositories that are no longer listed, as a mismatch, which is equal as long as they are the same."""
    return mismatch(len(ids), ids) | {"listed": 0}


def seen_on(day: str, found: Record, last: object) -> Record:
    """The mismatch found on this day, with all days on which it was the same; `last` is the recorded one."""
    earlier = [each for each in _days(last) if each < day] if _is_same(found, last) else []
    return found | {"days": [*earlier, day][:DAYS]}


def is_believed(day: str, found: Record, unlisted: int, last: object) -> bool:
    """Whether so many are known to be `unlisted`, or GitHub's answer was exactly the same on enough earlier days."""
    counted, listed = cast(int, found["counted"]), cast(int, found["listed"])
    missing = counted - listed
    return (missing <= unlisted or is_settled(day, found, last)) and missing <= max(1, counted // SHARE)


def is_settled(day: str, found: Record, last: object, since: str = "9999-12-31") -> bool:
    """Whether GitHub's answer was exactly the same on enough earlier days, one of them not after `since`."""
    days = _days(last)
    return _is_same(found, last) and sum(each < day for each in days) >= DAYS and days[0] <= since


def first_day(found: Record, last: object) -> str | None:
    """The first day on which GitHub's answer was exactly the same, if there was one."""
    return next(iter(_days(last)), None) if _is_same(found, last) else None


def warning(counted: int, unlisted: int) -> str:
    """The warning about a short list that is believed."""
    return (
        f"GitHub counts {count(counted, 'public repository')} and lists {counted - unlisted:,}. It did so on {DAYS}"
        " days, so the list is believed."
    )


def _is_same(found: Record, last: Any) -> bool:
    return isinstance(last, dict) and {name: last[name] for name in found} == found


def _days(last: Any) -> list[str]:
    return cast(list[str], last["days"]) if isinstance(last, dict) else []
