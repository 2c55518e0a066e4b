"""How repositories are looked after: it agrees with the lists, and its events are its differences."""

import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from re import IGNORECASE, fullmatch

import pytest

from sandbox import Closing, Closure, Estate, care
from sandbox.estate import DEFAULT_DATE
from sandbox.files import COMMON, PATHS
from sandbox.lifecycle import CALM
from tests.sandbox.test_estate import everything

THEN = date(2024, 11, 3)


SOME = {"LanternInstitute", "copperford-r-club", "fenland-notebooks", "pebble-connect"}


def listed(estate: Estate, on: date) -> dict[int, dict]:
    """Some of the repositories by id, with their owner's login: all would take too long every day."""
    return {
        each["id"]: each | {"owner": account.login}
        for account in estate.accounts(on)
        if account.login in SOME
        for each in estate.repositories(account, on)
    }


def healths(estate: Estate, on: date) -> dict:
    return {number: estate.health(number, on) for number in listed(estate, on)}


PRINT = """
from datetime import date; from tests.sandbox.test_health import fingerprint
print(fingerprint(3, date(2025, 2, 1)))
"""


def fingerprint(seed: int, on: date) -> str:
    known = healths(Estate("nhs", seed), on)
    text = "".join(f"{each} {sorted(each.files)} {each.commits_last_year}" for _, each in sorted(known.items()))
    return sha256(text.encode()).hexdigest()


def test_same_seed_and_date_same_health_in_any_process():
    command, environment = [sys.executable, "-c", PRINT], {"PYTHONHASHSEED": "1"}
    there = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    assert there == fingerprint(3, date(2025, 2, 1)) + "\n"


def test_another_recommended_file_changes_nothing_else(monkeypatch):
    on = date(2025, 2, 1)
    before = healths(Estate("nhs"), on)
    monkeypatch.setattr(care, "COMMON", {"toy": 50, **COMMON})
    monkeypatch.setattr(care, "PATHS", {"toy": ("TOY.md",), **PATHS})
    after = healths(Estate("nhs"), on)
    assert 0 < sum("toy" in each.paths for each in after.values()) < len(after)
    for number, each in after.items():
        paths = {file: path for file, path in each.paths.items() if file != "toy"}
        root = tuple(entry for entry in each.trees.get("", ()) if entry.name != "TOY.md")
        trees = {folder: entries for folder, entries in {**each.trees, "": root}.items() if entries}
        assert replace(each, paths=paths, trees=trees) == before[number]


def test_some_have_next_to_nothing_and_some_have_all(estate):
    known = [estate.health(number, DEFAULT_DATE) for number in everything(estate, DEFAULT_DATE)]
    held = Counter(len(each.files) for each in known)
    assert held[0] > len(known) / 50
    assert held[len(PATHS)] > len(known) / 100
    assert all(any(key in each.files for each in known) for key in PATHS)
    assert {name for each in known for name in each.paths.values()} == {
        path for paths in PATHS.values() for path in paths
    }
    for what in (
        "is_empty",
        "archived_at",
        "template_repository",
        "latest_release",
        "discussions",
        "code_of_conduct",
    ):
        assert len({bool(getattr(each, what)) for each in known}) == 2, what


ANYWHERE = {  # by file name, in the root, in .github or in docs
    "readme": r"readme(\.\w+)?",
    "license_file": r"(licen[cs]e|copying)(\.\w+)?",
    "contributing": r"contributing(\.\w+)?",
    "code_of_conduct": r"code_of_conduct(\.\w+)?",
    "security_policy": r"security\.md",
    "support": r"support\.md",
    "governance": r"governance\.md",
    "codeowners": r"codeowners",
    "changelog": r"(changelog|changes|history|news)(\.(md|rst))?",
    "issue_templates": r"issue_template(/|\.md)",
    "pull_request_template": r"pull_request_template(/|\.md)",
    "funding": r"funding\.yml",
    "dependency_updates": r"dependabot\.ya?ml|renovate\.json5?|\.renovaterc\.json",
    "publiccode": r"publiccode\.ya?ml",
    "code_json": r"code\.json",
    "citation": r"citation\.cff",
    "codemeta": r"codemeta\.json",
}


