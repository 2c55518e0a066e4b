"""The checks: what each says about a repository, from what and when; exceptions; and the numbers over time."""

import sqlite3
from contextlib import closing

import orjson
import pytest

from scraper.database.build import build
from scraper.database.verify import verify
from scraper.dataset import store
from scraper.dataset.layout import DATABASE_FILE
from scraper.errors import DatasetError
from scraper.model.checks import CHECKS, NAMES, Asked, is_about, results
from scraper.model.collections import COUNTERS, FACTS
from scraper.model.kinds import UNKNOWN
from tests.helpers.examples import asked, make_account, repository
from tests.helpers.life import Life
from tests.helpers.machine import ROOT

NOW = "2026-11-01T12:00:00Z"
COUNTED = {"commits_observed_at": NOW, "counts_observed_at": NOW, "commits_count": 0}


def dataset(*repositories, **values):
    """One organisation with these repositories; everything is known about those with even ids, with these values."""
    account = make_account("alder", *repositories, observed_at=NOW)
    return {"alder": asked(account, {raw["id"]: values for raw in repositories if raw["id"] % 2 == 0}, NOW)}


@pytest.fixture
def ask(tmp_path):
    """Build a dataset, with exceptions, and query its database."""

    def ask(held, sql, exceptions=None):
        store.save(tmp_path / "data", held)
        if exceptions is not None:
            (tmp_path / "exceptions.yml").write_text(exceptions)
        build(tmp_path / "data", tmp_path / "data" / DATABASE_FILE)
        with closing(sqlite3.connect(tmp_path / "data" / DATABASE_FILE)) as connection:
            return connection.execute(sql).fetchall()

    return ask


def said(check, counters=None, **facts):
    """The result of a check for facts and counters."""
    values = tuple((counters or {}).get(field.name) for field in COUNTERS)
    return dict(zip(NAMES, results(facts, values), strict=True))[check]


