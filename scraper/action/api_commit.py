"""Commit through GitHub's API instead of a push: GitHub signs such commits, which some rules require.

The commit is first made locally, as for a push, so that its tree is known. GitHub then makes one with the same files
on top of the same commit, as a whole or not at all, if the branch still points there.
"""

import base64
import contextlib
import re
from dataclasses import dataclass, field, fields
from typing import ClassVar
from urllib.parse import urlsplit

from scraper.action.checkout import BRANCHES, Checkout
from scraper.action.push_errors import NOT_KNOWN, Race, explain_api, refusal
from scraper.errors import AccessDenied, BadToken, GitError, NotFound, Unavailable, Unprocessable
from scraper.github.client import GitHubApi

LARGEST_COMMIT = 30_000_000
"""Bytes of all changed files together. GitHub documents no limit; requests fail from about 40 MB, and base64 adds a
third."""
MUTATION = """mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}"""
NAME = re.compile(r"/?(?P<name>[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.)[A-Za-z0-9._-]+?)(?:\.git)?/?")
OID = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True)
class ApiCheckout(Checkout):
    """A checkout whose commits are made by GitHub, in the repository `name` (OWNER/NAME)."""

    largest_database: ClassVar[int] = 25_000_000
    why_largest: ClassVar[str] = "GitHub's API accepts 30 MB in a commit"

    api: GitHubApi = field(kw_only=True, repr=False)
    name: str = field(kw_only=True)

    def push(self, commit: str) -> str:
        parent = self._git("rev-parse", f"{commit}^").strip()
        if not self.target or parent == self.target.last or parent != self.target.onto:
            return self._create(commit, parent, self.branch)
        # If the branch were set back first, it would have nothing to merge for a moment, and GitHub would close its
        # pull request.
        place = f"{self.branch}-next"
        self._push(f"+{parent}:{BRANCHES}{place}")
        made = self._create(commit, parent, place)
        self.fetch_commit(made)
        self._push(f"{made}:{self.target.ref}", *self.lease(commit))
        with contextlib.suppress(GitError, Race):
            self._push(f":{BRANCHES}{place}")
        return made

    def _create(self, commit: str, parent: str, branch: str) -> str:
        """Have GitHub make the commit on a branch, and return it. Raises as `push` does."""
        headline, _, body = self._git("log", "-1", "--format=%B", commit).strip().partition("\n\n")
        asked = {
            "branch": {"repositoryNameWithOwner": self.name, "branchName": branch},
            "expectedHeadOid": parent,
            "message": {"headline": headline, "body": body},
            "fileChanges": self._file_changes(parent, commit),
        }
        try:
            answer = self.api.mutate(MUTATION, {"input": asked})
        except Unavailable as error:
            raise Race(str(error)) from None  # it may have arrived
        except BadToken:
            raise GitError(NOT_KNOWN) from None
        except (AccessDenied, NotFound, Unprocessable) as error:
            raise refusal(error.said or str(error), self.branch) from None
        match answer:
            case {"data": {"createCommitOnBranch": {"commit": {"oid": str(oid)}}}} if OID.fullmatch(oid):
                return oid
        raise explain_api(answer.get("errors"), self.branch)

    def has_arrived(self, theirs: str, commit: str) -> bool:
        """Whether `theirs` is the commit that GitHub made from this one, although its answer was lost."""
        made, ours = (self._git("log", "-1", "--format=%T %P", each) for each in (theirs, commit))
        return made == ours

    def _file_changes(self, parent: str, commit: str) -> dict[str, list[dict[str, str]]]:
        entries = self._git("diff-tree", "-r", "-z", "--raw", "--no-renames", parent, commit).split("\0")[:-1]
        changed = [(raw.split(), path) for raw, path in zip(entries[::2], entries[1::2], strict=True)]
        contents = [(path, self._blob(entry[3])) for entry, path in changed if entry[-1] != "D"]
        size = sum(len(content) for _, content in contents)
        if size > LARGEST_COMMIT:
            raise GitError(
                f"This commit changes files of {size / 1e6:.0f} MB, and GitHub's API takes {LARGEST_COMMIT / 1e6:.0f}"
                " MB: set commit-database: false or, if that is not enough, commit-by: push."
            )
        return {
            "additions": [
                {"path": path, "contents": base64.b64encode(content).decode()} for path, content in contents
            ],
            "deletions": [{"path": path} for entry, path in changed if entry[-1] == "D"],
        }

    def _blob(self, id_: str) -> bytes:
        return self._run("cat-file", "blob", id_, stdin=b"", variables={}, network=False)


def through_api(checkout: Checkout, api: GitHubApi, repository: str) -> ApiCheckout:
    """The same checkout, with commits through the API. Raises GitError if that is impossible."""
    if checkout.head is None:
        raise GitError(
            "Input commit-by: GitHub's API cannot make a repository's first commit: push one by hand, for example"
            " with `git commit --allow-empty`, or set commit-by: push."
        )
    values = {each.name: getattr(checkout, each.name) for each in fields(checkout)}
    return ApiCheckout(**values, api=api, name=repository_name(checkout, repository))


def repository_name(checkout: Checkout, otherwise: str) -> str:
    """OWNER/NAME of the repository that `origin` names, or of the one in which the workflow runs."""
    address = checkout.origin
    place = urlsplit(address)
    host = urlsplit(checkout.server_url).netloc
    if place.netloc.rpartition("@")[2].casefold() == host.casefold():
        found = NAME.fullmatch(place.path)
    else:
        found = NAME.fullmatch(address.partition(f"@{place.hostname or host}:")[2])
    name = found["name"] if found else otherwise
    if not NAME.fullmatch(name):
        raise GitError(f"The remote `origin` is not a repository on {host}: make the checkout with actions/checkout.")
    return name
