"""What others counted: in the database as published, separate from our own counts, and searched for closures."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scraper import threshold
from scraper.database.build import build
from scraper.database.closures import Threshold
from scraper.database.earlier import EARLIER_CLOSURES
from scraper.database.earlier import closures as find
from scraper.database.verify import verify
from scraper.dataset import earlier
from scraper.dataset.earlier import EarlierCount
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import save
from scraper.errors import DatasetError
from tests.helpers.datasette_pages import opened
from tests.helpers.life import Life


def series(*numbers, organisation="alder", source="Them"):
    return [
        EarlierCount(f"2021-{1 + day // 28:02}-{1 + day % 28:02}", organisation, number, source, f"{day:040}")
        for day, number in enumerate(numbers)
    ]


def brief(rows):
    rows = [dict(zip(EARLIER_CLOSURES.column_names, row, strict=True)) for row in rows]
    return [
        (
            row["last_counted_on"][8:],
            row["last_missing_on"][8:],
            row["repositories_before"],
            row["repositories_after"],
        )
        for row in rows
    ]


@pytest.mark.parametrize(
    "numbers, found",
    [
        ((67, 67, 53, 53), [("02", "03", 67, 53)]),
        ((46, 20, 3, 3, 3), [("01", "03", 46, 3)]),
        ((197, 26), [("01", "02", 197, 26)]),
        ((100, 40, 40, 100, 100), []),  # a mistake of theirs, corrected later
        ((100, 40, 40, 40, 90), []),
        ((100, 0, 100, 100, 100, 50, 51, 50), [("05", "06", 100, 50)]),
        ((19, 16, 5, 6), [("01", "03", 19, 5)]),
        ((100, 99, 98, 97, 96, 95, 94), []),
        ((100, 81, 81), []),
        ((9, 5, 5), []),
        ((0, 0, 5, 0), [("03", "04", 5, 0)]),
        ((60, 40, 40, 40, 40, 20, 20), [("01", "02", 60, 40), ("05", "06", 40, 20)]),
        ((5,), []),
    ],
)
def test_a_fall_that_is_large_and_lasts_is_a_closure(numbers, found):
    assert brief(find(series(*numbers), threshold.DEFAULT)) == found


def test_each_source_and_organisation_is_a_series_and_a_days_last_count_counts():
    mixed = sorted(
        series(50, 50, 50) + series(20, 20, 20, source="Others") + series(9, 9, 9, organisation="birch"),
        key=lambda count: count.observed_on,
    )
    assert find(mixed, threshold.DEFAULT) == []
    first, second = series(50, 20)
    assert find([first, second, second._replace(open_repositories=50)], threshold.DEFAULT) == []
    assert len(find([first, second._replace(organisation="ALDER")], threshold.DEFAULT)) == 1
    assert find([first, second], Threshold(repositories=31)) == []


@pytest.fixture
def dataset(tmp_path, invented):
    save(tmp_path / "data", invented)
    return tmp_path / "data"


@pytest.fixture
def built(said):
    """Build the database of a dataset; return its earlier counts and closures, and what was logged."""

    def built(data: Path):
        said()
        build(data, data / DATABASE_FILE)
        with closing(sqlite3.connect(data / DATABASE_FILE)) as database:
            return (
                database.execute("SELECT * FROM earlier_counts").fetchall(),
                database.execute("SELECT * FROM earlier_closures").fetchall(),
                [each for each in said() if "earlier" in each],
            )

    return built


def test_counts_of_others_are_in_separate_tables(dataset, built):
    bare = {path: path.read_bytes() for path in dataset.rglob("*.json*")}
    assert built(dataset) == ([], [], [])
    counts = [*series(8, 3, organisation="ALDER"), *series(4, organisation="gitlab.com/x"), *series(1, 2)]
    earlier.save(
        dataset.parent / "earlier" / "b.csv", sorted(series(7, source="B"), key=lambda each: each.observed_on)
    )
    earlier.save(dataset.parent / "earlier" / "a.csv", sorted(counts[:3], key=lambda each: each.observed_on))
    rows, fallen, said = built(dataset)
    commit = "0" * 40
    assert rows == [
        (1, "2021-01-01", "ALDER", 8, "Them", commit),
        (2, "2021-01-01", "gitlab.com/x", 4, "Them", commit),
        (3, "2021-01-01", "alder", 7, "B", commit),
        (4, "2021-01-02", "ALDER", 3, "Them", f"{1:040}"),
    ]
    assert fallen == [("Them", "ALDER", "2021-01-01", "2021-01-02", "2021-01-02", 8, 3, 5, 0.625, f"{1:040}")]
    assert said == []
    assert {path: path.read_bytes() for path in dataset.rglob("*.json*")} == bare


def test_a_misspelt_organisation_is_named_and_a_wrong_file_leaves_the_database(dataset, built):
    path = dataset.parent / "earlier" / "a.csv"
    earlier.save(path, series(1, organisation="aldre"))
    assert built(dataset)[2] == [
        f"{path}, line 2: aldre is not in the list of organisations. Such counts are kept under their names;"
        " correct the name if it is misspelt."
    ]
    before = (dataset / DATABASE_FILE).read_bytes()
    path.write_text(path.read_text() + "2021-01-02,alder,-1,Them,\n")
    with pytest.raises(DatasetError, match="a.csv, line 3: '-1' is not a number of repositories"):
        built(dataset)
    assert (dataset / DATABASE_FILE).read_bytes() == before


def test_verify_sees_what_others_counted(tmp_path, life_of_one_day):
    data = life_of_one_day
    assert verify(data, data / DATABASE_FILE, lambda done, total: None) == []
    earlier.save(data.parent / "earlier" / "a.csv", series(1))
    assert verify(data, data / DATABASE_FILE, lambda done, total: None) == [
        "earlier_counts: 0 rows, but 1 according to git: 0 that should not be there, 1 missing.",
        "  - 1, '2021-01-01', 'alder', 1, 'Them', '" + "0" * 40 + "'",
    ]


def test_closures_are_asked_for_whoever_counted(dataset, built):
    counts = [*series(30, 9), *series(40, 4, organisation="birch", source="Others")]
    earlier.save(dataset.parent / "earlier" / "a.csv", sorted(counts, key=lambda each: each.observed_on))
    built(dataset)
    with opened(dataset / DATABASE_FILE, {}) as site:
        rows = site.rows("closures_by_any_count")
        own = site.rows("closures_by_any_count", organisation="BIRCH")
    assert [(row["organisation"], row["gone"], row["moved"], row["according_to"]) for row in rows] == [
        ("alder", 21, None, "Them"),
        ("birch", 36, None, "Others"),
    ]
    assert own == rows[1:]


@pytest.fixture
def life_of_one_day(tmp_path):
    life = Life(tmp_path / "repository", seed=1)
    life.observe()
    life.build()
    life.commit()
    return life.data


def test_a_series_is_imported_whole_and_shows_unreported_closures(dataset, built, published):
    earlier.save(
        dataset.parent / "earlier" / "origin.csv",
        [
            EarlierCount(
                each["observed_on"],
                each["organisation"],
                int(each["open_repositories"]),
                "They",
                each["source_commit"],
            )
            for each in published.rows
        ],
    )
    rows, fallen, _ = built(dataset)
    assert [(day, number, commit) for _, day, _, number, _, commit in rows] == [
        (each["observed_on"], int(each["open_repositories"]), each["source_commit"]) for each in published.rows
    ]
    assert [(row[1].casefold(), row[2], row[4], row[5], row[6]) for row in fallen] == published.falls
