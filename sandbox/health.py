"""The health of a repository on a day, in GitHub's terms: the truth behind GraphQL's answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple

YEAR = timedelta(days=365)
MIDNIGHT = "T00:00:00Z"


class Release(NamedTuple):
    """The latest release."""

    tag_name: str
    published_at: str


class Entry(NamedTuple):
    """One line of a directory's listing."""

    name: str
    type: Literal["blob", "tree"]


@dataclass(frozen=True, slots=True)
class History:
    """Commits on the default branch: the same number at regular intervals. Days are ordinals."""

    first: int
    rhythm: int
    pushes: int
    each: int
    clock: str

    @property
    def total(self) -> int:
        return (self.pushes + 1) * self.each

    @property
    def committed_at(self) -> str:
        """The date of the last commit."""
        return stamp(self.first + self.pushes * self.rhythm, self.clock)

    def since(self, moment: str) -> int:
        """How many were made at or after a time."""
        then = datetime.fromisoformat(moment).astimezone(UTC)
        behind = then.toordinal() - self.first + (then.strftime("%H:%M:%S.%f") > f"{self.clock}.000000")
        return max(0, self.pushes + 1 - max(0, -(-behind // self.rhythm))) * self.each


@dataclass(frozen=True, slots=True)
class Health:
    """What a repository has and how it is looked after, on the day `on`.

    `paths` has the recommended files by the keys of `sandbox.files`; `trees` the entries of the root (""), .github,
    docs and .github/workflows, where they exist. `languages` are bytes, the largest first.
    """

    on: date
    history: History | None
    archived_at: str | None
    paths: Mapping[str, str]
    trees: Mapping[str, tuple[Entry, ...]]
    code_of_conduct: str | None
    issue_templates: tuple[str, ...]
    pull_request_templates: tuple[str, ...]
    funding: tuple[str, ...]
    template_repository: int | None
    latest_release: Release | None
    languages: Mapping[str, int]
    watchers: int
    open_issues: int
    closed_issues: int
    issue_updated_at: str | None
    open_pull_requests: int
    merged_pull_requests: int
    closed_pull_requests: int
    releases: int
    discussions: int

    @property
    def is_empty(self) -> bool:
        return self.history is None

    @property
    def files(self) -> frozenset[str]:
        """The keys of the recommended files that it has."""
        return frozenset(self.paths)

    @property
    def commits(self) -> int:
        return self.history.total if self.history else 0

    @property
    def commits_last_year(self) -> int:
        """Those since midnight, 365 days before."""
        return self.history.since(f"{self.on - YEAR}{MIDNIGHT}") if self.history else 0

    @property
    def committed_at(self) -> str | None:
        return self.history.committed_at if self.history else None


class Comment(NamedTuple):
    """A comment on an issue or pull request, or a review. `author` is "User", "Bot", or None if deleted."""

    created_at: str
    author_association: str
    author: str | None


class Conversation(NamedTuple):
    """An issue or a pull request."""

    created_at: str
    closed_at: str | None
    merged_at: str | None
    author_association: str
    author: str | None
    comments: tuple[Comment, ...]
    reviews: tuple[Comment, ...]


class Conversations(NamedTuple):
    """The newest ones, the newest last."""

    issues: tuple[Conversation, ...]
    pull_requests: tuple[Conversation, ...]


class Contributor(NamedTuple):
    """A contributor and the number of their commits; without a login, known only by name and e-mail address."""

    login: str | None
    type: str
    contributions: int


def stamp(day: int, clock: str) -> str:
    """A time as GitHub writes it."""
    return f"{date.fromordinal(day).isoformat()}T{clock}Z"
