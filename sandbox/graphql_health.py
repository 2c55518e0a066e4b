"""What GraphQL says about a repository's health: the fields of GitHub's `Repository`, by name."""

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.health import Comment, Conversation, Conversations, Health, Release
from sandbox.world import Record

Value = Any
Resolve = Callable[..., Value]  # of the health, the repository and the field's arguments


def _issues(health: Health, record: Record, states: Sequence[str] | None = None, **_: Any) -> Value:
    counts = {"OPEN": health.open_issues, "CLOSED": health.closed_issues}
    return _total(sum(counts[state] for state in set(states or counts)))


def latest_issue(health: Health) -> list[Value]:
    """The issue that was updated last."""
    return [{"updatedAt": health.issue_updated_at}] if health.issue_updated_at else []


def _pull_requests(health: Health, record: Record, states: Sequence[str] | None = None, **_: Any) -> Value:
    counts = {
        "OPEN": health.open_pull_requests,
        "MERGED": health.merged_pull_requests,
        "CLOSED": health.closed_pull_requests,
    }
    return _total(sum(counts[state] for state in set(states or counts)))


def _total(count: int) -> Value:
    return {"totalCount": count}


def _languages(health: Health, record: Record, first: int | None = None, **arguments: Any) -> Value:
    edges = [{"size": size, "node": {"name": name}} for name, size in health.languages.items()]
    if (arguments.get("orderBy") or {}).get("direction") == "ASC":
        edges.reverse()
    sizes = health.languages.values()
    return {"edges": edges[:first], "totalSize": sum(sizes), "totalCount": len(sizes)}


def _object(health: Health, record: Record, expression: str | None = None, **_: Any) -> Value:
    """A directory at the tip of the default branch; nothing else is supported."""
    reference, _colon, folder = (expression or "").partition(":")
    if reference != "HEAD" or folder not in health.trees:
        return None
    entries = [{"name": entry.name, "type": entry.type} for entry in health.trees[folder]]
    return {"__typename": "Tree", "entries": entries}


def _branch(health: Health, record: Record) -> Value:
    if health.history is None:
        return None
    commit = {
        "__typename": "Commit",
        "committedDate": health.committed_at,
        "history": lambda since=None, **_: _history(health, since),
    }
    return {"name": record["default_branch"], "target": commit}


def _history(health: Health, since: str | None) -> Value:
    return _total(health.history.since(since) if health.history and since else health.commits)


def _release(health: Health, record: Record) -> Value:
    release: Release | None = health.latest_release
    return release and {"tagName": release.tag_name, "publishedAt": release.published_at}


def _code_of_conduct(health: Health, record: Record) -> Value:
    key = health.code_of_conduct
    return key and {"key": key}


def _issue_templates(health: Health, record: Record) -> Value:
    """Without forms, which GitHub leaves out."""
    return [{"filename": name} for name in health.issue_templates if name.endswith(".md")]


def _contributing_guidelines(health: Health, record: Record) -> Value:
    path = health.paths.get("contributing")
    return path and {"resourcePath": f"/{record['full_name']}/blob/{record['default_branch']}/{path}"}


FIELDS: dict[str, Resolve] = {
    "isEmpty": lambda health, record: health.is_empty,
    "archivedAt": lambda health, record: health.archived_at,
    "isSecurityPolicyEnabled": lambda health, record: "security_policy" in health.paths,
    "codeOfConduct": _code_of_conduct,
    "contributingGuidelines": _contributing_guidelines,
    "issueTemplates": _issue_templates,
    "pullRequestTemplates": lambda health, record: [{"filename": name} for name in health.pull_request_templates],
    "fundingLinks": lambda health, record: [{"platform": platform} for platform in health.funding],
    "latestRelease": _release,
    "languages": _languages,
    "object": _object,
    "watchers": lambda health, record, **_: _total(health.watchers),
    "issues": _issues,
    "pullRequests": _pull_requests,
    "releases": lambda health, record, **_: _total(health.releases),
    "discussions": lambda health, record, **_: _total(health.discussions),
    "defaultBranchRef": _branch,
}
CONVERSATIONS = {"issues": "issues", "pullRequests": "pull_requests"}


def conversations(known: Conversations | None, kind: str, **arguments: Any) -> list[Value]:
    """The newest issues or pull requests, with their comments."""
    talks: Sequence[Conversation] = getattr(known, kind) if known else ()
    states = arguments.get("states")
    return [_conversation(talk) for talk in talks if states is None or _state(talk) in states]


def _state(talk: Conversation) -> str:
    return "MERGED" if talk.merged_at else "CLOSED" if talk.closed_at else "OPEN"


def _conversation(talk: Conversation) -> Value:
    return {
        **_said(talk),
        "closedAt": talk.closed_at,
        "mergedAt": talk.merged_at,
        "comments": lambda **page: _page(talk.comments, **page),
        "reviews": lambda **page: _page(talk.reviews, **page),
    }


def _page(comments: Sequence[Comment], first: int | None = None, last: int | None = None, **_: Any) -> Value:
    chosen = comments[-last:] if last else comments[:first]
    return _total(len(comments)) | {"nodes": [_said(comment) for comment in chosen]}


def _said(each: Comment | Conversation) -> Value:
    """When it was said, and by whom; the login only if asked for."""
    author = each.author and {"__typename": each.author, "login": f"somebody-{each.created_at[5:10]}"}
    return {"createdAt": each.created_at, "authorAssociation": each.author_association, "author": author}
