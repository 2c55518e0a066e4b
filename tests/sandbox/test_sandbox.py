"""Starting, stopping, observing and changing the date."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import requests
from github import Auth, Github

from sandbox import Fault, Sandbox
from sandbox.faults import FaultError
from tests.helpers.estate import FULL_PAGE


def test_it_starts_at_once_and_leaves_nothing_behind(estate, get):
    before, started = threading.active_count(), time.perf_counter()
    with Sandbox(estate) as github:
        assert time.perf_counter() - started < 0.5
        assert get(f"{github.url}/rate_limit").status_code == 200
        url = github.url
    assert time.perf_counter() - started < 1
    assert threading.active_count() == before
    with pytest.raises(requests.ConnectionError):
        get(url)


@pytest.mark.parametrize("fault", ["no-answer", "stall"])
def test_it_stops_at_once_even_while_somebody_waits(estate, get, fault):
    with ThreadPoolExecutor(1) as pool, Sandbox(estate, faults=[fault]) as github:
        waiting = pool.submit(get, f"{github.url}/orgs/harbour-health/repos")
        while not github.requests:
            time.sleep(0.01)
        started = time.perf_counter()
    assert time.perf_counter() - started < 1
    assert isinstance(waiting.exception(), requests.RequestException)


def test_two_sandboxes_run_at_the_same_time(estate, recorded, get):
    """The estate, and recordings of two of its accounts."""
    with Sandbox(estate) as one, Sandbox(recorded) as other:
        assert one.url != other.url
        assert [get(f"{each.url}/orgs/{FULL_PAGE}").status_code for each in (one, other)] == [200, 200]
        assert [get(f"{each.url}/orgs/harbour-health").status_code for each in (one, other)] == [200, 404]


def test_a_port_in_use_is_an_error(github):
    port = int(github.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), Sandbox(github.world, port=port):
        pass


def test_time_can_be_moved_while_it_runs(github, get):
    def count() -> int:
        return get(f"{github.url}/orgs/harbour-health").json()["public_repos"]

    now = count()
    github.date = date(2018, 1, 1)
    assert count() < now
    github.date = date(2026, 11, 1)
    assert count() == now


def test_it_remembers_what_was_asked(github, get):
    get(f"{github.url}/orgs/harbour-health/repos?per_page=5&page=2")
    get(f"{github.url}/orgs/nobody-at-all", token=None)
    first, second = github.requests
    assert (first.method, first.path, first.status) == ("GET", "/orgs/harbour-health/repos", 200)
    assert (first.query, first.token, first.conditional) == ({"per_page": "5", "page": "2"}, True, False)
    assert (second.status, second.token) == (404, False)


def test_latency_delays_each_answer_but_not_one_another(estate, get):
    with Sandbox(estate, latency=0.2) as github, ThreadPoolExecutor(4) as pool:
        started = time.perf_counter()
        list(pool.map(lambda _: requests.get(f"{github.url}/rate_limit", timeout=5), range(4)))
        assert 0.2 <= time.perf_counter() - started < 0.6


def test_faults_are_checked_when_they_are_requested(github):
    with pytest.raises(FaultError, match=r"there is no fault 'earthquake'.*server-error"):
        github.faults = ["earthquake"]
    for wrong in (
        "reset:times=often",
        "reset:colour=red",
        "reset:path=soap",
        "retry-after:seconds=inf",
        "reset:login",
        "redirect:status=200",
    ):
        with pytest.raises(FaultError):
            Fault.parse(wrong)


def test_pygithub_sees_all_repositories(github):
    for token in (None, "any"):
        auth = Auth.Token(token) if token else None
        with Github(base_url=github.url, auth=auth, per_page=100, seconds_between_requests=0, retry=None) as client:
            for account in github.world.accounts(github.date):
                owner = client.get_user(account.login)
                if account.type == "Organization" and token:
                    owner = client.get_organization(account.login.upper())
                expected = {each["id"] for each in github.world.repositories(account, github.date)}
                assert owner.login == account.login
                if token:
                    assert {each.id for each in owner.get_repos()} == expected
    with_token = [each for each in github.requests if each.token]
    assert {each.status for each in github.requests} == {200}
    sizes = [len(github.world.repositories(each, github.date)) for each in github.world.accounts(github.date)]
    pages = sum(max(1, -(-size // 100)) for size in sizes)
    assert sum(each.path.endswith("/repos") for each in with_token) == pages


def test_pygithub_follows_a_renamed_organization_and_asks_graphql(github):
    with Github(base_url=github.url, auth=Auth.Token("any"), seconds_between_requests=0, retry=None) as client:
        assert client.get_organization("pebble-spine").login == "pebble-connect"
        query = '{ repositoryOwner(login: "pebble-spine") { login } }'
        _, said = client.requester.graphql_query(query, {})
        assert said["data"]["repositoryOwner"]["login"] == "pebble-connect"
        full_name = client.get_organization("harbour-health").get_repos()[0].full_name
        assert client.get_repo(full_name).owner.login == "harbour-health"


def test_small_answers_are_not_held_back(github, get):
    get(f"{github.url}/rate_limit")
    started = time.perf_counter()
    for _ in range(20):
        get(f"{github.url}/rate_limit")
    assert time.perf_counter() - started < 20 * 0.03, "40 ms each: the sockets wait for more to send"
