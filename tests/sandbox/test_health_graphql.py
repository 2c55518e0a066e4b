"""The second look at repositories by GraphQL, in families, with our small schema and GitHub's own."""

from datetime import date, timedelta

import pytest
import requests

from sandbox import Estate, Sandbox
from sandbox.estate import DEFAULT_DATE
from sandbox.serializer import node_id
from tests.helpers.estate import LARGE
from tests.sandbox.test_graphql import post

FILES = """
isEmpty archivedAt isSecurityPolicyEnabled codeOfConduct { key } contributingGuidelines { resourcePath }
issueTemplates { filename } pullRequestTemplates { filename } fundingLinks { platform }
templateRepository { databaseId } latestRelease { tagName publishedAt }
languages(first: 20, orderBy: {field: SIZE, direction: DESC}) { edges { size node { name } } }
root: object(expression: "HEAD:") { ...tree } dotgithub: object(expression: "HEAD:.github") { ...tree }
docs: object(expression: "HEAD:docs") { ...tree } workflows: object(expression: "HEAD:.github/workflows") { ...tree }
"""
COUNTS = """
watchers { totalCount } open: issues(states: OPEN) { totalCount } closed: issues(states: CLOSED) { totalCount }
issues { totalCount } requested: pullRequests(states: OPEN) { totalCount }
merged: pullRequests(states: MERGED) { totalCount } refused: pullRequests(states: CLOSED) { totalCount }
releases { totalCount } discussions { totalCount }
"""
COMMITS = """
defaultBranchRef { target { ... on Commit {
  committedDate history { totalCount } year: history(since: $since) { totalCount }
} } }
"""
TREE = "fragment tree on GitObject { ... on Tree { entries { name type } } }"


def question(family: str) -> str:
    since = ", $since: GitTimestamp!" if "$since" in family else ""
    return (
        f"query ($ids: [ID!]!{since}) {{ rateLimit {{ cost remaining resetAt }}"
        f" nodes(ids: $ids) {{ ... on Repository {{ databaseId {family} }} }} }} {TREE if 'tree' in family else ''}"
    )


SINCE = f"{DEFAULT_DATE - timedelta(365)}T00:00:00Z"


def owned(world, login: str = LARGE, on: date = DEFAULT_DATE) -> list[dict]:
    account = next(each for each in world.accounts(on) if each.login == login)
    return list(world.repositories(account, on))


def ask(github: Sandbox, family: str, records: list[dict], **variables: object) -> requests.Response:
    return post(github, question(family), ids=[node_id("R", each["id"]) for each in records], **variables)


def asked(github: Sandbox, family: str, records: list[dict], **variables: object) -> list[dict]:
    said = ask(github, family, records, **variables).json()
    assert "errors" not in said
    return said["data"]["nodes"]


def test_files_are_reported_as_they_are(running, estate: Estate):
    records = owned(estate)[:50]
    for node, record in zip(asked(running, FILES, records), records, strict=True):
        truth = estate.health(record["id"], DEFAULT_DATE)
        assert node["databaseId"] == record["id"]
        assert node["isEmpty"] == truth.is_empty
        assert node["archivedAt"] == truth.archived_at
        assert node["isSecurityPolicyEnabled"] == ("security_policy" in truth.files)
        assert bool(node["codeOfConduct"]) == ("code_of_conduct" in truth.files)
        assert bool(node["contributingGuidelines"]) == ("contributing" in truth.files)
        assert bool(node["issueTemplates"]) == any(name.endswith(".md") for name in truth.issue_templates)
        assert bool(node["pullRequestTemplates"]) == ("pull_request_template" in truth.files)
        assert bool(node["fundingLinks"]) == ("funding" in truth.files)
        assert (node["templateRepository"] or {}).get("databaseId") == truth.template_repository
        release = node["latestRelease"]
        assert (release and (release["tagName"], release["publishedAt"])) == truth.latest_release
        sizes = [(edge["node"]["name"], edge["size"]) for edge in node["languages"]["edges"]]
        assert sizes == list(truth.languages.items())
        for alias, folder in (
            ("root", ""),
            ("dotgithub", ".github"),
            ("docs", "docs"),
            ("workflows", ".github/workflows"),
        ):
            entries = node[alias] and [(entry["name"], entry["type"]) for entry in node[alias]["entries"]]
            assert entries == (list(truth.trees[folder]) if folder in truth.trees else None)


def test_counts_are_reported_as_they_are(running, estate: Estate):
    records = owned(estate)[-50:]
    for node, record in zip(asked(running, COUNTS, records), records, strict=True):
        truth = estate.health(record["id"], DEFAULT_DATE)
        counts = {name: value["totalCount"] for name, value in node.items() if name != "databaseId"}
        assert counts == {
            "watchers": truth.watchers,
            "open": truth.open_issues,
            "closed": truth.closed_issues,
            "issues": truth.open_issues + truth.closed_issues,
            "requested": truth.open_pull_requests,
            "merged": truth.merged_pull_requests,
            "refused": truth.closed_pull_requests,
            "releases": truth.releases,
            "discussions": truth.discussions,
        }
        assert counts["open"] + counts["requested"] == record["open_issues_count"]


def test_commits_are_reported_as_they_are(running, estate: Estate):
    records = owned(estate)[::40][:25]
    for node, record in zip(asked(running, COMMITS, records, since=SINCE), records, strict=True):
        truth, target = estate.health(record["id"], DEFAULT_DATE), node["defaultBranchRef"]["target"]
        assert target["committedDate"] == truth.committed_at == record["pushed_at"]
        assert target["history"]["totalCount"] == truth.commits
        assert target["year"]["totalCount"] == truth.commits_last_year


@pytest.mark.parametrize(
    ("family", "error"),
    [
        ("languages { edges { size } }", "MISSING_PAGINATION_BOUNDARIES"),
        ("issues { nodes { createdAt } }", "MISSING_PAGINATION_BOUNDARIES"),
        ("issues(last: 101) { nodes { createdAt } }", "EXCESSIVE_PAGINATION"),
    ],
)
def test_lists_without_bounds_are_refused(running, estate: Estate, family, error):
    said = ask(running, family, owned(estate)[:1]).json()
    assert [each["type"] for each in said["errors"]] == [error]


def test_what_was_not_recorded_is_refused_not_none(recorded):
    [record, *_] = owned(recorded)
    with Sandbox(recorded) as github:
        said = ask(github, COUNTS, [record]).json()
        known = asked(github, "nameWithOwner", [record])
    assert said["data"]["nodes"] == [None]
    assert {error["type"] for error in said["errors"]} == {"FORBIDDEN"}
    assert known == [{"databaseId": record["id"], "nameWithOwner": record["full_name"]}]
