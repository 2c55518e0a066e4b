"""What a client of the REST API relies on: pages, order, validators, limits, changed names."""

from datetime import date, timedelta

import pytest
from requests.utils import parse_header_links

from sandbox import Limits, Sandbox

DAY = date(2026, 11, 1)


def links(response) -> dict[str, str]:
    return {link["rel"]: link["url"] for link in parse_header_links(response.headers.get("link", ""))}


def listed(github: Sandbox, login: str) -> list:
    account = next(each for each in github.world.accounts(github.date) if each.login == login)
    return github.world.repositories(account, github.date)


def test_the_links_lead_through_all_pages_once(github, get):
    seen, url = [], f"{github.url}/orgs/harbour-health/repos?per_page=7&sort=full_name"
    while url:
        response = get(url)
        seen += [each["id"] for each in response.json()]
        url = links(response).get("next")
    assert len(seen) == len(set(seen))
    assert sorted(seen) == sorted(each["id"] for each in listed(github, "harbour-health"))


def test_links_are_written_as_github_writes_them(github, get):
    account = github.world.accounts(DAY)[0]
    middle = get(f"{github.url}/orgs/{account.login}/repos?per_page=7&page=2")
    last = -(-len(listed(github, account.login)) // 7)
    address = f"{github.url}/organizations/{account.id}/repos?per_page=7&page="
    expected = {"prev": 1, "next": 3, "last": last, "first": 1}
    assert middle.headers["link"] == ", ".join(f'<{address}{page}>; rel="{rel}"' for rel, page in expected.items())
    assert set(links(get(f"{github.url}/orgs/{account.login}/repos?per_page=7&page={last}"))) == {"prev", "first"}


def test_one_full_page_has_no_next_one(github, get):
    full = get(f"{github.url}/orgs/plumstone-training/repos?per_page=100")
    assert len(full.json()) == 100
    assert "link" not in full.headers
    beyond = get(f"{github.url}/orgs/plumstone-training/repos?per_page=100&page=2")
    assert beyond.json() == []
    empty = get(f"{github.url}/orgs/WillowmarkSecurity/repos")
    assert (empty.status_code, empty.json()) == (200, [])


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", 30), ("per_page=100", 100), ("per_page=101", 100), ("per_page=x", 30), ("page=0", 30)],
)
def test_page_sizes(github, get, query, expected):
    assert len(get(f"{github.url}/orgs/openquill/repos?{query}").json()) == expected


@pytest.mark.parametrize(
    ("query", "key", "reverse"),
    [
        ("", "created_at", True),
        ("sort=created&direction=asc", "created_at", False),
        ("sort=updated", "updated_at", True),
        ("sort=pushed", "pushed_at", True),
        ("sort=full_name", "full_name", False),
        ("sort=full_name&direction=desc", "full_name", True),
    ],
)
def test_orders_and_their_defaults(github, get, query, key, reverse):
    page = get(f"{github.url}/orgs/harbour-health/repos?per_page=100&{query}").json()
    values = [each[key].lower() for each in page]
    assert values == sorted(values, reverse=reverse)


def test_a_users_list_is_sorted_by_name(github, get):
    names = [each["full_name"].lower() for each in get(f"{github.url}/users/fenland-notebooks/repos").json()]
    assert names == sorted(names)
    assert names


def test_forks_and_sources(github, get):
    everything = listed(github, "harbour-health")
    for kind, forks in (("forks", True), ("sources", False)):
        seen = get(f"{github.url}/orgs/harbour-health/repos?per_page=100&type={kind}").json()
        assert {each["fork"] for each in seen} == {forks}
        assert len(seen) == min(100, sum(each["fork"] == forks for each in everything))
    assert get(f"{github.url}/orgs/harbour-health/repos?type=private").json() == []


def test_users_are_not_organizations_but_organizations_are_users(github, get):
    assert get(f"{github.url}/orgs/fenland-notebooks").status_code == 404
    assert get(f"{github.url}/orgs/fenland-notebooks/repos").status_code == 404
    assert get(f"{github.url}/users/fenland-notebooks").json()["type"] == "User"
    assert get(f"{github.url}/users/harbour-health").json()["type"] == "Organization"
    assert get(f"{github.url}/users/harbour-health/repos").json()


def test_logins_are_found_in_any_case_and_answered_in_githubs(github, get):
    first = get(f"{github.url}/orgs/HARBOUR-Health/repos").json()[0]
    assert first["owner"]["login"] == "harbour-health"
    name = first["name"]
    assert get(f"{github.url}/repos/Harbour-HEALTH/{name.upper()}").json()["full_name"] == f"harbour-health/{name}"


def test_a_renamed_account_has_moved_permanently(github, get):
    account = next(each for each in github.world.accounts(DAY) if each.login == "pebble-connect")
    answer = get(f"{github.url}/orgs/Pebble-Spine/repos?per_page=100&page=2")
    assert answer.status_code == 301
    assert answer.headers["location"] == f"{github.url}/organizations/{account.id}/repos?per_page=100&page=2"
    assert get(f"{github.url}/orgs/pebble-spine").headers["location"] == f"{github.url}/organizations/{account.id}"
    assert get(answer.headers["location"]).status_code == 200
    github.date = date(2021, 5, 3)
    assert get(f"{github.url}/orgs/pebble-spine").json()["id"] == account.id
    assert get(f"{github.url}/orgs/pebble-connect").status_code == 404


