"""Each fault does what its name says, and only where it should."""

import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import orjson
import pytest
import requests
from github import Auth, Github, GithubException, RateLimitExceededException
from requests.utils import parse_header_links

from sandbox import FAULTS, Sandbox, clock
from tests.helpers.estate import FULL_PAGE, LARGE

LOGIN = "openquill"  # several pages


@pytest.fixture
def strike(github: Sandbox, get):
    """Asks for a list while a fault is in force."""

    def ask(fault: str, query: str = "per_page=100", **settings):
        github.faults = [fault]
        return get(f"{github.url}/orgs/{LOGIN}/repos?{query}", **settings)

    return ask


def test_every_fault_is_tested_and_explained():
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*faults.py"))
    for name, kind in FAULTS.items():
        assert f'"{name}' in tests, name
        assert kind.meaning


@pytest.mark.parametrize(
    ("fault", "status", "headers", "message"),
    [
        ("primary-limit:seconds=30", 403, {"x-ratelimit-remaining": "0"}, "API rate limit exceeded"),
        ("secondary-limit", 403, {"retry-after": None}, "You have exceeded a secondary rate limit"),
        ("retry-after:seconds=7", 403, {"retry-after": "7"}, "You have exceeded a secondary rate limit"),
        ("too-many-requests", 429, {"retry-after": None}, "You have exceeded a secondary rate limit"),
        ("server-error", 502, {"content-type": "text/html; charset=utf-8"}, ""),
        ("server-error:status=500", 500, {}, ""),
        ("server-error:status=503", 503, {}, ""),
        ("not-modified", 304, {"content-length": None}, ""),
        ("accepted", 202, {}, ""),
        ("not-found", 404, {}, "Not Found"),
        ("suspended", 404, {}, "Not Found"),
        ("ip-allow-list", 403, {}, "Although you appear to have the correct authorization credentials"),
        ("saml", 403, {"x-github-sso": f"required; url=https://github.com/orgs/{LOGIN}/sso"}, "Resource protected"),
        ("bad-credentials", 401, {}, "Bad credentials"),
        ("blocked", 451, {}, "Repository access blocked"),
    ],
)
def test_refusals(strike, fault, status, headers, message):
    response = strike(fault)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in headers} == headers
    assert message == "" or response.json()["message"].startswith(message)


def test_the_primary_limit_ends_in_so_many_seconds(strike, github):
    reset = int(strike("primary-limit:seconds=30").headers["x-ratelimit-reset"])
    assert 28 <= reset - clock.now(github.date) <= 31


@pytest.mark.parametrize("fault", ["ip-allow-list", "saml"])
def test_what_tokens_may_not_see_is_open_to_everybody(strike, fault):
    assert strike(fault, token=None).status_code == 200


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset", requests.ConnectionError),
        ("no-answer", requests.ReadTimeout),
        ("truncated", requests.exceptions.ChunkedEncodingError),
        ("stall", requests.ConnectionError),
    ],
)
def test_broken_wires(strike, github, fault, error):
    with pytest.raises(error) as caught:
        strike(fault, timeout=0.3)
    assert caught.type is error
    assert len(github.requests) == 1
    assert ("reset" in str(caught.value)) == (fault == "reset")


@pytest.mark.parametrize("fault", ["no-answer:seconds=0.2", "stall:seconds=0.2"])
def test_slow_wires_end_well(strike, fault):
    started = time.perf_counter()
    assert len(strike(fault, timeout=5).json()) == 100
    assert time.perf_counter() - started >= 0.2


@pytest.mark.parametrize("fault", ["cut-json", "html", "empty"])
def test_bodies_that_are_not_json(strike, fault):
    response = strike(fault)
    assert response.status_code == 200
    assert int(response.headers["content-length"]) == len(response.content)
    with pytest.raises(requests.JSONDecodeError):
        response.json()


def test_bodies_of_another_kind(strike):
    assert isinstance(strike("object").json(), dict)
    assert strike("empty-list").json() == []
    assert strike("empty").content == b""
    assert strike("html").headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects(strike, github, status):
    response = strike(f"redirect:status={status}")
    assert response.status_code == status
    assert response.headers["location"] == f"{github.url}/orgs/{LOGIN}/repos?per_page=100"
    assert strike(f"redirect:status={status},times=1", allow_redirects=True).status_code == 200
    assert strike("redirect:to=http://127.0.0.1:9/").headers["location"] == "http://127.0.0.1:9/"


def test_no_link(strike):
    assert "link" in strike("server-error:times=0").headers
    response = strike("no-link")
    assert "link" not in response.headers
    assert len(response.json()) == 100


def pages(github: Sandbox, get, fault: str, query: str = "") -> list[list]:
    """All pages, as a client sees them that follows the links."""
    github.faults = [fault]
    found, url = [], f"{github.url}/orgs/{LOGIN}/repos?per_page=50{query}"
    while url:
        response = get(url)
        found.append(response.json())
        links = parse_header_links(response.headers.get("link", ""))
        url = next((link["url"] for link in links if link["rel"] == "next"), None)
    return found


