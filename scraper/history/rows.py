"""Rows of history's tables that follow from a single event or answer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from scraper.history.content import Content
from scraper.model.collections import COUNTERS, FACTS
from scraper.model.events import Event
from scraper.model.fields import Organisation, Record
from scraper.model.kinds import UNKNOWN

Row = tuple[Any, ...]


class Rows(NamedTuple):
    """The rows that an observation adds to history, in the order of their keys."""

    observations: Sequence[Row] = ()
    events: Sequence[Row] = ()
    departures: Sequence[Row] = ()
    whereabouts: Sequence[Row] = ()
    organisation_history: Sequence[Row] = ()
    check_history: Sequence[Row] = ()
    metric_history: Sequence[Row] = ()


LAST_KNOWN = tuple(
    field
    for field in (*FACTS, *COUNTERS)
    if field.name
    in (
        *("description", "homepage", "language", "license", "fork", "archived", "created_at"),
        *("stargazers_count", "forks_count", "pushed_at"),
    )
)
"""The fields that are kept about a repository that its owner no longer has."""


ANSWER = ("whereabouts", "moved_to", "blocked_for", "checked_at")
"""The fields that are recorded about where a repository is."""


class Lifetime(NamedTuple):
    """A row of the table `known_repositories`, without its id."""

    organisation: str
    full_name: str
    fork: bool
    created_at: str
    first_observed_at: str
    vanished_at: str | None
    excluded_at: str | None

    @property
    def is_missing(self) -> bool:
        """Whether it vanished, and is still looked up."""
        return self.vanished_at is not None and self.excluded_at is None


def event_row(number: int, date: str, event: Event) -> Row:
    what = (event.kind, event.organisation, event.repository_id, event.full_name, event.field)
    return (number, date, *what, text_of(event.old), text_of(event.new))


def answer_row(record: Record) -> Row:
    return tuple(None if record[name] is UNKNOWN else record[name] for name in ANSWER)


def departure_row(date: str, missing_at: str, event: Event, loser: Organisation, content: Content) -> Row:
    """What was last known about a repository in the account that no longer has it; `content` is what that had."""
    facts = content.facts[event.repository_id]
    names = (field.name for field in COUNTERS)
    counters = dict(zip(names, content.counters_of(event.repository_id), strict=True))
    known = {field.name: facts.get(field.name, counters.get(field.name)) for field in LAST_KNOWN}
    unknown = sorted(name for name, value in known.items() if value is UNKNOWN)
    return (
        date,
        event.repository_id,
        loser["login"],
        facts["full_name"],
        loser["observed_at"],
        missing_at,
        event.full_name if event.kind == "transferred" else None,
        *(None if value is UNKNOWN else value for value in known.values()),
        text_of(unknown) if unknown else None,
    )


def text_of(value: object) -> str | None:
    """The text of a value, as in the column of `repositories`."""
    match value:
        case None | str():
            return value
        case bool():
            return str(int(value))
        case list() | dict():
            return orjson.dumps(value).decode()
    return str(value)
