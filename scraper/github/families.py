"""The families: in which words GitHub is asked for the fields of health, each family in a query of its own.

GitHub ends a query after ten seconds, and counts commits slowly: one large query would lose what three small ones
bring. Nobody's login is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.errors import RecordError
from scraper.model.fields import Record
from scraper.model.health import ACTIVITY, COMMITS, COUNTS, FILES, HEALTH
from scraper.model.kinds import UNKNOWN
from scraper.model.records import read

Node = Mapping[str, Any]
"""What GitHub answers about one repository, by the names and aliases of the query."""
FIELDS = (*HEALTH, *ACTIVITY)


class Incomplete(ValueError):  # noqa: N818
    """A part of the answer is missing, or null where the schema has none: what it would say is unknown."""


@dataclass(frozen=True, eq=False)
class Family:
    """Fields of the same `source`: what to `select`, and how each is found in a node.

    At most `batch` repositories are asked for at once.
    """

    source: str
    batch: int
    select: str
    finders: Mapping[str, Callable[[Node], object]]
    variables: str = ""

    @property
    def query(self) -> str:
        return (
            f"query ($ids: [ID!]!{self.variables}) {{ rateLimit {{ cost remaining }}"
            f" nodes(ids: $ids) {{ ... on Repository {{ databaseId {self.select} }} }} }}"
        )

    def read(self, node: Node) -> Record:
        """The fields in an answer, by name. A value of a wrong kind is unknown, as a commit of the year 9999.

        Raises Incomplete if a part is missing.
        """
        found: Record = {}
        for field in FIELDS:
            if field.name not in self.finders:
                continue
            try:
                value = self.finders[field.name](node)
            except (LookupError, TypeError, AttributeError) as error:
                raise Incomplete(field.name) from error
            if value is None and not field.nullable:
                raise Incomplete(field.name)
            try:
                found |= read((field,), {field.name: value})
            except RecordError:
                found[field.name] = UNKNOWN
        return found


ROOT, GITHUB, DOCS, WORKFLOWS = TREES = ("root", "github", "docs", "workflows")
FOLDERS = {ROOT: "", GITHUB: ".github", DOCS: "docs", WORKFLOWS: ".github/workflows"}
ANYWHERE = (ROOT, GITHUB, DOCS)
"""Where GitHub looks for recommended files."""
DOCUMENTS = {"", "md", "markdown", "rst", "txt", "adoc", "asciidoc", "org", "rdoc", "textile", "yml", "yaml"}
"""Endings of these; with others, as support.js, a file of the same name is something else."""


def _names(node: Node, trees: tuple[str, ...]) -> set[str]:
    """Names of the files in some folders, in lower case; one that is not there, or is no folder, has none."""
    found = [node[tree] or {} for tree in trees]
    return {entry["name"].lower() for tree in found for entry in tree.get("entries") or () if entry["type"] == "blob"}


def _called(*stems: str) -> Callable[[Node], bool]:
    """Whether there is a document with one of these names, whatever its format."""
    return lambda node: not set(map(_stem, _names(node, ANYWHERE))).isdisjoint(stems)


def _stem(name: str) -> str:
    stem, _, rest = name.partition(".")
    return stem.replace("-", "_") if rest.rpartition(".")[2] in DOCUMENTS else ""


def _named(*names: str, trees: tuple[str, ...] = (ROOT,)) -> Callable[[Node], bool]:
    return lambda node: not _names(node, trees).isdisjoint(names)


def _either(field: str, stem: str) -> Callable[[Node], bool]:
    """A file, or what GitHub itself says, which knows those that an owner has for all its repositories."""
    in_trees = _called(stem)
    return lambda node: bool(node[field]) or in_trees(node)


def _release(name: str) -> Callable[[Node], object]:
    return lambda node: None if node["latestRelease"] is None else node["latestRelease"][name]


def _sizes(node: Node) -> dict[str, object]:
    languages = node["languages"]
    return {} if languages is None else {edge["node"]["name"]: edge["size"] for edge in languages["edges"]}


def _template(node: Node) -> object:
    return None if node["templateRepository"] is None else node["templateRepository"]["databaseId"]


def _total(name: str) -> Callable[[Node], object]:
    return lambda node: node[name]["totalCount"]


def _of_branch(find: Callable[[Node], object], otherwise: object) -> Callable[[Node], object]:
    """What is said of the last commit; a repository without any has no branch."""
    return lambda node: otherwise if node["defaultBranchRef"] is None else find(node["defaultBranchRef"]["target"])


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
        " isSecurityPolicyEnabled codeOfConduct { key } contributingGuidelines { resourcePath }"
        " issueTemplates { filename } pullRequestTemplates { filename } fundingLinks { platform }"
        " languages(first: 20, orderBy: {field: SIZE, direction: DESC}) { edges { size node { name } } } "
        + " ".join(
            f'{tree}: object(expression: "HEAD:{folder}") {{ ... on Tree {{ entries {{ name type }} }} }}'
            for tree, folder in FOLDERS.items()
        ),
        {
            "is_empty": lambda node: node["isEmpty"],
            "archived_at": lambda node: node["archivedAt"],
            "template_id": _template,
            "readme": _called("readme"),
            "license_file": _called("license", "licence", "copying", "unlicense"),
            "contributing": _either("contributingGuidelines", "contributing"),
            "code_of_conduct": _either("codeOfConduct", "code_of_conduct"),
            "security_policy": _either("isSecurityPolicyEnabled", "security"),
            "support": _called("support"),
            "governance": _called("governance"),
            "codeowners": _called("codeowners"),
            "changelog": _called("changelog", "changes", "history", "news"),
            "issue_templates": _either("issueTemplates", "issue_template"),
            "pull_request_template": _either("pullRequestTemplates", "pull_request_template"),
            "funding": _either("fundingLinks", "funding"),
            "workflows": lambda node: any(name.endswith((".yml", ".yaml")) for name in _names(node, (WORKFLOWS,))),
            "dependency_updates": lambda node: (
                not _names(node, (GITHUB,)).isdisjoint(("dependabot.yml", "dependabot.yaml"))
                or not _names(node, (ROOT, GITHUB)).isdisjoint(
                    ("renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json")
                )
            ),
            "publiccode": _named("publiccode.yml", "publiccode.yaml"),
            "code_json": _named("code.json"),
            "citation": _named("citation.cff"),
            "codemeta": _named("codemeta.json"),
            "languages": lambda node: list(_sizes(node)),
            "latest_release": _release("tagName"),
            "latest_release_at": _release("publishedAt"),
            "language_bytes": _sizes,
        },
    ),
    Family(
        COUNTS,
        50,
        " ".join(f"{field}: {what} {{ totalCount }}" for field, what in TOTALS.items()),
        {field: _total(field) for field in TOTALS},
    ),
    Family(
        COMMITS,
        25,
        "defaultBranchRef { target { ... on Commit { committedDate history { totalCount }"
        " year: history(since: $since) { totalCount } } } }",
        {
            "commits_count": _of_branch(_total("history"), 0),
            "commits_last_year": _of_branch(_total("year"), 0),
            "last_commit_at": _of_branch(lambda commit: commit["committedDate"], None),
        },
        ", $since: GitTimestamp!",
    ),
)