def identities(found: list[list]) -> list[int]:
    return [each["id"] for page in found for each in page]


@pytest.fixture
def truth(github, get) -> list[int]:
    return identities(pages(github, get, "server-error:times=0"))


def test_drift_repeats_a_record(github, get, truth):
    seen = identities(pages(github, get, "drift"))
    assert len(seen) == len(truth) + 1
    assert set(seen) == set(truth)
    assert len(identities(pages(github, get, "drift", "&sort=created&direction=asc"))) == len(truth) + 1


def test_drift_skips_a_record(github, get, truth):
    for order in ("", "&sort=created&direction=asc"):
        seen = identities(pages(github, get, "drift:how=removed", order))
        assert len(seen) == len(set(seen)) == len(truth) - 1
        assert set(seen) < set(truth)


def test_duplicate(github, get, truth):
    found = pages(github, get, "duplicate")
    assert len(identities(found)) == len(truth) + 1
    assert found[0][-1]["id"] == found[1][0]["id"]
    assert set(identities(found)) == set(truth)


def test_short(github, get, truth):
    assert len(identities(pages(github, get, "short:page=1"))) == len(truth) - 1
    assert len(identities(pages(github, get, "short"))) == len(truth) - len(pages(github, get, "short"))


def test_records(strike):
    honest = strike("server-error:times=0").json()
    assert strike("null-record").json() == [None, *honest[1:]]
    nulls = strike("null-fields").json()[0]
    assert (nulls["owner"], nulls["license"], nulls["pushed_at"], nulls["id"]) == (None, None, None, honest[0]["id"])
    assert strike("private").json()[0]["private"] is True
    assert "pushed_at" not in strike("missing-field").json()[0]
    assert "id" not in strike("missing-field:field=id").json()[0]
    assert strike("wrong-type").json()[0]["stargazers_count"] == "many"
    assert strike("wrong-type:field=id,value=null").json()[0]["id"] is None
    assert strike("wrong-type:field=archived,value=1").json()[0]["archived"] == 1
    assert all("quantum_state" in each for each in strike("extra-field").json())
    assert len(strike("huge-text").json()[0]["description"]) == 1_000_000


def test_texts(strike):
    hostile = strike("hostile-text").json()[0]["description"]
    for danger in (
        "\n",
        "::set-output",
        "@everyone",
        "[skip ci]",
        "`",
        "$(",
        "<script>",
        "\x00",
        "\u202e",
        "=HYPERLINK",
    ):
        assert danger in hostile
    with pytest.raises(UnicodeDecodeError):
        strike("invalid-utf8").content.decode("utf-8")
    lone = strike("lone-surrogate")
    assert lone.json()[0]["description"] == "half \ud800 a character"
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(lone.content)


def test_odd_identities_and_counts(strike, github, get):
    assert {each["owner"]["login"] for each in strike("odd-owner").json()} == {-1}
    assert {each["owner"]["type"] for each in strike("odd-owner:field=type,value=Robot").json()} == {"Robot"}
    github.faults = ["odd-count:value=1e999"]
    assert get(f"{github.url}/users/{LOGIN}").json()["public_repos"] == float("inf")


def test_endless_pages(strike):
    pages = [strike("endless-pages", f"per_page=100&sort=created&direction=asc&page={page}") for page in (1, 2, 50)]
    assert len({page.json()[-1]["id"] for page in pages}) == 3
    assert all('rel="next"' in page.headers["link"] for page in pages)


def test_clock_skew(strike, github):
    def skew(response) -> float:
        return parsedate_to_datetime(response.headers["date"]).timestamp() - clock.now(github.date)

    assert abs(skew(strike("server-error:times=0"))) < 3
    honest = int(strike("server-error:times=0").headers["x-ratelimit-reset"])
    ahead = strike("clock-skew:seconds=600")
    assert 590 < skew(ahead) < 610
    assert abs(int(ahead.headers["x-ratelimit-reset"]) - honest - 600) <= 1
    assert -610 < skew(strike("clock-skew:seconds=-600")) < -590


def test_claimed(github, strike, get, truth):
    claimed = strike("claimed").json()
    honest = get(f"{github.url}/users/{LOGIN}")
    assert len(claimed) == 3
    assert not {each["id"] for each in claimed} & set(truth)
    assert {each["owner"]["login"] for each in claimed} == {LOGIN}
    ids = {each["owner"]["id"] for each in claimed} | {honest.json()["id"]}
    assert len(ids) == 1
    github.faults = []
    assert get(f"{github.url}/users/{LOGIN}").json()["id"] not in ids


