"""Statistics computed from the repositories, compared with counts by hand."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.database.languages import FOLDED
from scraper.database.statistics import statistics
from scraper.model.accounts import Dataset
from tests.helpers import by_hand
from tests.helpers.built import built
from tests.helpers.examples import make_account, repository

Ask = Callable[[str], list[tuple]]

COUNTED_AT = {"Alder": "2021-02-28T12:00:00Z", "birch": "2024-03-01T00:00:00Z", "Cedar": "2019-02-21T05:00:00Z"}
# One second before each limit and exactly on it, 365 days earlier; one of them across a 29 February.
PUSHED_AT = (
    *("2020-02-29T11:59:59Z", "2020-02-29T12:00:00Z", "2023-03-01T23:59:59Z", "2023-03-02T00:00:00Z"),
    *("2018-02-21T04:59:59Z", "2018-02-21T05:00:00Z", "2025-01-01T00:00:00Z"),
)
names = st.none() | st.sampled_from(["Python", "R", "python", "HTML", "Jupyter Notebook", ""])
numbers = st.none() | st.integers(0, 2**40)
repositories = st.fixed_dictionaries(
    {
        "id": st.integers(1, 10**9),
        "organisation": st.sampled_from(list(COUNTED_AT)),
        "created_at": st.sampled_from(
            [f"20{y}-02-2{d}T0{h}:00:00Z" for y in (19, 21) for d in (1, 8) for h in (0, 9)]
        ),
        "pushed_at": st.none() | st.sampled_from(PUSHED_AT),
        "fork": st.booleans(),
        "archived": st.none() | st.booleans(),
        "language": names,
        "license": names,
        "stargazers_count": numbers,
        "forks_count": numbers,
        "open_issues_count": numbers,
        "unknown_fields": st.none()
        | st.sets(st.sampled_from(["archived", "language", "license", "pushed_at"]), min_size=1).map(
            lambda names: json.dumps(sorted(names))
        ),
    }
).map(lambda row: row | dict.fromkeys(json.loads(row["unknown_fields"] or "[]")))


@given(st.lists(repositories, max_size=40))
@example([])
def test_statistics_are_what_counting_by_hand_gives(rows: list[by_hand.Row]) -> None:
    check(rows, COUNTED_AT)


def test_statistics_of_an_estate_are_what_counting_by_hand_gives(estate_dataset: Dataset) -> None:
    check(list(by_hand.repositories(estate_dataset, forks=True)), by_hand.observed_at(estate_dataset))


def check(rows: list[by_hand.Row], observed_at: dict[str, str]) -> None:
    tables = statistics(rows, observed_at)

    assert tables["growth"] == by_hand.growth(rows, observed_at)
    assert tables["organisation_statistics"] == by_hand.organisation_statistics(rows, observed_at)
    assert tables["license_growth"] == by_hand.growth_by_year(rows, observed_at, "license")
    languages = [dict(row) for row in tables["language_growth"]]
    for row in languages:
        assert row.pop("language_group") == ("Markup and notebooks" if row["language"] in FOLDED else row["language"])
    assert languages == by_hand.growth_by_year(rows, observed_at, "language")


def test_where_nothing_was_observed_there_is_nothing_to_count() -> None:
    assert set(map(len, statistics([], {}).values())) == {0}


def test_growth_ends_with_all_repositories_except_forks(tmp_path: Path, estate_dataset: Dataset) -> None:
    rows = list(by_hand.repositories(estate_dataset))
    counted = {
        login: sum(row["organisation"] == login for row in rows) for login in by_hand.observed_at(estate_dataset)
    }
    assert sum(counted.values()) > 700
    for ask in asking(tmp_path, estate_dataset):
        last = ask("SELECT organisation, open_repositories, max(date) FROM growth GROUP BY organisation")
        assert {login: number for login, number, _ in last} == counted
        assert {login: day for login, _, day in last} == {
            login: max([day[:10], *(row["created_at"][:10] for row in rows if row["organisation"] == login)])
            for login, day in by_hand.observed_at(estate_dataset).items()
        }
        some = {login: number for login, number in counted.items() if number}
        for table, value in (("language_growth", "language"), ("license_growth", "license")):
            ends = f"SELECT organisation, {value}, open_repositories, max(created_year) FROM {table} GROUP BY 1, 2"
            assert dict(ask(f"SELECT organisation, sum(open_repositories) FROM ({ends}) GROUP BY 1")) == some


@pytest.fixture
def ask(tmp_path: Path, invented: Dataset) -> Iterator[Ask]:
    yield from asking(tmp_path, invented)


def asking(folder: Path, dataset: Dataset) -> Iterator[Ask]:
    with closing(sqlite3.connect(built(folder, dataset))) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def test_each_organisation_that_was_observed_has_one_row(ask: Ask) -> None:
    """Five repositories, two of them with unknown numbers and no licence; and none."""
    rows = ask("SELECT * FROM organisation_statistics")
    assert [row[:9] for row in rows] == [
        ("Alder", "2024-01-31T12:00:00Z", 5, 4, 15, 0, 0, "Python", "MIT"),
        ("birch", "2023-12-31T12:00:00Z", 2, 2, 6, 0, 0, "C++", None),
        ("cedar", "2024-01-31T12:00:00Z", 0, 0, 0, 0, 0, None, None),
    ]
    assert [row[9:] for row in rows] == [
        ("2019-03-01T10:00:00Z", "2021-07-01T00:00:00Z", 2, 2, 0.5, 1, 3, 2, 2),
        ("2019-03-01T10:00:00Z", "2019-03-01T10:00:00Z", 0, 2, 0.0, 0, 1, 1, 1),
        (None, None, 0, 0, None, 0, 0, 0, 0),
    ]


def test_lines_end_with_the_data(ask: Ask) -> None:
    assert ask("SELECT organisation, date, created, open_repositories FROM growth WHERE organisation <> 'ALDER'") == [
        ("birch", "2019-03-01", 2, 2),
        ("birch", "2023-12-31", 0, 2),
        ("cedar", "2024-01-31", 0, 0),
    ]
    assert ask("SELECT * FROM language_growth WHERE organisation = 'ALDER' AND created_year > 2020") == [
        ("Alder", 2021, None, None, 1, 2),
        ("Alder", 2024, None, None, 0, 2),
        ("Alder", 2024, "Python", "Python", 0, 1),
        ("Alder", 2024, "R", "R", 0, 1),
    ]
    assert ask("SELECT * FROM license_growth WHERE organisation = 'birch'") == [
        ("birch", 2019, None, 2, 2),
        ("birch", 2023, None, 0, 2),
    ]


def test_forks_alone_are_not_open_repositories(tmp_path: Path) -> None:
    dataset = {"alder": make_account("alder", repository(1, fork=True, license="MIT", language="R"))}
    for ask in asking(tmp_path, dataset):
        assert ask(
            "SELECT repositories, open_repositories, top_language, license_share FROM organisation_statistics"
        ) == [(1, 0, None, None)]
        assert ask("SELECT date, created, open_repositories, top_license FROM growth") == [("2024-01-31", 0, 0, None)]
        assert ask("SELECT * FROM language_growth UNION ALL SELECT *, 1 FROM license_growth") == []


def test_what_is_newer_than_the_data_ends_the_line(tmp_path: Path) -> None:
    """With a wrong clock, the line neither goes back nor is cut off."""
    raw = repository(1, created_at="2025-02-01T00:00:00Z", language="HTML", license="MIT")
    dataset = {"alder": make_account("alder", raw, observed_at="2024-02-29T00:00:00Z")}
    for ask in asking(tmp_path, dataset):
        assert ask("SELECT date, created FROM growth") == [("2025-02-01", 1)]
        assert ask("SELECT * FROM license_growth") == [("alder", 2025, "MIT", 1, 1)]
        assert ask("SELECT * FROM language_growth") == [("alder", 2025, "HTML", "Markup and notebooks", 1, 1)]
        assert ask("SELECT pushed_last_year FROM organisation_statistics") == [(1,)]
