"""Recommended files: how common each is, at which paths, and what is beside them."""

from sandbox.health import Entry

COMMON = {  # roughly how many of a hundred repositories have each
    "readme": 92, "license_file": 0, "contributing": 30, "code_of_conduct": 22, "security_policy": 18, "support": 5,
    "governance": 4, "codeowners": 16, "changelog": 25, "issue_templates": 20, "pull_request_template": 22,
    "funding": 4, "workflows": 45, "dependency_updates": 30, "publiccode": 5, "code_json": 5, "citation": 9,
    "codemeta": 4,
}  # fmt: skip
PATHS = {  # the paths of each, with the usual ones repeated; "/" ends a directory
    "readme": (
        *["README.md"] * 8, "readme.md", "Readme.md", "README.rst", "README.txt", "README", "docs/README.md",
        ".github/README.md",
    ),
    "license_file": (
        *["LICENSE"] * 6, *["LICENSE.md"] * 2, "LICENSE.txt", "LICENCE", "LICENCE.md", "license.md", "License.txt",
        "COPYING",
    ),
    "contributing": (
        *["CONTRIBUTING.md"] * 3, "contributing.md", "CONTRIBUTING.rst", "CONTRIBUTING", ".github/CONTRIBUTING.md",
        "docs/CONTRIBUTING.md",
    ),
    "code_of_conduct": (
        *["CODE_OF_CONDUCT.md"] * 3, "code_of_conduct.md", "CODE_OF_CONDUCT.txt", ".github/CODE_OF_CONDUCT.md",
    ),
    "security_policy": (
        *["SECURITY.md"] * 3, ".github/SECURITY.md", "docs/SECURITY.md", "security.md",
    ),
    "support": ("SUPPORT.md", ".github/SUPPORT.md", "docs/SUPPORT.md"),
    "governance": ("GOVERNANCE.md", "docs/GOVERNANCE.md", ".github/GOVERNANCE.md", "governance.md"),
    "codeowners": ("CODEOWNERS", *[".github/CODEOWNERS"] * 2, "docs/CODEOWNERS"),
    "changelog": (
        *["CHANGELOG.md"] * 3, "CHANGELOG", "changelog.md", "CHANGES.rst", "CHANGES.md", "HISTORY.md", "NEWS.md",
    ),
    "issue_templates": (
        *[".github/ISSUE_TEMPLATE/"] * 3, ".github/ISSUE_TEMPLATE/bug_report.md", ".github/ISSUE_TEMPLATE.md",
        "ISSUE_TEMPLATE.md",
    ),
    "pull_request_template": (
        *[".github/PULL_REQUEST_TEMPLATE.md"] * 2, ".github/pull_request_template.md", "PULL_REQUEST_TEMPLATE.md",
        "docs/pull_request_template.md", ".github/PULL_REQUEST_TEMPLATE/",
    ),
    "funding": (".github/FUNDING.yml",),
    "workflows": tuple(f".github/workflows/{name}" for name in ("ci.yml", "test.yaml", "R-CMD-check.yaml")),
    "dependency_updates": (
        *[".github/dependabot.yml"] * 3, ".github/dependabot.yaml", "renovate.json", "renovate.json5",
        ".renovaterc.json", ".github/renovate.json",
    ),
    "publiccode": ("publiccode.yml", "publiccode.yml", "publiccode.yaml"),
    "code_json": ("code.json",),
    "citation": ("CITATION.cff",),
    "codemeta": ("codemeta.json",),
}  # fmt: skip

INSIDE = {  # what is in the directories of templates
    ".github/ISSUE_TEMPLATE/": ("bug_report.yml", "config.yml"),
    ".github/PULL_REQUEST_TEMPLATE/": ("change.md",),
}
CODES_OF_CONDUCT = ("contributor_covenant", "contributor_covenant", "citizen_code_of_conduct", "other")
PLATFORMS = ("GITHUB", "OPEN_COLLECTIVE", "KO_FI", "CUSTOM")
# Other files, with names similar to those of recommended files: each repository has some of them.
BESIDE = (
    "src/", "tests/", "data/", "LICENSES/", "security/", "support/", "readme-images/", "changelog.d/",
    "funding/", "CONTRIBUTORS.md", "renovate/", ".gitignore", "pyproject.toml", "package.json", "DESCRIPTION",
    "Dockerfile", "Makefile", "code/", "docs/index.md", "docs/img/", ".github/labels.yml", ".github/actions/",
    ".github/workflows/README.md",
)  # fmt: skip
LOOKALIKES = (
    ".github/support.yml", ".github/security.yml", ".github/changelog.yml", ".github/license-check.yml",
    "license-header.txt", "docs/license-guide.md", "docs/security.png", "docs/history.csv",
)  # fmt: skip
FOLDERS = ("", ".github", "docs", ".github/workflows", ".github/ISSUE_TEMPLATE")


def trees(paths: set[str]) -> dict[str, tuple[Entry, ...]]:
    """The listings of our folders, in git's order, for a repository with these paths."""
    listed: dict[str, dict[str, Entry]] = {}
    for path in sorted(paths):
        folder, name = "", path
        while name:
            name, slash, rest = name.partition("/")
            kind: Entry = Entry(name, "tree" if slash else "blob")
            listed.setdefault(folder, {})[name] = kind
            folder, name = f"{folder}/{name}".lstrip("/"), rest
    return {
        folder: tuple(sorted(entries.values(), key=lambda each: each.name + "/" * (each.type == "tree")))
        for folder, entries in listed.items()
        if folder in FOLDERS
    }
