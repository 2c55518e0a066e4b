"""data/ on disk: it is read back as written, unchanged data is byte-identical, and nothing wrong is accepted."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.database.build import build
from scraper.dataset import atomic, layout, readme, store
from scraper.errors import DatasetError
from scraper.model.accounts import Account
from scraper.model.fields import METRICS, ORGANISATION, REPOSITORY
from scraper.model.kinds import UNKNOWN
from scraper.model.records import pending, read
from tests.helpers.estate import files
from tests.helpers.killed import looping
from tests.helpers.machine import ROOT

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31)).map(
    lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
)
BY_KIND = {
    "integer": st.integers(0, 2**53 - 1),
    "text": TEXT,
    "boolean": st.booleans(),
    "timestamp": TIMES,
    "license": TEXT,
    "topics": st.lists(TEXT, unique=True).map(sorted),
    "status": st.just("ok"),
    "times": st.just(["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]),
    "fate": st.just("moved"),
    "ids": st.lists(st.integers(1, 2**53 - 1), min_size=1, unique=True).map(sorted),
    "selected": st.just({"a": None, "b": 7}),
    "mismatch": st.just({"counted": 3, "listed": 2, "ids": "0123456789abcdef", "days": ["2026-01-01"]}),
}


def records(fields):
    kinds = {
        field.name: BY_KIND[field.kind]
        | (st.none() if field.nullable else st.nothing())
        | (st.nothing() if field.required or fields is ORGANISATION else st.just(UNKNOWN))
        for field in fields
    }
    return st.fixed_dictionaries(kinds).map(lambda record: {name: record[name] for name in kinds})


@st.composite
def accounts(draw, login):
    facts = draw(st.lists(records(REPOSITORY), unique_by=lambda record: record["id"], max_size=4))
    metrics = [draw(records(METRICS)) | {"id": record["id"]} for record in facts]
    record = draw(records(ORGANISATION)) | {"login": login, "observed_at": draw(TIMES), "repositories": len(facts)}
    by_id = {"key": lambda record: record["id"]}
    return Account(login, record, {"repositories": sorted(facts, **by_id), "metrics": sorted(metrics, **by_id)})


DATASETS = st.lists(st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True), unique=True, max_size=3).flatmap(
    lambda logins: st.fixed_dictionaries({login: accounts(login) for login in logins})
)


def an_account(login="nhsx", ids=(1, 2)):
    by_kind = {"boolean": False, "text": "main", "topics": []}
    facts = {field.name: None if field.nullable else by_kind.get(field.kind) for field in REPOSITORY}
    counters = {"forks_count": 0, "open_issues_count": 0, "size": 0, "pushed_at": None}
    facts |= {"created_at": "2020-01-01T00:00:00Z"}
    return Account(
        login,
        pending(login, login.upper())
        | {"id": 7, "status": "ok", "repositories": len(ids), "observed_at": "2026-01-01T00:00:00Z"},
        {
            "repositories": [
                read(
                    REPOSITORY,
                    facts | {"id": n, "name": f"r{n}", "full_name": f"{login}/r{n}", "html_url": "https://x"},
                )
                for n in ids
            ],
            "metrics": [read(METRICS, counters | {"id": n, "name": f"r{n}", "stargazers_count": n}) for n in ids],
        },
    )


@pytest.fixture
def saved(tmp_path):
    folder = tmp_path / "data"
    store.save(folder, {"nhsx": an_account("nhsx"), "nhsuk": an_account("nhsuk", ids=(3,))})
    return folder


@given(DATASETS)
def test_what_is_saved_is_loaded_and_saving_it_again_writes_nothing(tmp_path_factory, accounts):
    folder = tmp_path_factory.mktemp("data")
    store.save(folder, accounts)
    before = files(folder)
    assert store.load(folder) == accounts
    assert store.save(folder, store.load(folder)) == []
    assert files(folder) == before


@given(DATASETS, DATASETS)
def test_saving_leaves_what_is_in_the_dataset_and_nothing_else(tmp_path_factory, first, second):
    folder, fresh = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("fresh")
    store.save(folder, first)
    store.save(folder, second)
    store.save(fresh, second)
    assert files(folder) == files(fresh)


def test_the_layout_is_one_field_a_line_and_one_counter_line_a_repository(saved):
    facts = (saved / "repositories/nhsx.json").read_text()
    assert facts.startswith('[\n  {\n    "id": 1,\n    "name": "r1",\n    "full_name": "nhsx/r1",\n')
    assert facts.endswith('"web_commit_signoff_required": false\n  }\n]\n')
    assert (saved / "metrics/nhsx.jsonl").read_text() == (
        '{"id":1,"name":"r1","stargazers_count":1,"forks_count":0,"open_issues_count":0,"size":0,'
        '"pushed_at":null}\n'
        '{"id":2,"name":"r2","stargazers_count":2,"forks_count":0,"open_issues_count":0,"size":0,'
        '"pushed_at":null}\n'
    )
    assert (saved / "README.md").read_text() == readme.readme()


def test_only_what_changed_is_written(saved):
    accounts = store.load(saved)
    held = accounts["nhsx"]
    metrics = [record | {"size": 5} for record in held.metrics]
    accounts["nhsx"] = replace(held, records=held.records | {"metrics": metrics})
    times = {name: (saved / name).stat().st_mtime_ns for name in files(saved)}
    assert store.save(saved, accounts) == ["metrics/nhsx.jsonl"]
    assert {name for name in times if (saved / name).stat().st_mtime_ns != times[name]} == {"metrics/nhsx.jsonl"}


def test_an_organisation_that_left_the_dataset_leaves_no_file(saved):
    accounts = store.load(saved)
    del accounts["nhsuk"]
    assert set(store.save(saved, accounts)) == {
        "organisations.json",
        "repositories/nhsuk.json",
        "metrics/nhsuk.jsonl",
    }
    assert not list(saved.rglob("nhsuk*"))


def test_a_respelled_login_moves_its_files(saved):
    accounts = store.load(saved)
    accounts["nhsx"] = replace(accounts["nhsx"], listed_login="NHSx")
    store.save(saved, accounts)
    assert sorted(path.name for path in (saved / "repositories").iterdir()) == ["NHSx.json", "nhsuk.json"]
    assert store.load(saved)["nhsx"].listed_login == "NHSx"


def _edit(name, old, new):
    def edit(folder):
        path = folder / name
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return edit


SECOND = len(REPOSITORY) + 5
"""The line with the id of the second record in a file of facts."""

BROKEN = {
    "half-written": (lambda folder: os.truncate(folder / "repositories/nhsx.json", 300), "nhsx.json, line "),
    "conflict": (
        _edit("organisations.json", b"  {\n", b"<<<<<<< HEAD\n  {\n"),
        "organisations.json, line 2: not valid",
    ),
    "an unknown field": (_edit("repositories/nhsx.json", b'"language"', b'"tongue"'), "nhsx.json, line 9: 'tongue'"),
    "a wrong type": (
        _edit("repositories/nhsx.json", b'"id": 2', b'"id": "2"'),
        f"nhsx.json, line {SECOND}: id is '2'",
    ),
    "true for a number": (_edit("metrics/nhsx.jsonl", b'count":2', b'count":true'), "nhsx.jsonl, line 2: stargazers"),
    "a negative count": (_edit("metrics/nhsx.jsonl", b'count":2', b'count":-2'), "nhsx.jsonl, line 2: stargazers"),
    "a missing required field": (_edit("repositories/nhsx.json", b'"nhsx/r2"', b"null"), "full_name is missing"),
    "an impossible time": (_edit("repositories/nhsx.json", b"2020-01-01T", b"2020-13-01T"), "not a time such as"),
    "the same id twice": (
        _edit("repositories/nhsx.json", b'"id": 2', b'"id": 1'),
        f"line {SECOND}: id 1 appears twice",
    ),
    "an organisation twice": (_edit("organisations.json", b'"nhsuk"', b'"NHSX"'), "login nhsx appears twice"),
    "an object for a list": (
        lambda folder: (folder / "organisations.json").write_text("{}"),
        "a JSON list was expected",
    ),
    "numbers in the list": (lambda folder: (folder / "repositories/nhsx.json").write_text("[1]"), "1, not an object"),
    "invalid UTF-8": (_edit("metrics/nhsx.jsonl", b'"r2"', b'"\xff"'), "nhsx.jsonl, line 2: not valid UTF-8"),
    "counters cut at the end of a line": (
        lambda folder: (folder / "metrics/nhsx.jsonl").write_text(
            (folder / "metrics/nhsx.jsonl").read_text().partition("\n")[0] + "\n"
        ),
        "does not contain the same repositories as",
    ),
    "facts emptied": (
        lambda folder: (folder / "repositories/nhsx.json").write_text("[]\n"),
        "holds 0 repositories, and organisations.json says 2",
    ),
    "deep nesting": (lambda folder: (folder / "repositories/nhsx.json").write_text("[" * 99_999), "not valid JSON"),
    "a file gone": (lambda folder: (folder / "metrics/nhsx.jsonl").unlink(), "nhsx.jsonl is missing"),
    "the list gone": (lambda folder: (folder / "organisations.json").unlink(), "organisations.json is missing"),
    "one login, two files": (
        lambda folder: shutil.copy(folder / "repositories/nhsx.json", folder / "repositories/NHSX.json"),
        "same organisation",
    ),
    "someone else's journal": (
        lambda folder: (folder / ".replacing.tmp").write_text('{"replaced": [], "removed": ["../precious"]}'),
        "is not a journal",
    ),
    "a folder for a file": (
        lambda folder: ((folder / "metrics/nhsx.jsonl").unlink(), (folder / "metrics/nhsx.jsonl").mkdir()),
        "does not belong to the dataset",
    ),
}


@pytest.mark.parametrize("break_it, words", BROKEN.values(), ids=BROKEN)
def test_what_save_would_not_have_written_is_named_and_not_touched(saved, break_it, words):
    break_it(saved)
    before = files(saved)
    with pytest.raises(DatasetError) as failure:
        store.load(saved)
    assert words in str(failure.value)
    assert "\n" not in str(failure.value)
    assert files(saved) == before


@given(st.data())
def test_no_damage_to_a_file_crashes_the_reader(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("data")
    store.save(folder, {"nhsx": an_account()})
    path = folder / data.draw(st.sampled_from(["organisations.json", "repositories/nhsx.json", "metrics/nhsx.jsonl"]))
    content = bytearray(path.read_bytes())
    start = data.draw(st.integers(0, len(content)))
    content[start : start + data.draw(st.integers(0, 50))] = data.draw(st.binary(max_size=20))
    path.write_bytes(content)
    try:
        loaded = store.load(folder)
    except DatasetError as error:
        assert "\n" not in str(error)
    else:
        assert set(loaded) <= {str(a.record["login"]).casefold() for a in loaded.values()}


def test_a_field_that_an_older_version_did_not_write_is_unknown(saved):
    path = saved / "repositories/nhsx.json"
    written = [{k: v for k, v in r.items() if k != "allow_forking"} for r in orjson.loads(path.read_bytes())]
    path.write_bytes(orjson.dumps(written))
    loaded = store.load(saved)
    assert [record["allow_forking"] for record in loaded["nhsx"].repositories] == [UNKNOWN, UNKNOWN]
    before = path.read_bytes()
    store.save(saved, loaded)
    assert orjson.loads(path.read_bytes()) == orjson.loads(before)


@pytest.mark.parametrize("in_the_way", ["data", "data/repositories"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, in_the_way):
    (tmp_path / in_the_way).parent.mkdir(exist_ok=True)
    (tmp_path / in_the_way).write_text("a file")
    with pytest.raises(DatasetError, match="Cannot write"):
        store.check_writable(tmp_path / "data")
        store.save(tmp_path / "data", {"nhsx": an_account()})


@pytest.fixture(scope="module")
def killed() -> Iterator[Callable[[Path, float], None]]:
    """Saves two datasets in turn, until it is killed."""
    imports = """
