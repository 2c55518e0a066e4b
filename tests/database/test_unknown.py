"""What GitHub did not say is in no figure: neither in the part nor in the whole of a share."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scraper.site import exports, queries
from scraper.site.configuration import Configuration
from scraper.site.pages import pages
from scraper.site.pictures import pictures
from tests.helpers.built import built
from tests.helpers.examples import make_account, repository
from tests.helpers.machine import ROOT

LONG_AGO = "2001-01-01T00:00:00Z"
OF = {"organisation": "alder"}


def silent(identity: int, *fields: str) -> dict[str, object]:
    """A repository for which GitHub did not report these fields."""
    return {name: value for name, value in repository(identity).items() if name not in fields}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """For each fact, one repository with it, one without, and two for which it is unknown."""
    account = make_account(
        "alder",
        repository(1, license="MIT", language="Go", archived=True),
        repository(2, pushed_at=LONG_AGO),
        *(silent(n, "license", "language", "archived", "pushed_at") for n in (3, 4)),
    )
    with closing(sqlite3.connect(built(tmp_path, {"alder": account}))) as connection:
        yield connection


def asked(connection: sqlite3.Connection, query: str) -> list[tuple]:
    return connection.execute((ROOT / f"metadata/queries/{query}.sql").read_text(), OF).fetchall()


def test_shares_are_of_the_repositories_for_which_it_is_known(connection):
    [row] = queries.rows(connection, "SELECT * FROM organisation_statistics")
    assert row["open_repositories"] == 4
    assert (row["with_license"], row["without_license"], row["license_share"]) == (1, 1, 0.5)
    assert (row["archived"], row["not_archived"]) == (1, 1)
    assert (row["pushed_last_year"], row["not_pushed_last_year"]) == (1, 1)
    assert connection.execute("SELECT without_license FROM organisation_history").fetchall() == [(1,)]
    for table in ("license_growth", "language_growth"):
        assert connection.execute(f"SELECT sum(created) FROM {table}").fetchall() == [(2,)]


def test_which_values_are_unknown_can_be_asked(connection):
    found = connection.execute("SELECT field FROM unknown_values WHERE repository_id = 3").fetchall()
    assert {"license", "language", "archived", "pushed_at"} <= {field for (field,) in found}
    assert connection.execute("SELECT count(*) FROM unknown_values WHERE field = 'license'").fetchall() == [(2,)]


def test_queries_neither_list_nor_count_what_is_unknown(connection):
    assert [row[1] for row in asked(connection, "without_license")] == ["repository-2"]
    assert asked(connection, "without_license_by_organisation") == [("alder", 4, 1, 50.0)]
    assert [(row[0], row[3], row[4]) for row in asked(connection, "licenses_in_use")] == [
        (None, 1, 50.0),
        ("MIT", 1, 50.0),
    ]
    assert [row[1] for row in asked(connection, "not_pushed_for_two_years")] == ["repository-2"]


def test_unknown_archiving_and_unknown_pushes_are_not_neglect(tmp_path):
    account = make_account("alder", silent(1, "archived") | {"pushed_at": LONG_AGO}, silent(2, "pushed_at"))
    with closing(sqlite3.connect(built(tmp_path, {"alder": account}))) as connection:
        assert asked(connection, "not_pushed_for_two_years") == []
        assert asked(connection, "who_stopped_pushing") == []
        assert queries.activity(connection) == [
            {"organisation": "alder", "open_repositories": 2, "pushed": "unknown"}
        ]


def test_the_site_neither_lists_nor_counts_what_is_unknown(connection):
    site = pages(
        connection, Configuration("T", "T", "#005ea5", None, None, None), explore=None, pictures=(), downloads={}
    )
    assert (
        "GitHub found one in 50% of the open repositories; in 1 it did not. For 2 it is unknown."
        in site["licences.html"].decode()
    )
    assert "50%" in site["index.html"].decode()
    assert [each["id"] for each in queries.without_license(connection, "alder", 9)] == [2]
    assert exports.downloads(connection)[exports.WORKLIST].count(b"\r\n") == 2
    assert b">50%<" in pictures(connection, {})["badges/licences.svg"]
