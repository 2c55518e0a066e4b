"""The database as CSV: all of it, once, and no cell that a spreadsheet would compute."""

import csv
import io
import os
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.database.build import build
from scraper.dataset.store import save
from scraper.model.accounts import Dataset
from scraper.site.exports import EARLIER, FAILED, FILES, WORKLIST, as_json, downloads, own_file
from tests.helpers import by_hand
from tests.helpers.built import built as of_states
from tests.helpers.examples import HOSTILE, asked, make_account, repository
from tests.helpers.machine import ROOT

BLANK = " \ufeff"
TABLES = {
    "repositories": "repositories",
    "growth": "growth",
    "growth-as-observed": "organisation_history",
    "languages": "language_growth",
    "licences": "license_growth",
    "events": "events",
}
DIGEST = """
import hashlib, sqlite3
from scraper.site.exports import downloads
files = downloads(sqlite3.connect("x.db"))
print(hashlib.sha256(repr(files).encode()).hexdigest())
"""


def built(folder: Path, dataset: Dataset) -> sqlite3.Connection:
    save(folder / "data", dataset)
    build(folder / "data", folder / "x.db")
    return sqlite3.connect(folder / "x.db")


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@pytest.fixture
def connection(tmp_path: Path, invented: Dataset) -> Iterator[sqlite3.Connection]:
    with closing(built(tmp_path, invented)) as connection:
        yield connection


def test_every_file_exists_and_is_reported(connection):
    own = {own_file(path, login) for path in (WORKLIST, FAILED) for login in ("Alder", "birch")}
    assert downloads(connection).keys() == {*FILES.keys() - {EARLIER}, *own}
    assert all(meaning and "\n" not in meaning for meaning in FILES.values())


@pytest.mark.parametrize("name", TABLES)
def test_a_file_of_a_table_has_its_columns_and_rows(connection, name):
    columns = [column for (column,) in connection.execute(f"SELECT name FROM pragma_table_info('{TABLES[name]}')")]
    count = connection.execute(f"SELECT count(*) FROM {TABLES[name]}").fetchone()[0]

    header, *rows = csv.reader(io.StringIO(downloads(connection)[f"downloads/{name}.csv"].decode(), newline=""))

    assert header == columns
    assert len(rows) == count
    assert {len(row) for row in rows} <= {len(header)}


def test_every_listed_organisation_is_shown_observed_or_not(connection):
    rows = read(downloads(connection)["downloads/organisations.csv"])

    shown = ("organisation", "id", "name", "status", "open_repositories", "with_license", "license_share")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("Alder", "10", "The Alder", "ok", "4", "2", "0.5"),
        ("birch", "11", "The birch", "kept", "2", "0", "0.0"),
        ("cedar", "12", "The cedar", "ok", "0", "0", ""),
        ("dogwood", "", "The dogwood", "pending", "", "", ""),
        ("elder", "", "The elder", "not_found", "", "", ""),
    ]
    names = {
        column for (column,) in connection.execute("SELECT name FROM pragma_table_info('organisation_statistics')")
    }
    assert set(rows[0]) == names | {"id", "name", "status"}


def test_worklists_are_what_has_no_licence(connection, invented):
    files = downloads(connection)
    expected = [row for row in by_hand.repositories(invented) if row["license"] is None]

    assert {int(row["id"]) for row in read(files["downloads/without-licence.csv"])} == {row["id"] for row in expected}
    assert [row["id"] for row in read(files[own_file(WORKLIST, "Alder")])] == ["5", "2"]
    assert [row["id"] for row in read(files[own_file(WORKLIST, "birch")])] == ["6", "7"]


def test_hostile_text_is_one_cell_of_text(connection):
    content = downloads(connection)["downloads/repositories.csv"]
    [row] = [row for row in read(content) if row["name"] == "hostile"]

    harmless = HOSTILE.replace("; --", ";' --")
    assert row["description"] == row["homepage"] == harmless
    assert pd.read_csv(io.BytesIO(content))["description"].tolist()[5] == harmless


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20", "'+44 20"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "' =1"),
        ("a\t=1", "a =1"),
        ("a;=1", "a;'=1"),
        ("a; \u200b+1;b;@c", "a;' \u200b+1;b;'@c"),
        ('a;"=1', "a;'\"=1"),
        ('"=1"', '\'"=1"'),
        ("=1;=2", "'=1;'=2"),
        ("\ufe661", "'\ufe661"),
        ("\u2212 1", "'\u2212 1"),
        ("\u2060\u00ad\u200e=1", "'\u2060\u00ad\u200e=1"),
        ("a;b,=1", "a;b,=1"),
        ("\r=1", "' =1"),
        ("\n=1", "' =1"),
        ("a;\n=1", "a;' =1"),
        ("\ufeff=1", "'\ufeff=1"),
        (" \u3000=1", "' \u3000=1"),
        ("\tindented", " indented"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20a", "'\uff20a"),
        ("a=1\r\nb\nc\u2028d", "a=1 b c d"),
        ('a,"b";c', 'a,"b";c'),
        ("1=1", "1=1"),
        ("", ""),
    ],
)
def test_no_text_is_a_formula_or_breaks_a_line(tmp_path, text, cell):
    raw = repository(1, description=text, language=text, license=text, topics=[text], stargazers_count=7)
    with closing(built(tmp_path, {"alder": make_account("alder", raw, name=text)})) as connection:
        files = downloads(connection)

    assert read(files["downloads/repositories.csv"])[0]["description"] == cell
    assert read(files["downloads/repositories.csv"])[0]["stargazers_count"] == "7"
    assert read(files["downloads/organisations.csv"])[0]["name"] == cell
    assert read(files["downloads/organisations.csv"])[0]["top_language"] == cell
    assert {row["language"] for row in read(files["downloads/languages.csv"])} == {cell}


