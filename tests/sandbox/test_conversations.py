"""What people say in issues and pull requests, and who wrote the commits: in full agreement with the counts."""

from datetime import date, timedelta

import pytest
from requests.utils import parse_header_links

from sandbox import Sandbox
from sandbox.estate import DEFAULT_DATE
from tests.sandbox.test_estate import everything
from tests.sandbox.test_health import listed
from tests.sandbox.test_health_graphql import asked, owned

SAID = "nodes { createdAt authorAssociation author { __typename } }"
RESPONSES = f"""
issues(last: 20) {{ nodes {{
  createdAt closedAt authorAssociation author {{ __typename }} comments(first: 5) {{ {SAID} }}
}} }}
pullRequests(last: 20) {{ nodes {{
  createdAt closedAt mergedAt authorAssociation comments(first: 5) {{ {SAID} }} reviews(first: 5) {{ {SAID} }}
}} }}
"""
ALL = 10**6


@pytest.mark.parametrize("on", [date(2024, 11, 3), DEFAULT_DATE])
def test_there_are_as_many_as_counted(estate, on):
    for number in list(listed(estate, on))[::3]:
        health, talks = estate.health(number, on), estate.conversations(number, on, ALL)
        still_open = [sum(talk.closed_at is None for talk in each) for each in talks]
        merged = sum(talk.merged_at is not None for talk in talks.pull_requests)
        assert still_open == [health.open_issues, health.open_pull_requests]
        assert len(talks.issues) == health.open_issues + health.closed_issues
        assert merged == health.merged_pull_requests
        assert len(talks.pull_requests) - merged == health.open_pull_requests + health.closed_pull_requests


def test_they_happen_in_order_and_stay_as_they_were(estate):
    on = DEFAULT_DATE - timedelta(100)
    for number in list(listed(estate, on))[::3]:
        before, after = (estate.conversations(number, day, ALL) for day in (on, DEFAULT_DATE))
        archived = estate.health(number, DEFAULT_DATE).archived_at or f"{DEFAULT_DATE}T23:59:59Z"
        for old, new in zip(before, after, strict=True):
            assert [talk.created_at for talk in new] == sorted(talk.created_at for talk in new)
            assert [talk.created_at for talk in old] == [talk.created_at for talk in new][: len(old)]
        for talk in (*after.issues, *after.pull_requests):
            assert talk.created_at <= (talk.closed_at or archived)
            said = [comment.created_at for comment in (*talk.comments, *talk.reviews)]
            assert all(talk.created_at <= moment <= archived for moment in said)


def test_some_wait_and_some_are_answered_by_bots_insiders_outsiders_and_ghosts(estate):
    talks = [
        talk
        for number in listed(estate, DEFAULT_DATE)
        for talk in estate.conversations(number, DEFAULT_DATE, 20).issues
    ]
    first = {(talk.comments[0].author, talk.comments[0].author_association) for talk in talks if talk.comments}
    assert {(None, "NONE"), ("Bot", "NONE"), ("User", "MEMBER"), ("User", "OWNER"), ("User", "NONE")} <= first
    assert len(talks) / 10 < sum(not talk.comments for talk in talks) < len(talks) / 2


def test_the_newest_are_reported_as_they_are(running, estate):
    records = [each for each in owned(estate) if not each["fork"]][:25]
    for node, record in zip(asked(running, RESPONSES, records), records, strict=True):
        truth = estate.conversations(record["id"], DEFAULT_DATE, 20)
        for found, talks in ((node["issues"], truth.issues), (node["pullRequests"], truth.pull_requests)):
            assert [each["createdAt"] for each in found["nodes"]] == [talk.created_at for talk in talks]
            assert [each["closedAt"] for each in found["nodes"]] == [talk.closed_at for talk in talks]
            for each, talk in zip(found["nodes"], talks, strict=True):
                for name in ("comments", "reviews"):
                    reported = [
                        (one["createdAt"], one["authorAssociation"], one["author"] and one["author"]["__typename"])
                        for one in each.get(name, {"nodes": []})["nodes"]
                    ]
                    assert reported == list(getattr(talk, name)[:5])


@pytest.fixture
def most(estate) -> tuple[dict, tuple]:
    """The repository with the most contributors, and its contributors."""
    known = {number: estate.contributors(number, DEFAULT_DATE) for number in listed(estate, DEFAULT_DATE)}
    number = max(known, key=lambda each: len(known[each]))
    return estate.find(number, DEFAULT_DATE)[1], known[number]


def test_contributors_have_made_all_commits(github: Sandbox, get, most, description):
    record, people = most
    assert sum(each.contributions for each in people) == github.world.health(record["id"], DEFAULT_DATE).commits
    assert len(people) > 100
    found, url = [], f"{github.url}/repos/{record['full_name']}/contributors?per_page=100&anon=true"
    while url:
        page = get(url)
        assert description.errors("/repos/{owner}/{repo}/contributors", page) == []
        found += page.json()
        url = next(
            (each["url"] for each in parse_header_links(page.headers.get("link", "")) if each["rel"] == "next"), None
        )
    assert [(each.get("login"), each["type"], each["contributions"]) for each in found] == list(people)
    known = get(f"{github.url}/repositories/{record['id']}/contributors?per_page=100").json()
    assert {each["type"] for each in known} == {"User", "Bot"}


def test_contributors_of_nothing_nobody_and_a_former_name(github: Sandbox, get, estate):
    empty = next(
        each
        for number, each in everything(estate, DEFAULT_DATE).items()
        if estate.health(number, DEFAULT_DATE).is_empty
    )
    assert get(f"{github.url}/repos/{empty['full_name']}/contributors").status_code == 204
    assert get(f"{github.url}/repos/{empty['full_name']}-not/contributors").status_code == 404
    renamed = next(
        event for event in estate.events(date(2026, 1, 1), DEFAULT_DATE)
        if event.kind == "renamed" and estate.find(event.repository, DEFAULT_DATE)
    )  # fmt: skip
    old = get(f"{github.url}/repos/{renamed.organisation}/{renamed.old}/contributors?anon=true")
    assert old.status_code == 301
    assert old.headers["location"] == f"{github.url}/repositories/{renamed.repository}/contributors?anon=true"


def test_nobody_recorded_them(recorded, get):
    [account, *_] = recorded.accounts(DEFAULT_DATE)
    number = recorded.repositories(account, DEFAULT_DATE)[0]["id"]
    assert recorded.conversations(number, DEFAULT_DATE, 20) is None
    with Sandbox(recorded) as github:
        assert get(f"{github.url}/repositories/{number}/contributors").status_code == 404
