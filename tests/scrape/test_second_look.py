"""Which repositories the second look asks about, in which order, and how it uses the answers."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

from scraper.config import NO_BUDGET, Budget
from scraper.github.families import FAMILIES
from scraper.health import Examination, examine
from scraper.model.events import compare
from scraper.model.kinds import UNKNOWN, written
from scraper.observation import Outcome
from tests.helpers.examples import make_account, repository
from tests.helpers.nodes import COMMITS, COUNTS, FILES, NODES

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PLENTY = Budget(1_000, 60)
DAY = timedelta(days=1)
OLD = {"pushed_at": "2020-01-01T00:00:00Z"}


class GitHub:
    """Answers about every repository, with what a test `says` differently; remembers what it was asked about."""

    has_token = True

    def __init__(self):
        self.says = {}
        self.asked = {family: [] for family in FAMILIES}

    def graphql_once(self, query, variables, until):
        (family,) = (each for each in FAMILIES if each.query == query)
        ids = [int(each) for each in variables["ids"]]
        self.asked[family] += ids
        nodes = [{"databaseId": id_} | copy.deepcopy(NODES[family]) | self.says for id_ in ids]
        return {"rateLimit": {"cost": 1}, "nodes": nodes}, []


@pytest.fixture
def github(monkeypatch):
    monkeypatch.setattr("scraper.github.health.node_id", str)
    return GitHub()


class Look:
    """Observes repositories and takes a second look at them; returns the dataset and the examination."""

    def __init__(self, github):
        self.github, self.known = github, {}

    def __call__(self, now, *raw, budget=PLENTY):
        for ids in self.github.asked.values():
            ids.clear()
        account = make_account("alder", *raw, observed_at=written(now))
        outcomes, examination = examine(self.github, {"alder": Outcome(account, True)}, self.known, budget, now)
        self.known = {login: outcome.account for login, outcome in outcomes.items()}
        return self.known, examination


@pytest.fixture
def look(github):
    return Look(github)


def fact(dataset, name):
    return dataset["alder"].by_id("health")[1][name]


def test_what_is_lost_while_github_says_neither_yes_nor_no_is_lost_all_the_same(github, look, said):
    states = []
    for days, enabled in enumerate((True, None, False)):
        github.says = {"isSecurityPolicyEnabled": enabled}
        states.append(look(NOW + 28 * days * DAY, repository(1, **OLD))[0])
    first, second, third = states
    assert [fact(state, "security_policy") for state in states] == [True, True, False]
    assert compare(first, second) == []
    assert [(event.kind, event.field) for event in compare(second, third)] == [("lost", "security_policy")]
    assert said()[-2:-1] == ["GitHub gave no security_policy for 1 repository: the last known value is kept."]


ARCHIVED = {"archivedAt": "2026-02-01T00:00:00Z"}


@pytest.mark.parametrize(
    "archived, says", [(True, ARCHIVED), (True, {}), (False, {})], ids=["dated", "undated", "back"]
)
def test_what_was_archived_or_came_back_is_asked_for_until_it_was_looked_at(github, look, archived, says):
    github.says = {} if archived else ARCHIVED
    look(NOW, repository(1, archived=not archived, **OLD))
    github.says = says
    changed = repository(1, archived=archived, **OLD)
    look(NOW + DAY, changed, budget=NO_BUDGET)
    dataset, _ = look(NOW + 2 * DAY, changed)
    assert github.asked == {FILES: [1], COUNTS: [], COMMITS: []}
    assert fact(dataset, "archived_at") == (says.get("archivedAt", UNKNOWN) if archived else None)
    look(NOW + 3 * DAY, changed)
    assert github.asked[FILES] == []


def test_what_the_list_says_of_archiving_holds_if_the_second_look_contradicts_it(github, look):
    github.says = ARCHIVED
    dataset, _ = look(NOW, repository(1, **OLD))
    assert fact(dataset, "archived_at") is None
    look(NOW + DAY, repository(1, **OLD))
    assert github.asked[FILES] == []


LISTED = OLD | {"license": {"spdx_id": "MIT"}, "open_issues_count": 4}
"""As in the nodes: a file LICENCE, one open issue and three open pull requests."""


@pytest.mark.parametrize(
    "change, family", [({"license": None}, FILES), ({"open_issues_count": 6}, COUNTS)], ids=["license", "issues"]
)
def test_what_moved_is_asked_for_at_once_or_if_that_was_missed_after_a_week(github, look, change, family):
    before, after = repository(1, **LISTED), repository(1, **LISTED | change)
    look(NOW, before)
    look(NOW + DAY, after)
    assert github.asked[family] == [1]
    look(NOW + 2 * DAY, before)
    assert github.asked[family] == [1]
    look(NOW + 3 * DAY, after, budget=NO_BUDGET)
    look(NOW + 9 * DAY, after)
    assert github.asked[family] == []
    look(NOW + 9 * DAY + timedelta(seconds=1), after)
    assert github.asked[family] == [1]


def test_what_agrees_with_the_list_is_left_alone_for_four_weeks(github, look):
    look(NOW, repository(1, **LISTED))
    look(NOW + 28 * DAY - timedelta(seconds=1), repository(1, **LISTED))
    assert list(github.asked.values()) == [[], [], []]
    look(NOW + 28 * DAY, repository(1, **LISTED))
    assert list(github.asked.values()) == [[1], [1], [1]]


def test_what_moved_comes_first_and_then_the_oldest(github, look):
    ids = (3, 1, 4, 2)
    for day in range(4):
        look(NOW + day * DAY, *(repository(id_, **LISTED) for id_ in sorted(ids[: day + 1])))
    now = NOW + 40 * DAY
    moved = {id_: {"pushed_at": written(now - DAY)} for id_ in (2, 4)}
    look(now, *(repository(id_, **LISTED | moved.get(id_, {})) for id_ in sorted(ids)))
    assert github.asked[FILES] == [4, 2, 3, 1]


def test_those_never_asked_for_take_turns_in_another_order_each_day(github, look):
    old, new = range(1, 61), range(101, 161)
    look(NOW, *(repository(id_, **LISTED) for id_ in old))
    known, orders = dict(look.known), []
    for day in (28, 28, 29):
        look.known = dict(known)
        look(NOW + day * DAY, *(repository(id_, **LISTED) for id_ in (*old, *new)))
        orders.append(github.asked[FILES].copy())
    assert orders[0] == orders[1] != orders[2]
    for order in orders:
        never = [*order[:50], *order[100:110]]
        assert [*order[50:100], *order[110:]] == list(old)
        assert sorted(never) == list(new) != never


def test_the_oldest_are_asked_about_though_more_moved_than_a_budget_allows(github, look):
    quiet, busy = range(1, 11), range(101, 301)
    now = NOW + 28 * DAY
    look(NOW, *(repository(id_, **LISTED) for id_ in (*quiet, *busy)))
    pushed = LISTED | {"pushed_at": written(now - DAY)}
    raw = [*(repository(id_, **LISTED) for id_ in quiet), *(repository(id_, **pushed) for id_ in busy)]
    look(now, *raw, budget=Budget(8, 60))
    assert set(quiet) <= set(github.asked[FILES])


def test_the_sentence_counts_repositories_without_an_answer_too():
    assert Examination(8, 3, 0, 12, 12, 1.0).sentence == (
        "8 of 8 repositories checked for files, counts and commits; 5 got no complete answer (12 queries, 12 points,"
        " 1 s)."
    )
    assert Examination(3, 1, 1, 1, 1, 0.2, "the budget is spent").sentence == (
        "2 of 3 repositories checked for files, counts and commits; 1 got no complete answer; 1 waits for the next"
        " run, at least in part, because the budget is spent (1 query, 1 point, 0 s)."
    )
