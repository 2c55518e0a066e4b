"""The dataset as SQLite: whatever goes in can be queried, and a failed build changes nothing."""

import hashlib
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.database import tables
from scraper.database.build import build
from scraper.dataset.store import save
from scraper.errors import DatasetError
from scraper.model.accounts import Dataset
from scraper.model.collections import COLLECTIONS
from scraper.model.fields import ORGANISATION
from scraper.model.records import known
from tests.helpers import by_hand
from tests.helpers.examples import HOSTILE, make_account, repository
from tests.helpers.killed import looping
from tests.helpers.machine import ROOT

BUILD = "from pathlib import Path; from scraper.database.build import build; build(Path('data'), Path('{}'))"


def built(folder: Path, dataset: Dataset) -> sqlite3.Connection:
    save(folder / "data", dataset)
    build(folder / "data", folder / "x.db")
    connection = sqlite3.connect(folder / "x.db")
    connection.row_factory = sqlite3.Row
    return connection


def of(*accounts) -> Dataset:
    return {account.listed_login.casefold(): account for account in accounts}


@pytest.fixture
def ask(tmp_path, invented) -> Iterator:
    """The rows of a query to the database of the invented dataset, as tuples."""
    with closing(built(tmp_path, invented)) as connection:
        yield lambda sql, *parameters: [tuple(row) for row in connection.execute(sql, parameters)]


@pytest.mark.parametrize("name", ["invented", "estate_dataset"])
def test_every_field_of_every_record_is_in_its_row(tmp_path, request, name):
    dataset = request.getfixturevalue(name)
    with closing(built(tmp_path, dataset)) as connection:
        rows = {row["id"]: dict(row) for row in connection.execute("SELECT * FROM repositories")}
        accounts = {row["login"]: dict(row) for row in connection.execute("SELECT * FROM organisations")}
        topics = {tuple(row) for row in connection.execute("SELECT * FROM topics")}

    records = {record["id"]: record for record in by_hand.repositories(dataset, forks=True)}
    assert rows.keys() == records.keys()
    for identity, record in records.items():
        row = rows[identity]
        for name in ("topics", "languages", "language_bytes"):
            row[name] = orjson.loads(row[name] or "null")
        unknown = orjson.loads(row.pop("unknown_fields") or "[]")
        assert all(row[name] is None for name in unknown)
        assert set(unknown) <= set(orjson.loads(record.pop("unknown_fields")))
        assert row == record | {"created_year": int(record["created_at"][:4])}
    assert topics == {(i, topic) for i, record in records.items() for topic in record["topics"] or []}
    for account in dataset.values():
        row = accounts[account.record["login"]]
        count = row.pop("open_repositories")
        assert row == account.record
        assert count == (None if row["observed_at"] is None else sum(not r["fork"] for r in account.repositories))


def test_every_field_of_the_dataset_is_a_column():
    columns = {table.name: set(table.column_names) for table in tables.TABLES}

    assert columns["organisations"] >= {field.name for field in ORGANISATION}
    assert columns["repositories"] >= {field.name for each in COLLECTIONS for field in each.fields}


def test_keys_and_references_hold(ask):
    assert ask("PRAGMA foreign_key_check") == []
    assert ask("PRAGMA integrity_check") == [("ok",)]
    references = ask(
        'SELECT m.name, f."from", f."table", f."to" FROM sqlite_master m, pragma_foreign_key_list(m.name) f'
        " WHERE m.type = 'table' ORDER BY 1, 2"
    )
    assert references == [
        ("check_exceptions", "check_name", "checks", "name"),
        ("check_exceptions", "repository_id", "repositories", "id"),
        ("check_history", "observed_at", "observations", "observed_at"),
        ("departures", "observed_at", "observations", "observed_at"),
        ("departures", "repository_id", "known_repositories", "id"),
        ("duplicate_listings", "organisation", "organisations", "login"),
        ("duplicate_listings", "repository_id", "repositories", "id"),
        ("events", "observed_at", "observations", "observed_at"),
        ("events", "repository_id", "known_repositories", "id"),
        ("growth", "organisation", "organisations", "login"),
        ("growth", "top_license", "licenses", "spdx_id"),
        ("known_repositories", "excluded_at", "observations", "observed_at"),
        ("known_repositories", "first_observed_at", "observations", "observed_at"),
        ("known_repositories", "vanished_at", "observations", "observed_at"),
        ("language_growth", "organisation", "organisations", "login"),
        ("languages", "repository_id", "repositories", "id"),
        ("license_growth", "license", "licenses", "spdx_id"),
        ("license_growth", "organisation", "organisations", "login"),
        ("metric_history", "observed_at", "observations", "observed_at"),
        ("metric_history", "repository_id", "known_repositories", "id"),
        ("organisation_history", "observed_at", "observations", "observed_at"),
        ("organisation_statistics", "organisation", "organisations", "login"),
        ("organisation_statistics", "top_license", "licenses", "spdx_id"),
        ("repositories", "license", "licenses", "spdx_id"),
        ("repositories", "organisation", "organisations", "login"),
        ("repository_checks", "repository_id", "repositories", "id"),
        ("topics", "repository_id", "repositories", "id"),
        ("whereabouts", "observed_at", "observations", "observed_at"),
        ("whereabouts", "repository_id", "known_repositories", "id"),
    ]


