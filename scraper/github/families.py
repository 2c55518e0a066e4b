"""The families: the queries that ask GitHub for the fields of health, one for each family.

GitHub ends a query after ten seconds, and counts commits slowly, so one large query would lose what three small ones
can get. No logins are asked for.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.errors import RecordError
from scraper.model.fields import Record
from scraper.model.health import ACTIVITY, COMMITS, COUNTS, FILES, HEALTH
from scraper.model.kinds import UNKNOWN, Unknown
from scraper.model.records import read

Node = Mapping[str, Any]
"""GitHub's answer about one repository, by the names and aliases in the query."""
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


ROOT, GITHUB, DOCS, WORKFLOWS, FORMS = "root", "github", "docs", "workflows", "forms"
FOLDERS = {
    ROOT: "",
    GITHUB: ".github",
    DOCS: "docs",
    WORKFLOWS: ".github/workflows",
    FORMS: ".github/ISSUE_TEMPLATE",
}
ANYWHERE = (ROOT, GITHUB, DOCS)
"""Where GitHub looks for recommended files."""
NO_DOCUMENTS = {
    "py", "js", "mjs", "ts", "jsx", "tsx", "rb", "go", "rs", "java", "kt", "c", "h", "cc", "cpp", "cs", "php", "sh",
    "bat", "ps1", "r", "sql", "scala", "swift", "lua", "pl", "ex", "exs", "vue", "css", "scss",
    "json", "xml", "yml", "yaml", "toml", "ini", "cfg", "conf", "csv", "tsv", "xlsx", "lock", "tmpl", "tpl", "j2",
    "svg", "png", "jpg", "jpeg", "gif", "webp", "zip", "gz", "tgz",
}  # fmt: skip
"""Endings of files that are not documents, such as support.js or a bot's settings in support.yml. Documents have too
many formats to list."""
SETTINGS = ("funding", "issue_template")
"""Files that GitHub itself reads as YAML."""
YAML = (".yml", ".yaml")
NO_FORM = ("config.yml", "config.yaml")
"""A file that says only where else to ask, and whether issues may be opened without a form."""
LICENSES = ("license", "licence", "copying", "unlicense")
ONE_LICENSE = re.compile(
    r"(licen[cs]e|copying)[-_](mit|apache|0?bsd|[al]?gpl|lesser|g?fdl|mpl|cc|cc0|isc|ofl|ogl|eupl|epl|cddl|bsl|busl"
    r"|zlib|boost|artistic|wtfpl|unlicense|odbl|odc|pddl|etalab|cecill|lppl|ncsa|psf|mulan)v?(?![a-z])"
)
"""LICENSE-MIT, licence_apache-2.0.txt: one of several licences often has its own file; but not license-header.txt."""
DEPENDABOT = ("dependabot.yml", "dependabot.yaml")
RENOVATE = ("renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json")


class _Files:
    """A repository's node, with the lower-case names of the files in its folders, computed once."""

    def __init__(self, node: Node) -> None:
        self.node, self.is_empty = node, node["isEmpty"] is True
        self.names = {tree: _names(node[tree]) for tree in FOLDERS}
        if not node["root"] and not self.is_empty:
            raise LookupError("a repository with commits has a root")
        self.stems = {_stem(name) for tree in ANYWHERE for name in self.names[tree]}


def _languages(files: _Files) -> dict[str, object] | Unknown:
    """Their sizes by name; unknown where GitHub says nothing, except in an empty repository."""
    if files.node["languages"] is None:
        return {} if files.is_empty else UNKNOWN
    return {edge["node"]["name"]: edge["size"] for edge in files.node["languages"]["edges"]}


def _language_names(files: _Files) -> object:
    sizes = _languages(files)
    return sizes if sizes is UNKNOWN else list(sizes)


def _names(tree: Any) -> frozenset[str]:
    """The names in a folder; empty if it does not exist or is not a folder."""
    entries: Any = _present(tree["entries"]) if tree else ()
    return frozenset(entry["name"].lower() for entry in entries if entry["type"] == "blob")


def _stem(name: str) -> str:
    """The name of a document: LICENCE.MIT.txt is called licence, but license.py is a program."""
    stem, *endings = name.replace("-", "_").split(".")
    read_by_github = stem in SETTINGS and endings in (["yml"], ["yaml"])
    return "" if endings and endings[-1] in NO_DOCUMENTS and not read_by_github else stem


def _called(*stems: str) -> Callable[[_Files], bool]:
    """Whether there is a document with one of these names, whatever its format."""
    return lambda files: not files.stems.isdisjoint(stems)