def test_recorded_logins_can_be_claimed_too(recorded, get):
    with Sandbox(recorded, faults=[f"claimed:login={LARGE}"]) as github:
        claimed = get(f"{github.url}/orgs/{LARGE}/repos").json()
        honest = get(f"{github.url}/orgs/{FULL_PAGE}/repos?per_page=100").json()
    assert len({each["id"] for each in claimed}) == 3
    assert {each["owner"]["id"] for each in claimed}.isdisjoint(each.id for each in recorded.accounts(github.date))
    assert len(honest) == 100


def query(github: Sandbox, fault: str) -> requests.Response:
    github.faults = [fault]
    text = """{
      one: repositoryOwner(login: "openquill") { login ... on Organization { databaseId } }
      two: repositoryOwner(login: "harbour-health") { login }
      rateLimit { remaining }
    }"""
    headers = {"Authorization": "bearer any"}
    return requests.post(f"{github.url}/graphql", json={"query": text}, headers=headers, timeout=10)


def test_graphql_limits(github):
    for fault, kind in (("graphql-rate-limit", "RATE_LIMITED"), ("graphql-rate-limit:kind=RATE_LIMIT", "RATE_LIMIT")):
        response = query(github, fault)
        assert response.status_code == 200
        assert [error["type"] for error in response.json()["errors"]] == [kind]
        assert "data" not in response.json()


def test_graphql_partial(github):
    said = query(github, "graphql-partial:login=harbour-health").json()
    assert said["data"]["one"]["login"] == "openquill"
    assert said["data"]["two"] is None
    assert said["errors"][0]["path"] == ["two"]
    assert query(github, "graphql-partial").json()["data"]["one"] is None


def test_graphql_sees_what_rest_sees(github):
    honest = query(github, "server-error").json()["data"]  # which affects REST alone
    assert query(github, "suspended:login=OpenQuill").json() == {
        "data": {"one": None, "two": {"login": "harbour-health"}, "rateLimit": {"remaining": 4998}}
    }
    claimed = query(github, "claimed:login=openquill").json()["data"]
    assert claimed["one"]["databaseId"] != honest["one"]["databaseId"]
    assert claimed["two"] == honest["two"]
    assert query(github, "server-error:path=graphql,status=502").status_code == 502
    assert query(github, "bad-credentials").status_code == 401


def test_faults_affect_only_what_they_should(github, get):
    def status(path: str) -> int:
        return get(github.url + path).status_code

    account = next(each for each in github.world.accounts(github.date) if each.login == LOGIN)
    github.faults = ["server-error:login=OPENQUILL,page=2,times=2"]
    assert status(f"/orgs/{LOGIN}/repos") == 200
    assert status(f"/orgs/{LOGIN}") == 200
    assert status("/orgs/harbour-health/repos?page=2") == 200
    assert status(f"/organizations/{account.id}/repos?page=2") == 502
    assert status(f"/orgs/{LOGIN}/repos?page=2") == 502
    assert status(f"/orgs/{LOGIN}/repos?page=2") == 200
    assert github.faults[0].struck == 2
    github.faults = ["server-error"]
    assert status("/rate_limit") == 200
    github.faults = ["null-record"]
    assert status(f"/orgs/{LOGIN}") == 200


def test_faults_take_turns(github, get):
    github.faults = ["server-error:times=2", "not-found:times=1"]
    assert [get(f"{github.url}/orgs/{LOGIN}").status_code for _ in range(4)] == [502, 502, 404, 200]
    assert [fault.struck for fault in github.faults] == [2, 1]


def test_faults_add_up(github, get):
    github.faults = ["clock-skew", "no-link:page=1", "null-record", "short"]
    response = get(f"{github.url}/orgs/{LOGIN}/repos?per_page=100")
    assert "link" not in response.headers
    assert len(response.json()) == 99
    assert response.json()[0] is None


@pytest.fixture
def client(github):
    with Github(
        base_url=github.url, auth=Auth.Token("any"), per_page=100, seconds_between_requests=0, retry=None
    ) as it:
        yield it


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("primary-limit", RateLimitExceededException),
        ("secondary-limit", RateLimitExceededException),
        ("too-many-requests", GithubException),
        ("server-error", GithubException),
        ("reset", requests.ConnectionError),
        ("html", TypeError),
        ("object", TypeError),
        ("redirect", TypeError),
        ("truncated", requests.exceptions.ChunkedEncodingError),
        ("cut-json", ValueError),
    ],
)
def test_pygithub_experiences_them(github, client, fault, error):
    organization = client.get_organization(LOGIN)
    github.faults = [fault]
    with pytest.raises(error):
        list(organization.get_repos())


@pytest.mark.parametrize(("fault", "seen"), [("empty", 0), ("not-modified", 0), ("no-link", 100)])
def test_pygithub_is_deceived_by_some(github, client, truth, fault, seen):
    organization = client.get_organization(LOGIN)
    github.faults = [fault]
    assert len(list(organization.get_repos())) == seen < len(truth)
