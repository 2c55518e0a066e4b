"""Whom the second look asks, in which order, and what it makes of one answer after another."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

from scraper.config import Budget
from scraper.github.families import FAMILIES
from scraper.health import examine
from scraper.model.events import compare
from scraper.model.kinds import written
from scraper.observation import Outcome
from tests.helpers.examples import make_account, repository
from tests.helpers.nodes import NODES

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PLENTY = Budget(1_000, 60)
DAY = timedelta(days=1)
OLD = {"pushed_at": "2020-01-01T00:00:00Z"}


class GitHub:
    """Answers about every repository, with what a test `says` otherwise; remembers whom it was asked about."""

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


@pytest.fixture
def look(github):
    """Observe these repositories, and look at them for the second time; the dataset then, and the examination."""
    state = {}

    def look(now, *raw, budget=PLENTY):
        for ids in github.asked.values():
            ids.clear()
        account = make_account("alder", *raw, observed_at=written(now))
        outcomes, examination = examine(github, {"alder": Outcome(account, True)}, dict(state), budget, now)
        state["alder"] = outcomes["alder"].account
        return dict(state), examination

    return look


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
    assert said()[-2:-1] == ["GitHub left security_policy open for 1 repository: what was known of it is kept."]
