"""The families: the queries that ask GitHub for the fields of health, one for each family.

GitHub ends a query after ten seconds, and counts commits slowly, so one large query would lose what three small ones
can get. No logins are asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.errors import RecordError
from scraper.github.recommended_files import FINDERS, SELECT, Files, Node, present
from scraper.model.fields import Record
from scraper.model.health import ACTIVITY, COMMITS, COUNTS, FILES, HEALTH
from scraper.model.kinds import UNKNOWN, Unknown
from scraper.model.records import read

FIELDS = (*HEALTH, *ACTIVITY)


class Incomplete(ValueError):  # noqa: N818
    """A part of the answer is missing, or null where the schema allows no null, so its value is unknown."""


@dataclass(frozen=True, eq=False)
class Family:
    """Fields with the same `source`: what to `select`, and how to find each field in a node, or in a `view` of it.

    One query asks about at most `batch` repositories.
    """

    source: str
    batch: int
    select: str
    finders: Mapping[str, Callable[[Any], object]]
    variables: str = ""
    view: Callable[[Node], object] = lambda node: node

    @property
    def query(self) -> str:
        return (
            f"query ($ids: [ID!]!{self.variables}) {{ rateLimit {{ cost remaining }}"
            f" nodes(ids: $ids) {{ ... on Repository {{ databaseId {self.select} }} }} }}"
        )

    def read(self, node: Node) -> Record:
        """The fields in an answer, by name. A date that cannot be right, such as the year 9999, is unknown.

        Raises Incomplete if a part is missing, or of the wrong kind.
        """
        found: Record = {}
        try:
            seen = self.view(node)
            values = {name: find(seen) for name, find in self.finders.items()}
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise Incomplete(self.source) from error
        for field in FIELDS:
            if field.name not in values:
                continue
            value = values[field.name]
            if value is None and not field.nullable:
                raise Incomplete(field.name)
            try:
                found |= read((field,), {field.name: value})
            except RecordError as error:
                if field.kind != "timestamp":
                    raise Incomplete(field.name) from error
                found[field.name] = UNKNOWN
        return found


def _languages(files: Files) -> dict[str, object] | Unknown:
    """Their sizes by name; unknown where GitHub says nothing, except in an empty repository."""
    if files.node["languages"] is None:
        return {} if files.is_empty else UNKNOWN
    return {edge["node"]["name"]: edge["size"] for edge in files.node["languages"]["edges"]}


def _language_names(files: Files) -> object:
    sizes = _languages(files)
    return sizes if sizes is UNKNOWN else list(sizes)


def _release(name: str) -> Callable[[Files], object]:
    return lambda files: None if files.node["latestRelease"] is None else present(files.node["latestRelease"][name])


def _template(files: Files) -> object:
    return None if files.node["templateRepository"] is None else files.node["templateRepository"]["databaseId"]


def _total(name: str) -> Callable[[Node], object]:
    return lambda node: node[name]["totalCount"]


def _latest_issue(node: Node) -> object:
    issues = node["latest"]["nodes"]
    return present(issues[0]["updatedAt"]) if issues else None


def _of_branch(find: Callable[[Node], object], otherwise: object) -> Callable[[Node], object]:
    """What GitHub says about the last commit. An empty repository has no branch; for others, null says nothing."""

    def found(node: Node) -> object:
        branch = node["defaultBranchRef"]
        return otherwise if branch is None and node["isEmpty"] is True else find(present(branch)["target"])

    return found


TOTALS = {
    "subscribers_count": "watchers",
    "issues_open": "issues(states: OPEN)",
    "issues_closed": "issues(states: CLOSED)",
    "pull_requests_open": "pullRequests(states: OPEN)",
    "pull_requests_merged": "pullRequests(states: MERGED)",
    "pull_requests_closed": "pullRequests(states: CLOSED)",
    "releases_count": "releases",
    "discussions_count": "discussions",
}

FAMILIES = (
    Family(
        FILES,
        50,
        "isEmpty archivedAt templateRepository { databaseId } latestRelease { tagName publishedAt }"
        " languages(first: 20, orderBy: {field: SIZE, direction: DESC}) { edges { size node { name } } } " + SELECT,
        {
            "is_empty": lambda files: files.node["isEmpty"],
            "archived_at": lambda files: files.node["archivedAt"],
            "template_id": _template,
            **FINDERS,
            "languages": _language_names,
            "latest_release": _release("tagName"),
            "latest_release_at": _release("publishedAt"),
            "language_bytes": _languages,
        },
        view=Files,
    ),
    Family(
        COUNTS,
        50,
        " ".join(f"{field}: {what} {{ totalCount }}" for field, what in TOTALS.items())
        + " latest: issues(first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { nodes { updatedAt } }",
        {field: _total(field) for field in TOTALS} | {"issue_updated_at": _latest_issue},
    ),
    Family(
        COMMITS,
        25,
        "isEmpty defaultBranchRef { target { ... on Commit { committedDate history { totalCount }"
        " year: history(since: $since) { totalCount } } } }",
        {
            "commits_count": _of_branch(_total("history"), 0),
            "commits_last_year": _of_branch(_total("year"), 0),
            "last_commit_at": _of_branch(lambda commit: present(commit["committedDate"]), None),
        },
        ", $since: GitTimestamp!",
    ),
)
