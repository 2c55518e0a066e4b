"""Datasette answers the history queries of metadata.json as plain Python does from all observations."""

import json
import sqlite3
from contextlib import closing

import pytest

from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import load
from scraper.model.accounts import Dataset, owners
from tests.helpers import by_hand, history_by_hand
from tests.helpers.datasette_pages import opened
from tests.helpers.life import Life
from tests.helpers.machine import METADATA

QUERIES = json.loads(METADATA.read_text(encoding="utf-8"))["databases"]["open-source-health"]["queries"]


@pytest.fixture(scope="module")
def lived(tmp_path_factory) -> tuple[Life, list[Dataset]]:
    """Twenty months: a run a fortnight, in some of which organisations fail."""
    life = Life(tmp_path_factory.mktemp("lived") / "repository", seed=3)
    states = []
    for number in range(40):
        life.turn(12)
        life.day += 13
        life.observe(*(life.chance.sample(life.logins, 1) if number % 4 == 1 else ()))
        life.commit()
        states.append(load(life.data))
    life.build()
    return life, states


ASKED = [
    {},
    {"organisation": "ORGANISATION-1"},
    {"organisation": "organisation-4", "month": "2020-06", "since": "2020-09-01"},
    {"month": "2020-02", "since": "2019-01-01", "until": "2020-03", "repository": "somebody/repository-3"},
    {"since": "2020-03", "until": "2020"},
    {"repository": "nobody/nothing", "organisation": "nobody", "since": "2031-01-01"},
]


@pytest.mark.parametrize("asked", ASKED, ids=range(len(ASKED)))
@pytest.mark.parametrize("query", history_by_hand.ANSWERS)
def test_queries_answer_right(lived, query, asked):
    life, states = lived
    taken = {name: value for name, value in asked.items() if name in QUERIES[query].get("params", [])}
    expected = history_by_hand.ANSWERS[query](states, **taken)

    with opened(life.data / DATABASE_FILE, states[-1]) as site:
        rows = site.rows(query, **taken)

    names = expected[0].keys() if expected else []
    assert [{name: row[name] for name in names} for row in rows] == expected
    assert expected or asked


def test_stars_are_counted_since_any_day(lived):
    life, states = lived
    with opened(life.data / DATABASE_FILE, states[-1]) as site:
        for state in states:
            day = history_by_hand.date(state)[:10]
            expected = history_by_hand.stars_gained(states, since=day)
            found = site.rows("stars_gained", since=day)
            assert [{name: row[name] for name in ("name", "gained", "stargazers_count")} for row in found] == expected


def test_pages_of_history_link_to_lives_and_open(lived):
    life, states = lived
    with opened(life.data / DATABASE_FILE, states[-1]) as site:
        for table in (
            "observations",
            "known_repositories",
            "events",
            "organisation_history",
            "metric_history",
            "duplicate_listings",
        ):
            assert site.get(f"/open-source-health/{table}").status_code == 200
        page = site.get("/open-source-health/events").text
    assert '<a href="/open-source-health/known_repositories/' in page
    assert ">somebody/repository-" in page


def test_views_say_what_the_tables_do(lived):
    """Query everything at once; the queries that build on these views are compared with plain Python above."""
    life, _ = lived
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:

        def rows(sql: str) -> list[tuple]:
            return connection.execute(sql).fetchall()

        assert rows("SELECT count(*) FROM repository_timeline") == rows(
            "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM known_repositories)"
        )
        assert rows("SELECT id, month FROM monthly_events ORDER BY id") == rows(
            "SELECT id, strftime('%Y-%m', observed_at) FROM events WHERE kind != 'changed' ORDER BY id"
        )
        assert set(rows("SELECT repository_id, first_stargazers_count, gained FROM stars_since_first_observed")) == {
            (id_, first, now - first)
            for id_, now in rows("SELECT id, stargazers_count FROM repositories")
            for (first,) in rows(
                "SELECT stargazers_count FROM metric_history"
                f" WHERE repository_id = {id_} ORDER BY observed_at LIMIT 1"
            )
        }


def test_observed_counts_are_beside_those_by_todays_list(lived):
    life, states = lived
    now = list(by_hand.repositories(states[-1]))
    expected = {
        (history_by_hand.date(state), login): (
            sum(owner.record["login"] == login and not record["fork"] for owner, record in owners(state).values()),
            sum(
                row["organisation"] == login and row["created_at"][:10] <= history_by_hand.date(state)[:10]
                for row in now
            ),
        )
        for state in states
        for login in by_hand.observed_at(state)
    }
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
        rows = connection.execute("SELECT * FROM observed_vs_created").fetchall()
    assert {(when, login): counts for when, login, *counts in map(list, rows)} == {
        key: list(counts) for key, counts in expected.items()
    }
    assert len({created for _, created in expected.values()}) > 10