def test_the_documents_name_every_check():
    text = (ROOT / "docs/health.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"| `{name}` | " not in text] == []


@pytest.mark.parametrize("check", [check for check in CHECKS if not check.of_counters], ids=lambda check: check.name)
@pytest.mark.parametrize("value", [True, False, None, UNKNOWN])
def test_what_is_not_of_counters_is_answered_without_them(check, value):
    facts = {field.name: value for field in FACTS}
    known = tuple("2026-11-01T12:00:00Z" for _ in COUNTERS)
    assert check.answer(Asked(facts, ())) is check.answer(Asked(facts, known))


@pytest.mark.parametrize(
    "check, facts, counters, result",
    [
        ("license", {"license": "MIT"}, {}, True),
        ("license", {"license": "NOASSERTION"}, {}, False),
        ("license", {"license": "CC-BY-4.0"}, {}, False),
        ("license", {"license": None}, {}, False),
        ("license", {"license": UNKNOWN}, {}, None),
        ("readme", {"readme": True}, {}, True),
        ("readme", {"readme": False}, {}, False),
        ("readme", {"readme": UNKNOWN}, {}, None),
        ("readme", {}, {}, None),
        ("released", {"latest_release_at": "2025-11-01T12:00:00Z"}, {"files_observed_at": NOW}, True),
        ("released", {"latest_release_at": "2025-11-01T11:59:59Z"}, {"files_observed_at": NOW}, False),
        ("released", {"latest_release_at": None}, {"files_observed_at": NOW}, False),
        ("released", {"latest_release_at": UNKNOWN}, {"files_observed_at": NOW}, None),
        ("released", {}, {}, None),
        ("maintained", {"archived": False}, {"commits_observed_at": NOW, "last_commit_at": NOW}, True),
        ("maintained", {"archived": False}, {"commits_observed_at": NOW, "pushed_at": "2026-08-03T12:00:00Z"}, True),
        ("maintained", {"archived": False}, {**COUNTED, "pushed_at": "2026-08-03T11:59:59Z"}, False),
        ("maintained", {"archived": False}, {**COUNTED, "pushed_at": "2027-05-01T00:00:00Z"}, True),  # listed since
        ("maintained", {"archived": False}, COUNTED, False),
        ("maintained", {"archived": False}, COUNTED | {"commits_count": 3}, None),  # with an impossible date
        ("maintained", {"archived": False}, COUNTED | {"issues_closed": 3}, None),
        ("maintained", {"archived": False}, COUNTED | {"counts_observed_at": "2026-10-01T12:00:00Z"}, False),
        # By the older count: anything within 90 days of it passes.
        (
            "maintained",
            {"archived": False},
            COUNTED | {"counts_observed_at": "2026-10-01T12:00:00Z", "issue_updated_at": "2026-07-05T00:00:00Z"},
            True,
        ),
        ("maintained", {"archived": False}, COUNTED | {"last_commit_at": "2037-01-01T00:00:00Z"}, False),
        ("maintained", {"archived": False}, {"commits_observed_at": NOW, "issue_updated_at": NOW}, True),
        ("maintained", {"archived": False}, {"commits_observed_at": NOW}, None),
        ("maintained", {"archived": False}, {"pushed_at": NOW}, None),
        ("maintained", {"archived": True}, {"pushed_at": NOW}, None),
        ("maintained", {"archived": True}, {"commits_observed_at": NOW, "last_commit_at": NOW}, False),
        ("reuse_metadata", dict.fromkeys(("publiccode", "citation", "codemeta", "code_json"), False), {}, False),
        ("reuse_metadata", {"citation": True}, {}, True),
        ("reuse_metadata", {"citation": False}, {}, None),
        ("description", {"description": "Something", "topics": ["a"]}, {}, True),
        ("description", {"description": "Something", "topics": []}, {}, False),
        ("description", {"description": None, "topics": ["a"]}, {}, False),
        ("description", {"description": None, "topics": UNKNOWN}, {}, None),
    ],
)
def test_what_is_unknown_is_neither_passed_nor_failed(check, facts, counters, result):
    assert said(check, counters, **facts) is result


def test_forks_are_in_no_check_and_archived_ones_in_two():
    assert not any(is_about(check, {"fork": True, "archived": False}) for check in CHECKS)
    about = [check.name for check in CHECKS if is_about(check, {"fork": False, "archived": True})]
    assert about == ["license", "maintained"]


def test_each_repository_has_a_row_for_each_check_with_its_date_and_what_to_do(ask):
    others = (repository(2), repository(4, archived=True), repository(6, fork=True))
    held = dataset(repository(1, license="MIT"), *others, readme=True)
    rows = ask(held, "SELECT full_name, check_name, result, observed_at, remedy IS NULL FROM check_results")
    found = {(name, check): rest for name, check, *rest in rows}
    assert len(rows) == len(found) == 2 * len(CHECKS) + 2
    names = {raw["id"]: raw["full_name"] for raw in held["alder"].repositories}
    assert found[names[2], "readme"] == ["passed", NOW, True]
    assert found[names[2], "ci"] == ["failed", NOW, False]
    assert found[names[1], "readme"] == ["unknown", None, True]
    assert found[names[1], "license"][:2] == ["passed", NOW]
    assert {check for name, check in found if name == names[4]} == {"license", "maintained"}
    assert not any(name == names[6] for name, _ in found)


def test_organisations_have_denominators_and_what_is_not_asked_is_in_none_of_the_shares(ask):
    held = dataset(repository(1), repository(2), repository(4), repository(8, archived=True), readme=True)
    rows = ask(
        held, "SELECT * FROM checks_by_organisation WHERE check_name IN ('readme', 'ci', 'maintained') ORDER BY 2"
    )
    assert rows == [
        ("alder", "ci", 3, 0, 2, 0, 1, 0.0, NOW),
        ("alder", "maintained", 4, 0, 3, 0, 1, 0.0, NOW),
        ("alder", "readme", 3, 2, 0, 0, 1, 1.0, NOW),
    ]
    assert ask(held, "SELECT * FROM check_history WHERE check_name = 'readme'") == [(NOW, "alder", "readme", 2, 0, 1)]


EXCEPTIONS = """\
exceptions:
  - {repository: SOMEBODY/repository-2, check: ci, reason: There is nothing to run., until: 2026-11-01}
  - {repository: somebody/repository-4, check: ci, reason: Soon., until: 2026-10-31}
  - {repository: somebody/nowhere, check: readme, reason: Gone., until: 2027-01-01}
  - {repository: somebody/repository-2, check: readme, reason: Needless., until: 2027-01-01}
  - {repository: somebody/repository-6, check: readme, reason: Not ours., until: 2026-01-01}
  - {repository: somebody/repository-8, check: ci, reason: Retired., until: 2027-01-01}
  - {repository: somebody/repository-8, check: license, reason: Retired., until: 2027-01-01}
"""


def test_an_exception_holds_until_its_day_and_is_shown_wherever_the_check_is(ask, caplog):
    held = dataset(repository(2), repository(4), repository(6, fork=True), repository(8, archived=True), readme=True)
    columns, some = "full_name, check_name, result, reason", "WHERE check_name IN ('ci', 'readme') ORDER BY 1, 2"
    assert ask(held, f"SELECT {columns} FROM check_results {some}", EXCEPTIONS) == [
        ("somebody/repository-2", "ci", "excepted", "There is nothing to run."),
        ("somebody/repository-2", "readme", "passed", "Needless."),
        ("somebody/repository-4", "ci", "failed", None),
        ("somebody/repository-4", "readme", "passed", None),
    ]
    assert ask(held, "SELECT check_name, expired, repository_id FROM check_exceptions ORDER BY reason, 1") == [
        ("readme", 0, 2),
        ("readme", 1, 6),
        ("ci", 0, 8),
        ("license", 0, 8),
        ("ci", 1, 4),
        ("ci", 0, 2),
    ]
    assert [each for each in dict.fromkeys(caplog.messages) if each.startswith("exceptions.yml")] == [
        "exceptions.yml: somebody/nowhere is not in the dataset, so its exception is left out: correct its name, or"
        " remove the exception.",
        "exceptions.yml: the exception from ci for somebody/repository-4 ended on 2026-10-31: renew or remove it.",
        "exceptions.yml: somebody/repository-6 is a fork, to which no check applies: remove the exception from"
        " readme.",
        "exceptions.yml: somebody/repository-8 is archived, so ci does not apply to it: remove the exception.",
    ]


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("exceptions: 3", "line 1: `exceptions:` must be a list"),
        ("exception: []", "line 1: the key 'exception' is unknown"),
        ("exceptions:\n  - {repository: a/b, check: ci, reason: x}", "line 2: an exception needs `until: ...`"),
        ("exceptions:\n  - {repository: a, check: ci, reason: x, until: 2026-01-01}", "'a' is not a repository"),
        (
            "exceptions:\n  - {repository: a/b, check: c, reason: x, until: 2026-01-01}",
            "'c' is not a check; the checks are license,",
        ),
        ("exceptions:\n  - {repository: a/b, check: ci, reason: x, until: 2026-02-30}", "'2026-02-30' is not a date"),
        ("exceptions:\n  - {repository: a/b, check: ci, reason: x, until: soon}", "'soon' is not a date"),
        (
            "exceptions:\n  - {repository: a/b, check: ci, reason: x, until: 9999-12-31}",
            "line 2: '9999-12-31' is not a date from 1970 to 2199: write it as 2027-03-31",
        ),
        ("exceptions:\n  - {repository: a/b, check: ci, reason: ~, until: 2027-01-01}", "needs `reason: ...`"),
        (
            "exceptions:\n  - {repository: a/b, check: ci, reason: x, until: 2026-01-01}\n"
            "  - {repository: A/B, check: ci, reason: x, until: 2027-01-01}",
            "line 3: A/B has a second exception from ci",
        ),
    ],
)
def test_mistakes_in_exceptions_are_reported_with_the_line_and_the_database_stays(ask, tmp_path, text, complaint):
    held = dataset(repository(2))
    ask(held, "SELECT 1")
    before = (tmp_path / "data" / DATABASE_FILE).read_bytes()
    with pytest.raises(DatasetError, match=r"exceptions\.yml") as error:
        ask(held, "SELECT 1", text)
    assert complaint in str(error.value)
    assert (tmp_path / "data" / DATABASE_FILE).read_bytes() == before