def _has_license(files: _Files) -> bool:
    return not files.stems.isdisjoint(LICENSES) or any(
        _stem(name) and ONE_LICENSE.match(name) for name in files.names[ROOT]
    )


def _named(*names: str) -> Callable[[_Files], bool]:
    """Whether there is a file with exactly one of these names in the root."""
    return lambda files: not files.names[ROOT].isdisjoint(names)


def _document(field: str, stem: str) -> Callable[[_Files], bool]:
    """A file, or GitHub's own answer, which includes what an owner has for all its repositories; null is none."""
    return lambda files: files.node[field] is not None or stem in files.stems


def _templates(field: str, stem: str) -> Callable[[_Files], object]:
    """The same for a list, where none is an empty list; null says nothing."""

    def found(files: _Files) -> object:
        answer = files.node[field]
        return True if stem in files.stems else UNKNOWN if answer is None else bool(answer)

    return found


def _issue_templates(files: _Files) -> object:
    """GitHub's `issueTemplates` leaves out issue forms, which are YAML."""
    forms = any(name.endswith(YAML) and name not in NO_FORM for name in files.names[FORMS])
    return forms or _templates("issueTemplates", "issue_template")(files)


def _funding(files: _Files) -> bool:
    return bool(_present(files.node["fundingLinks"])) or "funding" in files.stems


def _security_policy(files: _Files) -> object:
    """GitHub may say neither yes nor no."""
    enabled = files.node["isSecurityPolicyEnabled"]
    return True if "security" in files.stems else UNKNOWN if enabled is None else enabled


def _release(name: str) -> Callable[[_Files], object]:
    return lambda files: None if files.node["latestRelease"] is None else _present(files.node["latestRelease"][name])


def _present(value: Any) -> Any:
    """A value that is never null in the schema."""
    if value is None:
        raise LookupError
    return value


def _template(files: _Files) -> object:
    return None if files.node["templateRepository"] is None else files.node["templateRepository"]["databaseId"]


def _updates_dependencies(files: _Files) -> bool:
    return not files.names[GITHUB].isdisjoint(DEPENDABOT) or not (files.names[ROOT] | files.names[GITHUB]).isdisjoint(
        RENOVATE
    )


def _total(name: str) -> Callable[[Node], object]:
    return lambda node: node[name]["totalCount"]


def _latest_issue(node: Node) -> object:
    issues = node["latest"]["nodes"]
    return _present(issues[0]["updatedAt"]) if issues else None


def _of_branch(find: Callable[[Node], object], otherwise: object) -> Callable[[Node], object]:
    """What GitHub says about the last commit. An empty repository has no branch; for others, null says nothing."""

    def found(node: Node) -> object:
        branch = node["defaultBranchRef"]
        return otherwise if branch is None and node["isEmpty"] is True else find(_present(branch)["target"])

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
        " isSecurityPolicyEnabled codeOfConduct { key } contributingGuidelines { resourcePath }"
        " issueTemplates { filename } pullRequestTemplates { filename } fundingLinks { platform }"
        " languages(first: 20, orderBy: {field: SIZE, direction: DESC}) { edges { size node { name } } } "
        + " ".join(
            f'{tree}: object(expression: "HEAD:{folder}") {{ ... on Tree {{ entries {{ name type }} }} }}'
            for tree, folder in FOLDERS.items()
        ),
        {
            "is_empty": lambda files: files.node["isEmpty"],
            "archived_at": lambda files: files.node["archivedAt"],
            "template_id": _template,
            "readme": _called("readme"),
            "license_file": _has_license,
            "contributing": _document("contributingGuidelines", "contributing"),
            "code_of_conduct": _document("codeOfConduct", "code_of_conduct"),
            "security_policy": _security_policy,
            "support": _called("support"),
            "governance": _called("governance"),
            "codeowners": _called("codeowners"),
            "changelog": _called("changelog", "changes", "history", "news"),
            "issue_templates": _issue_templates,
            "pull_request_template": _templates("pullRequestTemplates", "pull_request_template"),
            "funding": _funding,
            "workflows": lambda files: any(name.endswith(YAML) for name in files.names[WORKFLOWS]),
            "dependency_updates": _updates_dependencies,
            "publiccode": _named("publiccode.yml", "publiccode.yaml"),
            "code_json": _named("code.json"),
            "citation": _named("citation.cff"),
            "codemeta": _named("codemeta.json"),
            "languages": _language_names,
            "latest_release": _release("tagName"),
            "latest_release_at": _release("publishedAt"),
            "language_bytes": _languages,
        },
        view=_Files,
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
            "last_commit_at": _of_branch(lambda commit: _present(commit["committedDate"]), None),
        },
        ", $since: GitTimestamp!",
    ),
)
