"""What was released, opened and closed in a period: the view and the queries agree on the same days."""

import sqlite3
from contextlib import closing

import pytest

from scraper.site.queries import rows
from tests.helpers.built import built
from tests.helpers.examples import asked, make_account, repository
from tests.helpers.machine import ROOT

BLANK = {"organisation": "", "since": "", "until": ""}
COUNTED = (
    ("2024-01-01T12:00:00Z", 0, 0),
    ("2024-01-31T12:00:00Z", 5, 3),  # on the day a year before the last, an hour too late for the exact second
    ("2024-02-01T12:00:00Z", 8, 5),
    ("2025-01-30T11:00:00Z", 11, 7),
    ("2025-01-30T11:30:00Z", 11, 7),  # counted again: the same
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    states = []
    for date, releases, merged in COUNTED:
        said = {"releases_count": releases, "pull_requests_open": 1, "pull_requests_merged": merged}
        states.append({"alder": asked(make_account("alder", repository(1), observed_at=date), {1: said}, date)})
    with closing(sqlite3.connect(built(tmp_path_factory.mktemp("counted"), *states))) as connection:
        yield connection


def asking(connection, query, **values):
    cursor = connection.execute((ROOT / f"metadata/queries/{query}.sql").read_text(), BLANK | values)
    return [dict(zip([name for name, *_ in cursor.description], row, strict=True)) for row in cursor]


def test_a_year_begins_with_the_last_count_of_its_day_in_the_view_and_the_queries(connection):
    [year] = rows(connection, "SELECT * FROM development")
    assert (year["since"], year["until"]) == (COUNTED[1][0], COUNTED[4][0])
    assert (year["releases"], year["pull_requests_opened"], year["closure_ratio"]) == (6, 4, 1.0)
    for query in ("release_frequency", "change_request_closure_ratio"):
        [row] = asking(connection, query)
        assert {name: row[name] for name in row.keys() & year.keys()} == {
            name: year[name] for name in row.keys() & year.keys()
        }


@pytest.mark.parametrize(
    "since, until, releases",
    [
        ("2024-01-30", "", 11),
        ("2023-01-01", "2024-01-31", 5),
        ("2024-01-31", "2024-02-01", 3),
        ("2024-02-01", "2024-12-31", None),
    ],
)
def test_any_period_uses_the_last_counts_of_its_days(connection, since, until, releases):
    found = asking(connection, "release_frequency", since=since, until=until)
    assert [row["releases"] for row in found] == ([] if releases is None else [releases])
