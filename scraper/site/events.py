"""The events that pages show: which ones, in which order, and under which day and organisation."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from scraper.database.events import ObservedEvent, read_news
from scraper.model.events import Event
from scraper.model.news import WORDS, word_for


def news(connection: sqlite3.Connection) -> list[ObservedEvent]:
    """The events that pages show, newest first; changed descriptions are only in the feeds and events.csv."""
    return [each for each in read_news(connection) if each.event.kind != "changed"][::-1]


def by_organisation(news: Iterable[ObservedEvent]) -> dict[str, list[ObservedEvent]]:
    """The same events by the lower-case login of the organisations that they concern; a transfer concerns two."""
    found: dict[str, list[ObservedEvent]] = {}
    for each in news:
        logins = {each.event.organisation.casefold()}
        if each.event.kind == "transferred":
            logins.add(str(each.event.old).casefold())
        for login in logins:
            found.setdefault(login, []).append(each)
    return found


def of_last_day(news: list[ObservedEvent]) -> list[ObservedEvent]:
    """The events of the last day that had any."""
    return [each for each in news if each.observed_at[:10] == news[0].observed_at[:10]]


def latest_counts(news: list[ObservedEvent]) -> list[tuple[str, int]]:
    """How many events there were under each word, on the last day that had any."""
    counts = Counter(word_for(each.event) for each in of_last_day(news))
    return [(word, counts[word]) for word in WORDS if counts[word]]


def most_important(news: list[ObservedEvent], number: int) -> list[ObservedEvent]:
    """So many of the newest; if the last day alone has more, its most important ones."""
    last = of_last_day(news)
    if len(last) <= number:
        return news[:number]
    return sorted(last, key=lambda each: WORDS.index(word_for(each.event)))[:number]


def by_day(news: list[ObservedEvent]) -> list[tuple[str, list[tuple[str, list[tuple[str, list[Event]]]]]]]:
    """Events by day (the newest first), organisation and kind."""
    result = []
    for day, of_day in groupby(news, key=lambda each: each.observed_at[:10]):
        events = sorted(
            (each.event for each in of_day),
            key=lambda event: (event.organisation.casefold(), WORDS.index(word_for(event)), event.full_name),
        )
        organisations = [
            (login, [(word, list(same)) for word, same in groupby(own, key=word_for)])
            for login, own in groupby(events, key=lambda event: event.organisation)
        ]
        result.append((day, organisations))
    return result
