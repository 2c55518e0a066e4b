"""GitHub's own OpenAPI description allows every answer and every refusal."""

import pytest

from sandbox import Limits, Recordings, Sandbox, World
from tests.helpers import recorded


@pytest.fixture(params=["estate", *recorded.ANSWERED])
def described(request, estate, recordings) -> World:
    """The estate, invented recordings, and GitHub's own if available."""
    return {
        "estate": lambda: estate,
        "invented": lambda: Recordings(recordings),
        "real": lambda: Recordings(recorded.ANSWERS),
    }[request.param]()


@pytest.fixture
def running(described):
    with Sandbox(described) as github:
        yield github


def without_empty_homepage(errors: list[str]) -> list[str]:
    """GitHub describes the homepage of one repository as an address or null; recorded ones are often empty."""
    return [error for error in errors if not error.startswith("['homepage']: \"\" is not valid")]


def answers(github: Sandbox, get):
    """The described path and the response of each route and each outcome."""
    accounts = github.world.accounts(github.date)
    organization = next(each for each in accounts if each.type == "Organization")
    name = github.world.repositories(organization, github.date)[0]["name"]
    asked = [
        ("/rate_limit", "/rate_limit"),
        ("/orgs/{org}", "/orgs/nobody-at-all"),
        ("/users/{username}", "/users/nobody-at-all"),
        ("/users/{username}", "/users/ghost"),
        ("/user/{account_id}", "/user/10137"),
        ("/repos/{owner}/{repo}", f"/repos/{organization.login}/{name}"),
        ("/repos/{owner}/{repo}", f"/repos/{organization.login}/nothing-at-all"),
    ]
    for account in accounts:
        asked.append(("/users/{username}", f"/users/{account.login}"))
        asked.append(("/users/{username}/repos", f"/users/{account.login}/repos?per_page=100"))
        asked.append(("/user/{account_id}", f"/user/{account.id}"))
        if account.type == "Organization":
            asked.append(("/orgs/{org}", f"/orgs/{account.login}"))
            asked.append(("/orgs/{org}/repos", f"/orgs/{account.login}/repos?per_page=100"))
            asked.append(("/orgs/{org}/repos", f"/organizations/{account.id}/repos?page=2&per_page=20"))
    return [(path, get(github.url + address)) for path, address in asked]


def test_every_route_answers_as_described(running, get, description):
    seen = answers(running, get)
    assert {response.status_code for _, response in seen} == {200, 404}
    wrong = [(path, each) for path, said in seen for each in without_empty_homepage(description.errors(path, said))]
    assert wrong == []


def test_every_single_repository_matches_the_description(running, get, description):
    for account in running.world.accounts(running.date)[:6]:
        for repository in running.world.repositories(account, running.date)[:5]:
            response = get(f"{running.url}/repositories/{repository['id']}")
            assert without_empty_homepage(description.errors("/repos/{owner}/{repo}", response)) == []


def test_refusals_are_described(estate, get, description):
    error = {"$ref": "#/components/schemas/basic-error"}
    with Sandbox(estate, tokens={"good"}, limits=Limits(anonymous=1)) as github:
        first = get(f"{github.url}/orgs/harbour-health", token=None)
        refused = {
            403: get(f"{github.url}/repos/harbour-health/x", token=None),
            401: get(f"{github.url}/orgs/harbour-health", token="stale"),
            404: get(f"{github.url}/no/such/route", token="good"),
            301: get(f"{github.url}/orgs/pebble-spine/repos", token="good"),
        }
    assert first.status_code == 200
    for status, response in refused.items():
        assert response.status_code == status
        assert description.schema_errors(error, response.json()) == []
        assert set(response.json()) >= {"message", "documentation_url"}
    assert description.errors("/repos/{owner}/{repo}", refused[403]) == []


@pytest.mark.parametrize("fault", ["primary-limit", "secondary-limit", "retry-after", "saml", "not-found"])
def test_faults_that_refuse_use_the_described_words(github, get, description, fault):
    github.faults = [fault]
    response = get(f"{github.url}/repos/harbour-health/anything")
    assert description.errors("/repos/{owner}/{repo}", response) == []


def test_the_validation_can_fail(github, get, description):
    path = "/orgs/{org}/repos"
    for fault, complaint in (
        ("wrong-type", "many"),
        ("null-record", "null"),
        ("missing-field:field=full_name", "full_name"),
        ("object", "array"),
        ("wrong-type:field=created_at,value=yesterday", "yesterday"),
    ):
        github.faults = [fault]
        errors = description.errors(path, get(f"{github.url}/orgs/harbour-health/repos"))
        assert any(complaint in error for error in errors), fault
    github.faults = ["accepted"]
    assert description.errors(path, get(f"{github.url}/orgs/harbour-health/repos")) == [f"{path} never answers 202"]