def test_case_does_not_matter_in_logins(ask):
    assert ask("SELECT count(*) FROM repositories WHERE organisation = 'ALDER'") == [(5,)]
    assert ask("SELECT count(*) FROM organisations JOIN growth ON organisation = login WHERE login = 'aLDER'") == [
        (4,)
    ]


def test_licences_are_those_in_use_with_their_names(ask):
    assert ask("SELECT * FROM licenses") == [
        ("LicenseRef-own", None, None),
        ("MIT", "MIT License", 1),
        ("NOASSERTION", "A licence that GitHub cannot name: read the repository's own text", None),
    ]


def test_columns_that_people_filter_by_have_an_index(ask):
    columns = ask("SELECT c.name FROM pragma_index_list('repositories') i, pragma_index_info(i.name) c")

    expected = ["organisation", "language", "license", "created_at", "pushed_at", "stargazers_count", "archived"]
    assert sorted(column for (column,) in columns) == sorted(expected)


def test_words_are_found_in_every_form(ask):
    sql = "SELECT rowid FROM repositories_fts WHERE repositories_fts MATCH ? ORDER BY rowid"

    assert ask(sql, "test") == [(1,), (2,)]
    assert ask(sql, "lantern") == [(2,), (4,)]


@pytest.mark.parametrize(
    ("first", "second", "owner"),
    [
        ("2024-01-01", "2024-01-02", "birch"),
        ("2024-01-02", "2024-01-01", "alder"),
        ("2024-01-01", "2024-01-01", "alder"),
    ],
)
def test_a_repository_in_two_organisations_is_where_it_was_seen_last(tmp_path, first, second, owner):
    dataset = of(
        make_account("birch", repository(1, full_name="birch/moved"), observed_at=f"{second}T00:00:00Z"),
        make_account("alder", repository(1, full_name="alder/moved"), observed_at=f"{first}T00:00:00Z"),
    )
    save(tmp_path / "data", dataset)

    summary = build(tmp_path / "data", tmp_path / "x.db")

    assert summary.duplicates == (f"{owner}/moved",)
    assert "listed by two organisations" in str(summary)
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        counts = connection.execute("SELECT login, open_repositories FROM organisations ORDER BY login").fetchall()
    assert counts == [("alder", int(owner == "alder")), ("birch", int(owner == "birch"))]


def test_a_dataset_with_only_pending_organisations_builds(tmp_path, invented):
    save(tmp_path / "data", of(invented["dogwood"]))

    assert str(build(tmp_path / "data", tmp_path / "x.db")) == (
        "0 repositories (0 without forks); 0 of 1 listed organisation observed."
    )


texts = st.text(max_size=30) | st.sampled_from([HOSTILE, "\x00", "\ud800", "\u202e", "'", '"', "x" * 20_000])


@given(texts, texts, st.lists(texts, max_size=3), st.none() | texts, st.integers(0, 2**53 - 1))
def test_any_text_and_number_is_read_back_as_stored(tmp_path_factory, name, text, topics, license, number):
    raw = repository(1, name=name, description=text, license=license, topics=topics, size=number, language=text)
    account = make_account("alder", raw, name=text, reason=text)

    with closing(built(tmp_path_factory.mktemp("hostile"), of(account))) as connection:
        row = dict(connection.execute("SELECT * FROM repositories").fetchone())
        reason = connection.execute("SELECT reason FROM organisations").fetchone()[0]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []

    row["topics"] = orjson.loads(row["topics"])
    assert row | known(account.repositories[0]) | known(account.metrics[0]) == row
    assert reason == account.record["reason"]