@given(
    st.lists(
        st.text(alphabet=st.sampled_from("=+-@\uff1d\t\r\n\v\x1c\x85\u2028 ,;\"'a\ufeff☃")), min_size=1, max_size=30
    )
)
@settings(max_examples=settings.default.max_examples // 3)  # each builds a database
def test_whatever_the_text_each_repository_is_one_line(tmp_path_factory, texts):
    raw = [repository(number, description=text) for number, text in enumerate(texts)]
    with closing(built(tmp_path_factory.mktemp("hostile"), {"alder": make_account("alder", *raw)})) as connection:
        content = downloads(connection)["downloads/repositories.csv"].decode()

    header, *lines = content.splitlines()
    assert len(lines) == len(texts) == content.count("\r\n") - 1
    for line, text in zip(lines, texts, strict=True):
        cell = next(csv.DictReader([header, line]))["description"]
        assert cell.replace("'", "") == " ".join(text.splitlines()).replace("\t", " ").replace("'", "")
    for separator in ",;\t":  # as spreadsheets in different countries split a line
        for line in lines:
            for cell in next(csv.reader([line], delimiter=separator)):
                assert cell.strip(BLANK + '"')[:1] not in {*"=+-@\uff1d"}


def test_no_character_of_unicode_starts_a_formula_or_hides_its_start(tmp_path):
    """Characters that normalise to one that starts a formula, and those in invisible categories."""
    every = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    starts = [each for each in every if unicodedata.normalize("NFKC", each)[0] in "=+-@\u2212"]
    hidden = [each for each in every if unicodedata.category(each) in ("Cc", "Cf", "Zs", "Zl", "Zp")]
    texts = [*starts, *(f"{each}=1" for each in hidden if each != "\0")]
    assert len(starts) > 14
    assert len(hidden) > 200
    raw = [repository(number, description=text) for number, text in enumerate(texts)]
    with closing(built(tmp_path, {"alder": make_account("alder", *raw)})) as connection:
        cells = [row["description"] for row in read(downloads(connection)["downloads/repositories.csv"])]
    assert [text for text, cell in zip(texts, cells, strict=True) if not cell.startswith("'")] == []


def test_json_is_json_all_the_way_down(tmp_path):
    date = "2024-02-01T12:00:00Z"
    silent = {name: value for name, value in repository(2).items() if name != "license"}
    account = make_account("alder", repository(1, topics=["a"]), silent, observed_at=date)
    said = {1: {"languages": ["C", "Go"], "language_bytes": {"C": 1, "Go": 2}}}
    gone = make_account("alder", observed_at="2024-02-08T12:00:00Z")
    with closing(built(tmp_path, {"alder": asked(account, said, date)})) as connection:
        one, two = orjson.loads(as_json(connection)["downloads/repositories.json"])
    assert (one["topics"], one["languages"], one["language_bytes"]) == (["a"], ["C", "Go"], {"C": 1, "Go": 2})
    assert "topics" in two["unknown_fields"]
    with closing(sqlite3.connect(of_states(tmp_path / "gone", {"alder": account}, {"alder": gone}))) as connection:
        for content in as_json(connection).values():
            for record in orjson.loads(content):
                assert not [text for text in record.values() if str(text).startswith(('["', '{"'))]
        found = orjson.loads(as_json(connection)["downloads/no-longer-public.json"])
    assert [row["unknown_fields"] for row in found] == [None, ["license"]]


def test_a_login_is_no_path():
    assert own_file(WORKLIST, "nhs-x_1") == "downloads/without-licence/nhs-x_1.csv"
    assert own_file(WORKLIST, "../../x") == "downloads/without-licence/..%2F..%2Fx.csv"
    assert own_file(WORKLIST, "..\\x") == "downloads/without-licence/..%5Cx.csv"


@pytest.mark.parametrize("login", ["dogwood", "cedar"])
def test_without_repositories_there_are_headers(tmp_path, invented, login):
    with closing(built(tmp_path, {login: invented[login]})) as connection:
        files = downloads(connection)

    assert files.keys() == FILES.keys() - {EARLIER}
    assert all(content.count(b"\r\n") >= 1 for content in files.values())
    assert read(files["downloads/repositories.csv"]) == []


def test_same_data_same_bytes_in_any_process(tmp_path, connection):
    digests = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            [sys.executable, "-c", DIGEST], cwd=tmp_path, env=environment, check=True, capture_output=True
        )
        digests.add(ran.stdout)
    assert len(digests) == 1
