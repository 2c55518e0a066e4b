"""Read the events table back into Event objects, each with the time it was observed."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import orjson

from scraper.model.collections import FACTS
from scraper.model.events import Event
from scraper.model.kinds import COMPOUND
from scraper.model.news import without_repeats

KINDS = {field.name: field.kind for field in FACTS}
READ: dict[str, Callable[[str], object]] = {
    "boolean": "1".__eq__,
    "integer": int,
    **dict.fromkeys(COMPOUND, orjson.loads),
}
"""How to read a value of a kind from the text in the table."""


@dataclass(frozen=True)
class ObservedEvent:
    """An event and when it was observed (UTC, as in the dataset)."""

    observed_at: str
    event: Event


def read_events(connection: sqlite3.Connection, observed_at: str | None = None) -> list[ObservedEvent]:
    """The events of every observation, or of one, in their order."""
    rows = connection.execute(
        "SELECT observed_at, kind, organisation, repository_id, full_name, field, old, new"
        " FROM events WHERE ?1 IS NULL OR observed_at = ?1 ORDER BY id",
        (observed_at,),
    )
    return [
        ObservedEvent(observed_at, Event(kind, login, id_, name, field, _value(field, old), _value(field, new)))
        for observed_at, kind, login, id_, name, field, old, new in rows
    ]


def read_news(connection: sqlite3.Connection) -> list[ObservedEvent]:
    """The same, without events that repeat another one of the same observation."""
    observed = groupby(read_events(connection), key=lambda each: each.observed_at)
    return [
        ObservedEvent(date, event)
        for date, same in observed
        for event in without_repeats(each.event for each in same)
    ]


def _value(field: str | None, text: str | None) -> object:
    return text if text is None else READ.get(KINDS.get(str(field), ""), str)(text)