def test_the_directories_list_the_files(estate):
    for number in listed(estate, DEFAULT_DATE):
        health = estate.health(number, DEFAULT_DATE)
        names = [
            entry.name + "/" * (entry.type == "tree")
            for folder in ("", ".github", "docs")
            for entry in health.trees.get(folder, ())
        ]
        found = {key for key, name in ANYWHERE.items() if any(fullmatch(name, each, IGNORECASE) for each in names)}
        if any(entry.name.endswith((".yml", ".yaml")) for entry in health.trees.get(".github/workflows", ())):
            found.add("workflows")
        assert found == health.files


def test_each_day_agrees_with_the_list_of_that_day(estate):
    for on in (THEN, DEFAULT_DATE):
        for number, record in everything(estate, on).items():
            health = estate.health(number, on)
            assert health.open_issues + health.open_pull_requests == record["open_issues_count"]
            assert min(health.closed_issues, health.closed_pull_requests, health.merged_pull_requests) >= 0
            assert bool(health.archived_at) == record["archived"]
            assert next(iter(health.languages), record["language"]) == record["language"]
            assert list(health.languages.values()) == sorted(health.languages.values(), reverse=True)
            assert ("license_file" in health.files) == bool(record["license"])
            assert health.committed_at in (record["pushed_at"], None)
            assert health.is_empty == (health.commits == 0) == (not health.trees and not health.files)
            assert 0 <= health.commits_last_year <= health.commits
            if health.latest_release:
                assert record["created_at"] <= health.latest_release.published_at <= record["pushed_at"]
            assert not record["fork"] or not health.open_issues + health.closed_issues


def contents(health) -> tuple:
    """Everything that changes only with a push."""
    files = {key: path for key, path in health.paths.items() if key != "license_file"}
    return files, health.latest_release, health.languages, health.commits, health.discussions


@pytest.mark.parametrize("step", [1, 40])
def test_what_changes_shows_in_the_list(estate, step):
    days = [date(2025, 1, 1) + timedelta(n * step) for n in range(6)]
    changed = 0
    for before, after in pairwise(days):
        old, new = listed(estate, before), listed(estate, after)
        for number in old.keys() & new.keys():
            was, now = estate.health(number, before), estate.health(number, after)
            if contents(was) != contents(now):
                changed += 1
                assert old[number]["pushed_at"] < new[number]["pushed_at"]
            if was.paths != now.paths:
                assert old[number]["updated_at"] < new[number]["updated_at"]
            if was.watchers != now.watchers and not was.archived_at:
                assert old[number]["stargazers_count"] < new[number]["stargazers_count"] or now.archived_at is None
            if was.archived_at and was.archived_at == now.archived_at:
                assert (contents(was), was.watchers, was.closed_issues) == (
                    contents(now),
                    now.watchers,
                    now.closed_issues,
                )
    assert changed


def test_what_is_resolved_stays_resolved(estate):
    days = [THEN + timedelta(90 * n) for n in range(9)]
    for before, after in pairwise(days):
        for number, was in healths(estate, before).items():
            now = estate.health(number, after)
            assert now.merged_pull_requests >= was.merged_pull_requests
            assert now.releases >= was.releases
            assert now.commits >= was.commits
            if not was.archived_at:  # issues that were closed because of that are open again when it continues
                assert now.closed_issues >= was.closed_issues
                assert now.closed_pull_requests >= was.closed_pull_requests


def test_commits_are_counted_from_a_moment_on(estate):
    for number, record in list(listed(estate, DEFAULT_DATE).items())[::5]:
        health = estate.health(number, DEFAULT_DATE)
        if health.is_empty:
            continue
        assert health.history.since(record["created_at"]) == health.commits
        assert health.history.since("2000-01-01T00:00:00Z") == health.commits
        assert health.history.since(health.committed_at) == health.history.each
        assert health.history.since(health.committed_at.replace("Z", "+00:00")) == health.history.each
        day_after = date.fromisoformat(health.committed_at[:10]) + timedelta(1)
        assert health.history.since(f"{day_after}T00:00:00Z") == 0
        year_before = estate.health(number, DEFAULT_DATE - timedelta(366))
        assert health.commits_last_year == health.commits - (year_before.commits if year_before else 0)


