"""What queries cost: points, and seconds that nobody has to wait for."""

import pytest

from sandbox import Limits, Sandbox
from tests.sandbox.test_graphql import post
from tests.sandbox.test_health_graphql import COMMITS, COUNTS, FILES, SINCE, ask, owned


@pytest.mark.parametrize(
    ("family", "many", "least", "most"),
    [(FILES, 50, 1, 5), (COUNTS, 50, 4, 5), (COUNTS, 91, 6, 8.5), (COMMITS, 25, 4, 6.2)],
)
def test_the_families_take_about_what_was_measured(running, family, many, least, most):
    variables = {"since": SINCE} if "$since" in family else {}
    answer = ask(running, family, owned(running.world)[:many], **variables)
    assert answer.status_code == 200
    assert least < running.requests[-1].seconds < most
    assert running.requests[-1].points == 1


def test_what_takes_too_long_is_ended_by_the_clock(running):
    records = owned(running.world)[:100]
    both = ask(running, COUNTS + COMMITS, records, since=SINCE)
    assert both.status_code == 502
    assert both.json()["data"] is None
    assert running.requests[-1].seconds == 10
    assert ask(running, COUNTS + COMMITS, records[:25], since=SINCE).status_code == 200
    assert ask(running, COUNTS, [], since=SINCE).status_code == 200


def test_the_documented_points_are_what_githubs_formula_says(estate):
    with Sandbox(estate, limits=Limits(graphql=14, documented_points=True)) as github:
        records = owned(estate)[:50]
        limits = [ask(github, COUNTS, records).json()["data"]["rateLimit"] for _ in range(3)]
        fourth = ask(github, COUNTS, records).json()
        assert [(each["cost"], each["remaining"]) for each in limits] == [(5, 9), (5, 4), (5, 0)]
        assert [error["type"] for error in fourth["errors"]] == ["RATE_LIMITED"]
        assert [each.points for each in github.requests] == [5, 5, 4, 0]
        github.ahead += 3600
        assert ask(github, COUNTS, records).json()["data"]["rateLimit"]["remaining"] == 9


def test_a_minutes_server_time_is_the_secondary_limit_of_a_token(estate):
    with Sandbox(estate, limits=Limits(server_time=10)) as github:
        records = owned(estate)[:50]
        statuses = [ask(github, COUNTS, records).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 403]
        assert [each.seconds > 0 for each in github.requests] == [True, True, True, False]
        refused = ask(github, COUNTS, records)
        assert refused.json()["message"].startswith("You have exceeded a secondary rate limit")
        wait = int(refused.headers["retry-after"])
        assert 50 < wait <= 60
        assert post(github, "{ rateLimit { cost } }", token="another").status_code == 200
        github.ahead += wait
        assert ask(github, COUNTS, records).status_code == 200


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ ...a } fragment a on Query { ...a }", {}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": 7}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": None}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { ...unknown } }", {"ids": []}),
    ],
)
def test_an_invalid_query_costs_little_and_is_an_error(running, query, variables):
    assert post(running, query, **variables).json()["errors"]
    assert running.requests[-1].seconds < 1
