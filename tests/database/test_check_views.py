"""What an organisation should act on first, by the rule on its page, and how the counts of checks changed."""

import sqlite3
from contextlib import closing
from itertools import pairwise

import pytest

from scraper.model.accounts import Dataset
from scraper.model.checks import CHECKS, is_about, results
from scraper.model.collections import COUNTERS
from tests.helpers.built import built
from tests.helpers.examples import asked, make_account, repository

FIRST, SECOND, THIRD = (f"2026-{month}-01T12:00:00Z" for month in ("08", "10", "11"))
ALL = {"readme": True, "license_file": True, "security_policy": True, "workflows": True, "codeowners": True}
EXCEPTIONS = """
exceptions:
  - {repository: alder/none-of-it, check: readme, reason: It is a mirror., until: 2026-10-31}
  - {repository: alder/none-of-it, check: security_policy, reason: It is a mirror., until: 2026-12-01}
  - {repository: alder/none-of-it, check: license, reason: It is a mirror., until: 2026-12-02}
  - {repository: alder/no-policy, check: ci, reason: Nothing to run., until: 2026-11-01}
  - {repository: alder/archived, check: readme, reason: It is a mirror., until: 2026-01-01}
  - {repository: alder/never-asked, check: readme, reason: It is a mirror., until: 2026-01-01}
  - {repository: alder/lost, check: ci, reason: Nothing to run., until: 2027-01-01}
"""


def account(date: str, values: dict[str, dict[str, object]], **facts: dict[str, object]):
    """alder on a day: its repositories by name, and what the second look found in those that were checked."""
    raw = [
        repository(
            n,
            **{"name": name, "full_name": f"alder/{name}", "license": "MIT", "stargazers_count": stars}
            | facts.get(name, {}),
        )
        for n, (name, stars) in enumerate(STARS.items(), 1)
    ]
    ids = {name: n for n, name in enumerate(STARS, 1)}
    found = {ids[name.replace("_", "-")]: said for name, said in values.items()}
    return asked(make_account("alder", *raw, observed_at=date), found, date)


STARS = {"lost": 1, "no-policy": 90, "none-of-it": 80, "archived": 99, "never-asked": 70, "well": 60, "bare": None}
NOW = {
    "lost": ALL | {"codeowners": False, "workflows": False, "readme": False},
    "no_policy": ALL | {"security_policy": False, "workflows": False},
    "none_of_it": {},
    "archived": {},
    "well": ALL,
    "bare": {},
}


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Runs SQL on a database with three observations."""
    before = NOW | {"lost": ALL | {"codeowners": False}}
    states = [
        # It lost its codeowners long ago, and its workflows and README now; an exception from workflows holds.
        {"alder": account(FIRST, before | {"lost": ALL}, archived={"archived": True})},
        {"alder": account(SECOND, before, archived={"archived": True})},
        {"alder": account(THIRD, NOW, archived={"archived": True}, **{"never-asked": {"license": None}})},
    ]
    path = built(tmp_path_factory.mktemp("worklist"), *states, exceptions=EXCEPTIONS)
    with closing(sqlite3.connect(path)) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def test_losses_come_first_then_ending_exceptions_then_failures_of_the_most_starred(ask):
    rows = ask("SELECT place, because, subject, full_name, substr(date, 1, 10) FROM to_act_on ORDER BY place")
    assert rows == [
        (1, "lost lately", "Open-source licence", "alder/never-asked", "2026-11-01"),
        (2, "lost lately", "README", "alder/lost", "2026-11-01"),
        (3, "exception ended", "README", "alder/none-of-it", "2026-10-31"),
        (4, "exception ends soon", "Continuous integration", "alder/no-policy", "2026-11-01"),
        (5, "exception ends soon", "Security policy", "alder/none-of-it", "2026-12-01"),
        (6, "fails", "Security policy", "alder/no-policy", "2026-11-01"),
        (7, "fails", "Security policy", "alder/bare", "2026-11-01"),
        (8, "fails", "README", "alder/bare", "2026-11-01"),
    ]
    assert all(remedy.startswith(("Add ", "Find ", "Put ")) for (remedy,) in ask("SELECT remedy FROM to_act_on"))


def test_a_file_without_a_check_has_a_remedy_too(tmp_path):
    before, after = account(SECOND, {"well": ALL}), account(THIRD, {"well": ALL | {"codeowners": False}})
    with closing(sqlite3.connect(built(tmp_path, {"alder": before}, {"alder": after}))) as connection:
        [[subject, remedy]] = connection.execute("SELECT subject, remedy FROM to_act_on WHERE place = 1").fetchall()
    assert (subject, remedy) == ("CODEOWNERS", "Find out why it was lost, and restore it if nothing replaces it.")


def counted(state: Dataset) -> dict[str, list[int]]:
    """By check, how many repositories pass, fail or are unknown, counted one by one."""
    found = {check.name: [0, 0, 0] for check in CHECKS}
    for owner in state.values():
        health, activity, metrics = (owner.by_id(name) for name in ("health", "activity", "metrics"))
        for facts in owner.repositories:
            known = {**facts, **health.get(facts["id"], {})}
            numbers = {**metrics[facts["id"]], **activity.get(facts["id"], {})}
            said = results(known, tuple(numbers.get(field.name) for field in COUNTERS))
            for check, result in zip(CHECKS, said, strict=True):
                if is_about(check, facts):
                    found[check.name][(True, False, None).index(result)] += 1
    return found


def test_changes_add_up_to_the_counts_even_if_the_list_changes(tmp_path):
    def birch(date, **said):
        return asked(make_account("birch", repository(50), repository(51), observed_at=date), {50: said}, date)

    dates = [f"2026-0{month}-01T12:00:00Z" for month in range(1, 7)]
    alder = [account(date, NOW if n % 2 else {"well": ALL}) for n, date in enumerate(dates)]
    states = [{"alder": each} for each in alder]
    for n, said in ((1, {"readme": True}), (2, {}), (5, {"readme": True})):  # not listed in between
        states[n]["birch"] = birch(dates[n], **said)
    with closing(sqlite3.connect(built(tmp_path, *states))) as connection:
        for date, state in zip(dates, states, strict=True):
            rows = connection.execute(
                "SELECT check_name, sum(passed), sum(failed), sum(unknown) FROM check_changes"
                " WHERE observed_at <= ? GROUP BY check_name",
                (date,),
            )
            assert {name: numbers for name, *numbers in rows} == counted(state)
    assert all(one != other for one, other in pairwise(map(counted, states)))
