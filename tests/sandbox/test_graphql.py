"""GraphQL: the same resolvers against our small schema and against GitHub's own."""

import pytest
import requests
from graphql import GraphQLInputObjectType, build_schema, is_enum_type, is_input_object_type, is_scalar_type

from sandbox import Limits, Sandbox
from sandbox.graphql_query import SDL

PREFLIGHT = """
query($login: String!) {
  known: repositoryOwner(login: $login) { ...facts }
  person: repositoryOwner(login: "fenland-notebooks") { ...facts }
  unknown: repositoryOwner(login: "nobody-at-all") { ...facts }
  rateLimit { cost limit remaining used resetAt }
}
fragment facts on RepositoryOwner {
  __typename
  login
  repositories(privacy: PUBLIC, ownerAffiliations: OWNER, first: 1) { totalCount }
  sources: repositories(privacy: PUBLIC, isFork: false) { totalCount }
  ... on Organization { databaseId name updatedAt }
  ... on User { databaseId name updatedAt }
}
"""


def post(github: Sandbox, query: str, token: str | None = "any", **variables: object) -> requests.Response:
    headers = {"Authorization": f"bearer {token}"} if token else {}
    payload = {"query": query, "variables": variables}
    return requests.post(f"{github.url}/graphql", json=payload, headers=headers, timeout=10)


def test_the_preflight_tells_kind_id_and_totals(running, get):
    said = post(running, PREFLIGHT, login="HARBOUR-health").json()
    listed = get(f"{running.url}/orgs/harbour-health").json()
    assert "errors" not in said
    known, person = said["data"]["known"], said["data"]["person"]
    assert (known["__typename"], known["login"], known["name"]) == (
        "Organization",
        "harbour-health",
        "Harbour Health",
    )
    assert known["databaseId"] == listed["id"]
    assert known["repositories"]["totalCount"] == listed["public_repos"]
    assert 0 < known["sources"]["totalCount"] < listed["public_repos"]
    assert person["__typename"] == "User"
    assert said["data"]["unknown"] is None
    limit = said["data"]["rateLimit"]
    assert (limit["cost"], limit["limit"], limit["used"], limit["remaining"]) == (1, 5000, 1, 4999)


def test_an_unknown_organization_is_null_and_an_error(running):
    response = post(running, '{ lost: organization(login: "nobody-at-all") { login } user(login: "x") { login } }')
    said = response.json()
    assert response.status_code == 200
    assert said["data"] == {"lost": None, "user": None}
    assert [(error["type"], error["path"]) for error in said["errors"]] == [
        ("NOT_FOUND", ["lost"]),
        ("NOT_FOUND", ["user"]),
    ]


@pytest.mark.parametrize(
    "query", ["{ repositoryOwner { login } }", "{ nonsense }", "{", "{ user(login: 1) { login } }"]
)
def test_wrong_queries_are_refused(running, query):
    said = post(running, query).json()
    assert "data" not in said
    assert said["errors"]


def test_official_fields_that_the_sandbox_lacks_are_errors_not_crashes(estate, official_graphql):
    with Sandbox(estate, graphql_schema=official_graphql) as github:
        response = post(github, '{ repositoryOwner(login: "harbour-health") { login url } viewer { login } }')
    assert response.status_code == 200
    assert response.json()["errors"]


def test_private_repositories_do_not_count(running):
    query = '{ organization(login: "harbour-health") { repositories(privacy: PRIVATE) { totalCount } } }'
    assert post(running, query).json()["data"]["organization"]["repositories"]["totalCount"] == 0


def test_a_token_is_needed_and_the_pool_is_its_own(estate, get):
    with Sandbox(estate, limits=Limits(graphql=1)) as github:
        anonymous = post(github, PREFLIGHT, token=None, login="x")
        first, second = (post(github, PREFLIGHT, login="x") for _ in range(2))
        rest = get(f"{github.url}/orgs/harbour-health")
    assert anonymous.status_code == 401
    assert first.headers["x-ratelimit-resource"] == "graphql"
    assert first.headers["x-ratelimit-remaining"] == "0"
    assert second.json()["errors"][0]["type"] == "RATE_LIMITED"
    assert rest.headers["x-ratelimit-remaining"] == "4999"


def test_no_query_is_a_bad_request(github):
    url, headers = f"{github.url}/graphql", {"Authorization": "bearer any"}
    assert requests.post(url, data=b"nonsense", headers=headers, timeout=10).status_code == 400


def test_our_schema_is_a_part_of_githubs(official_graphql):
    ours = build_schema(SDL.read_text(encoding="utf-8"))
    theirs = build_schema(official_graphql, assume_valid_sdl=True)
    for name, kind in ours.type_map.items():
        if name.startswith("__") or is_scalar_type(kind):
            assert name in theirs.type_map
            continue
        official = theirs.type_map[name]
        assert type(official) is type(kind)
        if is_enum_type(kind):
            assert set(kind.values) <= set(official.values)
            continue
        assert not is_input_object_type(kind) or isinstance(kind, GraphQLInputObjectType)
        for field_name, field in kind.fields.items():
            there = official.fields[field_name]
            assert str(there.type) == str(field.type), (name, field_name)
            for argument_name, argument in getattr(field, "args", {}).items():
                described = there.args[argument_name]
                assert str(described.type) == str(argument.type)
                assert described.default_value == argument.default_value
        assert {each.name for each in getattr(kind, "interfaces", ())} <= {
            each.name for each in getattr(official, "interfaces", ())
        }