@pytest.mark.slow
def test_same_data_same_bytes_in_any_process(tmp_path, invented):
    save(tmp_path / "data", invented)
    digests = set()
    for seed in ("1", "2"):
        name = f"{seed}.db"
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", BUILD.format(name)], cwd=tmp_path, env=environment, check=True)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())

    assert len(digests) == 1


def test_same_data_same_bytes_over_an_older_database(tmp_path, invented, estate_dataset):
    built(tmp_path, invented).close()
    first = (tmp_path / "x.db").read_bytes()
    built(tmp_path, estate_dataset).close()
    assert (tmp_path / "x.db").read_bytes() != first
    built(tmp_path, invented).close()
    assert (tmp_path / "x.db").read_bytes() == first


def test_a_build_that_fails_leaves_the_old_database_and_nothing_else(tmp_path, invented):
    built(tmp_path, invented).close()
    before = (tmp_path / "x.db").read_bytes()
    save(tmp_path / "data", of(make_account("alder", id=1), make_account("birch", id=1)))

    with pytest.raises(DatasetError, match=r"are the same account.*organisations\.id"):
        build(tmp_path / "data", tmp_path / "x.db")

    assert (tmp_path / "x.db").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "x.db"]


def test_leftovers_of_a_killed_build_are_no_obstacle(tmp_path, invented):
    (tmp_path / ".x.db.tmp").write_bytes(b"half a database")

    built(tmp_path, invented).close()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "x.db"]


def test_whenever_a_build_is_killed_the_database_is_whole(tmp_path, estate_dataset):
    built(tmp_path, estate_dataset).close()
    whole = (tmp_path / "x.db").read_bytes()
    imports = "from pathlib import Path; from scraper.database.build import build"
    with looping(imports, "build(Path(folder) / 'data', Path(folder) / 'x.db')") as kill:
        for _ in range(5):
            kill(tmp_path, random.random())
            assert (tmp_path / "x.db").read_bytes() == whole


def test_the_database_cannot_be_a_folder(tmp_path, invented):
    save(tmp_path / "data", invented)
    with pytest.raises(DatasetError, match="is a folder: name a file"):
        build(tmp_path / "data", tmp_path)


def test_a_database_that_cannot_be_written_is_one_sentence(tmp_path, invented):
    save(tmp_path / "data", invented)
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match=r"Cannot write .*/file: File exists\."):
        build(tmp_path / "data", tmp_path / "file" / "x.db")
    with pytest.raises(DatasetError, match=r"Cannot write .*\.db: File name too long\."):
        build(tmp_path / "data", tmp_path / f"{'x' * 300}.db")


def test_without_a_dataset_there_is_nothing_to_build(tmp_path):
    with pytest.raises(DatasetError, match="run `oss-health scrape`"):
        build(tmp_path, tmp_path / "x.db")
    assert list(tmp_path.iterdir()) == []


def test_damaged_data_is_named_by_file_and_line(tmp_path, invented):
    save(tmp_path / "data", invented)
    (tmp_path / "data" / "metrics" / "Alder.jsonl").write_text("{\n")
    with pytest.raises(DatasetError, match=r"Alder\.jsonl, line 1: not valid JSON"):
        build(tmp_path / "data", tmp_path / "x.db")


def test_the_committed_database_is_that_of_the_committed_data(tmp_path):
    """Compare contents, because the bytes of a database include the version of SQLite that wrote it."""
    build(ROOT / "data", tmp_path / "fresh.db")
    with (
        closing(sqlite3.connect(ROOT / "data/open-source-health.db")) as committed,
        closing(sqlite3.connect(tmp_path / "fresh.db")) as fresh,
    ):
        assert list(committed.iterdump()) == list(fresh.iterdump())


def test_a_database_of_another_program_is_not_replaced(tmp_path, invented):
    save(tmp_path / "data", invented)
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE notes (text)")
    before = path.read_bytes()
    with pytest.raises(DatasetError, match=r"theirs\.db belongs to another program"):
        build(tmp_path / "data", path)
    assert path.read_bytes() == before