from itertools import cycle
from pathlib import Path
from scraper.dataset import store
from tests.helpers.examples import make_account, repository
few, many = ([repository(number) for number in range(1, end)] for end in (60, 100))
turns = cycle([(("nhsx", "nhsuk"), many), (("nhsx", "nhsuk", "nhsengland"), few)])
"""
    body = """logins, records = next(turns)
store.save(Path(folder), {login: make_account(login, *records) for login in logins})"""
    with looping(imports, body) as kill:
        yield kill


@pytest.mark.parametrize("attempt", range(12))
def test_a_kill_at_any_moment_leaves_whole_files_and_the_next_run_repairs_the_rest(tmp_path, killed, attempt):
    folder = tmp_path / "data"
    killed(folder, 0.003 * attempt**1.5)
    if not folder.exists():
        return
    for path in folder.rglob("*.json*"):
        if not path.name.startswith("."):
            text = path.read_bytes()
            assert text == b"" or text.endswith(b"\n")
            [orjson.loads(part) for part in (text.splitlines() if path.suffix == ".jsonl" else [text])]
    sizes = {login: len(account.repositories) for login, account in store.load(folder).items()}
    assert sizes in ({}, dict.fromkeys(("nhsx", "nhsuk"), 99), dict.fromkeys(("nhsx", "nhsuk", "nhsengland"), 59))
    again = {"nhsx": an_account("nhsx", ids=range(1, 60))}
    store.save(folder, again)
    assert store.load(folder) == again
    assert not list(folder.rglob(".*.tmp"))


def test_the_committed_data_dictionary_is_up_to_date():
    assert (ROOT / "data/README.md").read_text() == readme.readme(), "run `make docs`"


def test_it_owns_what_it_writes_and_nothing_else(tmp_path):
    written = store.save(tmp_path, {"nhsx": an_account("nhsx")})
    assert all(map(layout.owns, written))
    assert not any(
        map(layout.owns, ["notes.md", "repositories/notes.md", "metrics/.x.jsonl.tmp", "other/nhsx.json", ".json"])
    )


def test_two_runs_write_one_after_the_other(tmp_path, invented):
    """Otherwise one would remove what the other has prepared, and only half of it would be replaced."""
    for write in (lambda: store.save(tmp_path, invented), lambda: build(tmp_path, tmp_path / "a.db")):
        other = threading.Thread(target=write, daemon=True)
        with atomic.lock(tmp_path):
            other.start()
            other.join(0.5)
            assert other.is_alive()
        other.join(60)
        assert not other.is_alive()
    assert store.load(tmp_path) == invented
    assert (tmp_path / "a.db").is_file()