def test_languages_have_their_bytes(ask):
    held = dataset(repository(2), language_bytes={"Go": 7, "Awk": 3})
    assert ask(held, "SELECT * FROM languages ORDER BY bytes") == [(2, "Awk", 3), (2, "Go", 7)]
    assert [orjson.loads(text) for (text,) in ask(held, "SELECT language_bytes FROM repositories")] == [
        {"Awk": 3, "Go": 7}
    ]


def test_exceptions_that_are_all_commented_out_are_none(ask):
    assert ask(dataset(repository(2)), "SELECT * FROM check_exceptions", "exceptions:\n#  - repository: a/b\n") == []


def test_what_github_did_not_say_is_as_unknown_as_what_it_was_not_asked_and_has_a_date(ask):
    held = dataset(repository(1), repository(2), security_policy=UNKNOWN)
    results = "SELECT repository_id, result, observed_at FROM check_results WHERE check_name = 'security_policy'"
    assert ask(held, f"{results} ORDER BY 1") == [(1, "unknown", None), (2, "unknown", NOW)]
    counted = "SELECT unknown FROM checks_by_organisation WHERE check_name = 'security_policy'"
    assert ask(held, counted) == [(2,)]


def test_a_database_is_verified_with_exceptions_yml_and_not_with_its_own(tmp_path):
    life = Life(tmp_path / "repository")
    life.observe()
    name = next(raw["full_name"] for account in store.load(life.data).values() for raw in account.repositories)
    path = life.data.parent / "exceptions.yml"
    path.write_text(f"exceptions:\n  - {{repository: {name}, check: ci, reason: None needed., until: 2099-01-01}}\n")
    life.build()
    life.commit("observed")
    database = life.data / DATABASE_FILE
    assert verify(database.parent, database, lambda done, total: None) == []

    path.unlink()
    life.commit("a database with an exception of its own")

    [line, row] = verify(database.parent, database, lambda done, total: None)
    assert line.startswith("check_exceptions: 1 row, but 0 according to git: 1 that should not be there")
    assert row == f"  + '{name}', 'ci', 'None needed.', '2099-01-01', 0, 1"
