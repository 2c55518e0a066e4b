"""What GraphQL answers about a repository, by family."""

from datetime import UTC, datetime, timedelta

from scraper.github.details import RESPONSE_FAMILY
from scraper.github.families import FAMILIES, TOTALS

FILES, COUNTS, COMMITS = FAMILIES


def reply(association, seconds, kind="User"):
    author = kind and {"__typename": kind}
    moment = f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"
    return {"createdAt": moment, "authorAssociation": association, "author": author}


def talk(association, seconds, replies, kind="User"):
    return reply(association, seconds, kind) | {"comments": {"nodes": [reply(*each) for each in replies]}}


NODES = {
    FILES: {
        "isEmpty": False,
        "archivedAt": None,
        "templateRepository": None,
        "latestRelease": {"tagName": "v1", "publishedAt": "2026-01-01T00:00:00Z"},
        "isSecurityPolicyEnabled": False,
        "codeOfConduct": None,
        "contributingGuidelines": {"resourcePath": "/a/b/contributing.md"},
        "issueTemplates": [],
        "pullRequestTemplates": [{"filename": "a.md"}],
        "fundingLinks": [],
        "languages": {"edges": [{"size": 7, "node": {"name": "Go"}}, {"size": 2, "node": {"name": "Awk"}}]},
        "root": {
            "entries": [
                {"name": "ReadMe.md", "type": "blob"},
                {"name": "LICENCE", "type": "blob"},
                {"name": "SECURITY", "type": "tree"},
                {"name": "support.js", "type": "blob"},
                {"name": "CITATION.cff", "type": "blob"},
            ]
        },
        "github": {"entries": [{"name": "dependabot.yml", "type": "blob"}, {"name": "CODEOWNERS", "type": "blob"}]},
        "docs": None,
        "workflows": {"entries": [{"name": "ci.yml", "type": "blob"}]},
        "forms": {"entries": [{"name": "config.yml", "type": "blob"}]},
    },
    COUNTS: {field: {"totalCount": place} for place, field in enumerate(TOTALS)} | {"latest": {"nodes": []}},
    COMMITS: {
        "isEmpty": False,
        "defaultBranchRef": {
            "target": {
                "committedDate": "2026-01-01T00:00:00Z",
                "history": {"totalCount": 9},
                "year": {"totalCount": 3},
            }
        },
    },
}


NODES[RESPONSE_FAMILY] = {
    "issues": {
        "nodes": [
            talk("NONE", 0, [("NONE", 60), ("MEMBER", 600), ("OWNER", 900)]),
            talk("CONTRIBUTOR", 0, [("MEMBER", 5, "Bot")]),
            talk("MEMBER", 0, [("OWNER", 10)]),
            talk("NONE", 0, [("OWNER", 10)], kind="Bot"),
        ]
    },
    "pullRequests": {
        "nodes": [talk("FIRST_TIMER", 0, [], kind=None) | {"reviews": {"nodes": [reply("COLLABORATOR", 300)]}}]
    },
}