def difference(estate: Estate, before: date, after: date, compared: set[int]) -> list[tuple]:
    """The events that two states show, for those that are compared."""
    owners, found = {number: each["owner"] for number, each in listed(estate, after).items()}, []
    for number in compared:
        was, now = estate.health(number, before), estate.health(number, after)
        found += [("gained", number, owners[number], None, key) for key in now.files - was.files]
        found += [("lost", number, owners[number], key, None) for key in was.files - now.files]
        if now.latest_release and now.latest_release != was.latest_release:
            found.append(("released", number, owners[number], None, now.latest_release.tag_name))
    return sorted(found, key=str)


def truth(estate: Estate, since: date, until: date, compared: set[int]) -> list[tuple]:
    return sorted((each[1:] for each in estate.health_events(since, until) if each.repository in compared), key=str)


@pytest.mark.parametrize(("step", "times"), [(1, 3), (CALM - 1, 5)])
def test_the_true_events_are_the_differences_of_the_states(estate, step, times):
    days = [date(2025, 1, 1) + timedelta(n * step) for n in range(times + 1)]
    kinds = Counter()
    for before, after in pairwise(days):
        old, new = listed(estate, before), listed(estate, after)
        both = {id_ for id_ in old.keys() & new.keys() if old[id_]["owner"] == new[id_]["owner"]}
        expected = truth(estate, before, after, both)
        assert difference(estate, before, after, both) == expected
        kinds.update(event[0] for event in expected)
    assert step < CALM - 1 or set(kinds) == {"gained", "lost", "released"}


def test_what_happens_out_of_sight_is_seen_when_it_is_back(estate):
    first, gone, seen = date(2014, 1, 1), {}, 0
    known = defaultdict(list)
    for event in estate.health_events(first, DEFAULT_DATE):
        known[event.repository].append(event)
    for turn in estate.events(first, DEFAULT_DATE):
        if turn.kind == "vanished":
            gone[turn.repository] = turn.date - timedelta(1)
        elif turn.kind == "reappeared":
            eve = gone.pop(turn.repository)
            was, now = estate.health(turn.repository, eve), estate.health(turn.repository, turn.date)
            expected = [event for event in known[turn.repository] if eve < event.date <= turn.date]
            assert {event.date for event in expected} <= {turn.date}
            assert {event.new for event in expected if event.kind == "gained"} == now.files - was.files
            assert {event.old for event in expected if event.kind == "lost"} == was.files - now.files
            seen += len(expected)
    assert seen


def test_events_come_in_order_and_in_half_open_spans(estate):
    whole = list(estate.health_events(THEN, DEFAULT_DATE))
    assert [event.date for event in whole] == sorted(event.date for event in whole)
    middle = whole[len(whole) // 2].date
    assert [*estate.health_events(THEN, middle), *estate.health_events(middle, DEFAULT_DATE)] == whole
    assert {event.old or event.new for event in whole if event.kind != "released"} == set(PATHS)


def test_repositories_that_moved_keep_their_health(estate):
    world = Closing(estate, Closure("harbour-health", THEN, fates=("moved",)))
    account = next(each for each in estate.accounts(THEN) if each.login == "harbour-health")
    for record in estate.repositories(account, THEN):
        assert world.find(record["id"], THEN)[0].login == "somewhere-else"
        assert world.health(record["id"], THEN) == estate.health(record["id"], THEN)


def test_what_was_not_recorded_or_did_not_exist_is_unknown(estate, recorded):
    record = everything(recorded, THEN)
    assert {recorded.health(number, THEN) for number in record} == {None}
    born = max(everything(estate, THEN).values(), key=lambda each: each["created_at"])
    eve = date.fromisoformat(born["created_at"][:10]) - timedelta(1)
    assert estate.health(born["id"], eve) is None
    assert estate.find(born["id"], eve) is None
    assert estate.health(5, THEN) is None