@pytest.mark.parametrize("kind", ["renamed", "transferred"])
def test_a_renamed_or_transferred_repository_has_moved(github, get, kind):
    there = {each["id"] for account in github.world.accounts(DAY) for each in listed(github, account.login)}
    events = [each for each in github.world.events(date(2022, 1, 1), DAY) if each.kind == kind]
    event = next(each for each in events if each.repository in there)
    if kind == "renamed":
        old = f"{event.organisation}/{event.old}"
    else:
        _, before = github.world.find(event.repository, event.date - timedelta(days=1))
        old = f"{event.old}/{before['name']}"
    answer = get(f"{github.url}/repos/{old}")
    assert (answer.status_code, answer.headers["location"]) == (301, f"{github.url}/repositories/{event.repository}")
    assert get(answer.headers["location"]).json()["id"] == event.repository


def test_every_address_is_the_sandboxs_own(github, get):
    response = get(f"{github.url}/orgs/harbour-health/repos?per_page=100")
    assert "api.github.com" not in response.text
    assert response.json()[0]["url"].startswith(f"{github.url}/repos/harbour-health/")
    assert response.json()[0]["html_url"].startswith("https://github.com/harbour-health/")


def test_validators_save_the_body_and_the_budget(github, get):
    url = f"{github.url}/orgs/harbour-health/repos"
    first = get(url)
    again = get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]
    assert [each.conditional for each in github.requests] == [False, True]
    # A different token gives a different validator; without a token, a 304 counts against the quota.
    assert get(url, token="another", headers={"If-None-Match": first.headers["etag"]}).status_code == 200
    anonymous = get(url, token=None)
    repeated = get(url, token=None, headers={"If-None-Match": anonymous.headers["etag"]})
    assert repeated.status_code == 304
    assert int(repeated.headers["x-ratelimit-remaining"]) == int(anonymous.headers["x-ratelimit-remaining"]) - 1
    github.date = date(2026, 12, 24)
    assert get(url, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_limits_count_down_and_end_in_githubs_words(estate, get):
    with Sandbox(estate, limits=Limits(anonymous=2)) as github:
        url = f"{github.url}/orgs/harbour-health"
        remaining = [get(url, token=None).headers["x-ratelimit-remaining"] for _ in range(2)]
        refused = get(url, token=None)
        rate = get(f"{github.url}/rate_limit", token=None).json()
        with_token = get(url)
    assert remaining == ["1", "0"]
    assert refused.status_code == 403
    assert refused.json()["message"].startswith("API rate limit exceeded for 127.0.0.1.")
    assert (refused.headers["x-ratelimit-remaining"], refused.headers["x-ratelimit-resource"]) == ("0", "core")
    assert rate["rate"] == {"limit": 2, "used": 2, "remaining": 0, "reset": int(refused.headers["x-ratelimit-reset"])}
    assert with_token.headers["x-ratelimit-limit"] == "5000"


def test_a_limit_comes_back_after_its_window(estate, get):
    with Sandbox(estate, limits=Limits(anonymous=1, window=0)) as github:
        assert [get(f"{github.url}/orgs/harbour-health", token=None).status_code for _ in range(3)] == [200] * 3


def test_the_default_limits_are_githubs(github, get):
    assert get(f"{github.url}/rate_limit", token=None).json()["rate"]["limit"] == 60
    resources = get(f"{github.url}/rate_limit").json()["resources"]
    assert (resources["core"]["limit"], resources["core"]["used"], resources["graphql"]["limit"]) == (5000, 0, 5000)


def test_tokens_can_be_restricted_and_are_never_kept(estate, get):
    with Sandbox(estate, tokens={"good-token"}) as github:
        good = get(f"{github.url}/orgs/harbour-health", token="good-token")
        bad = get(f"{github.url}/orgs/harbour-health", token="bad-token")
        none = get(f"{github.url}/orgs/harbour-health", token=None)
        said = repr(github.requests) + repr(vars(github))
    assert (good.status_code, bad.status_code, none.status_code) == (200, 401, 200)
    assert bad.json()["message"] == "Bad credentials"
    assert "good-token" not in said
    assert "bad-token" not in said
    assert [each.token for each in github.requests] == [True, True, False]


def test_headers_of_every_answer(github, get):
    for path in ("/orgs/harbour-health", "/no/such/thing", "/orgs/nobody-at-all/repos"):
        headers = get(github.url + path).headers
        assert headers["content-type"] == "application/json; charset=utf-8"
        assert headers["x-github-api-version-selected"] == "2022-11-28"
        assert headers["date"].endswith("GMT")
        for name in ("limit", "remaining", "used", "reset", "resource"):
            assert f"x-ratelimit-{name}" in headers
    numbers = [get(f"{github.url}/rate_limit").headers["x-github-request-id"] for _ in range(2)]
    assert numbers[0] != numbers[1]


def test_recorded_answers_are_given_exactly(recorded, get):
    with Sandbox(recorded) as github:
        for account in recorded.accounts(DAY):
            url, seen = f"{github.url}/orgs/{account.login.upper()}/repos?per_page=100", []
            while url:
                response = get(url)
                seen += [{name: _true(value, github.url) for name, value in each.items()} for each in response.json()]
                url = links(response).get("next")
            assert sorted(seen, key=_by_id) == sorted(recorded.repositories(account, DAY), key=_by_id)


def _by_id(record) -> int:
    return record["id"]


def _true(value, url: str):
    if isinstance(value, dict):
        return {name: _true(each, url) for name, each in value.items()}
    return value.replace(url, "https://api.github.com") if isinstance(value, str) else value
