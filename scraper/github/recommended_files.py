"""Which recommended files a repository has, by their names in the folders that GitHub looks into.

For files that an owner may have for all repositories, GitHub's own answers count too.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from scraper.model.kinds import UNKNOWN

Node = Mapping[str, Any]
"""GitHub's answer about one repository, by the names and aliases in the query."""
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


class Files:
    """A repository's node, with the lower-case names of the files in its folders, computed once."""

    def __init__(self, node: Node) -> None:
        self.node, self.is_empty = node, node["isEmpty"] is True
        self.names = {tree: _names(node[tree]) for tree in FOLDERS}
        if not node["root"] and not self.is_empty:
            raise LookupError("a repository with commits has a root")
        self.stems = {_stem(name) for tree in ANYWHERE for name in self.names[tree]}


def _names(tree: Any) -> frozenset[str]:
    """The names in a folder; empty if it does not exist or is not a folder."""
    entries: Any = present(tree["entries"]) if tree else ()
    return frozenset(entry["name"].lower() for entry in entries if entry["type"] == "blob")


def _stem(name: str) -> str:
    """The name of a document: LICENCE.MIT.txt is called licence, but license.py is a program."""
    stem, *endings = name.replace("-", "_").split(".")
    read_by_github = stem in SETTINGS and endings in (["yml"], ["yaml"])
    return "" if endings and endings[-1] in NO_DOCUMENTS and not read_by_github else stem


def _called(*stems: str) -> Callable[[Files], bool]:
    """Whether there is a document with one of these names, whatever its format."""
    return lambda files: not files.stems.isdisjoint(stems)


def _has_license(files: Files) -> bool:
    return not files.stems.isdisjoint(LICENSES) or any(
        _stem(name) and ONE_LICENSE.match(name) for name in files.names[ROOT]
    )


def _named(*names: str) -> Callable[[Files], bool]:
    """Whether there is a file with exactly one of these names in the root."""
    return lambda files: not files.names[ROOT].isdisjoint(names)


def _document(field: str, stem: str) -> Callable[[Files], bool]:
    """A file, or GitHub's own answer, which includes what an owner has for all its repositories; null is none."""
    return lambda files: files.node[field] is not None or stem in files.stems


def _templates(field: str, stem: str) -> Callable[[Files], object]:
    """The same for a list, where none is an empty list; null says nothing."""

    def found(files: Files) -> object:
        answer = files.node[field]
        return True if stem in files.stems else UNKNOWN if answer is None else bool(answer)

    return found


def _issue_templates(files: Files) -> object:
    """GitHub's `issueTemplates` leaves out issue forms, which are YAML."""
    forms = any(name.endswith(YAML) and name not in NO_FORM for name in files.names[FORMS])
    return forms or _templates("issueTemplates", "issue_template")(files)


def _funding(files: Files) -> bool:
    return bool(present(files.node["fundingLinks"])) or "funding" in files.stems


def _security_policy(files: Files) -> object:
    """GitHub may say neither yes nor no."""
    enabled = files.node["isSecurityPolicyEnabled"]
    return True if "security" in files.stems else UNKNOWN if enabled is None else enabled


def _updates_dependencies(files: Files) -> bool:
    return not files.names[GITHUB].isdisjoint(DEPENDABOT) or not (files.names[ROOT] | files.names[GITHUB]).isdisjoint(
        RENOVATE
    )


def present(value: Any) -> Any:
    """A value that is never null in the schema."""
    if value is None:
        raise LookupError
    return value


FINDERS: Mapping[str, Callable[[Files], object]] = {
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
}
SELECT = (
    "isSecurityPolicyEnabled codeOfConduct { key } contributingGuidelines { resourcePath }"
    " issueTemplates { filename } pullRequestTemplates { filename } fundingLinks { platform } "
    + " ".join(
        f'{tree}: object(expression: "HEAD:{folder}") {{ ... on Tree {{ entries {{ name type }} }} }}'
        for tree, folder in FOLDERS.items()
    )
)
"""What GitHub is asked for them, besides isEmpty."""
