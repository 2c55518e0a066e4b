"""Events read from a database equal those that were compared, with every value of the right kind."""

import sqlite3
from contextlib import closing

import pytest

from scraper.database import sql
from scraper.database.events import read_events, read_news
from scraper.database.history_tables import EVENTS
from scraper.history.fold import Timeline, contents
from scraper.model.events import compare
from tests.helpers.examples import make_account, repository

DAYS = ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z")


@pytest.fixture
def states():
    first = (repository(1), repository(2), repository(3))
    second = (
        repository(1, topics=["a", "b"], has_wiki=True, license="MIT", description="0"),
        repository(3, archived=True, name="new"),
        repository(4),
    )
    third = (repository(1, topics=[], has_wiki=False, description=None), repository(2), repository(3), repository(4))
    return [
        {"alder": make_account("alder", *raw, id=1, observed_at=day)}
        for raw, day in zip((first, second, third), DAYS, strict=True)
    ]


def test_events_are_read_as_they_were_written(states):
    state, (first, second, third) = Timeline(), states
    with closing(sqlite3.connect(":memory:")) as store:
        store.execute(sql.create(EVENTS))
        for dataset in states:
            rows = state.observe({key: account.record for key, account in dataset.items()}, contents(dataset))
            sql.insert(store, EVENTS, rows.events)

        every, one = read_events(store), read_events(store, DAYS[1])

    expected = [(DAYS[1], event) for event in compare(first, second)]
    expected += [(DAYS[2], event) for event in compare(second, third, {2: "alder"})]
    assert [(each.observed_at, each.event) for each in every] == expected
    assert one == [each for each in every if each.observed_at == DAYS[1]]
    values = {type(value) for each in every for value in (each.event.old, each.event.new)}
    assert values == {str, bool, list, type(None)}


def test_a_licence_and_its_file_are_one_piece_of_news_if_one_observation_brought_both():
    happened = [
        (DAYS[0], "relicensed", 1, "license", None, "MIT"),
        (DAYS[0], "gained", 1, "license_file", "0", "1"),
        (DAYS[0], "gained", 2, "license_file", "0", "1"),
        (DAYS[1], "relicensed", 2, "license", None, "MIT"),
        (DAYS[1], "relicensed", 1, "license", "MIT", None),
        (DAYS[2], "lost", 1, "license_file", "1", "0"),
        (DAYS[2], "changed", 3, "license_file", "1", "0"),
    ]
    with closing(sqlite3.connect(":memory:")) as store:
        store.execute(sql.create(EVENTS))
        sql.insert(
            store,
            EVENTS,
            [
                (n, day, kind, "alder", id_, f"alder/r{id_}", field, old, new)
                for n, (day, kind, id_, field, old, new) in enumerate(happened)
            ],
        )
        every, news = read_events(store), read_news(store)
    assert len(every) == len(happened)
    assert news == [every[0], *every[2:]]
