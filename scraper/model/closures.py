"""A closure: many repositories of one organisation that disappeared within a few observations, and how to say so."""

from collections.abc import Iterator
from dataclasses import dataclass

from scraper.text import count, percent, safe_name


@dataclass(frozen=True)
class Closure:
    """A row of the table `closures`."""

    organisation: str
    last_seen_at: str
    first_missing_at: str
    last_missing_at: str
    observed_at: str
    repositories_before: int
    repositories_after: int
    gone: int
    share: float
    moved: int
    moved_to: dict[str, int]
    returned: int
    blocked: int
    not_public: int
    unknown: int
    forks: int
    archived: int
    stargazers_count: int
    forks_count: int
    without_license: int
    licenses: dict[str, int]

    @property
    def headline(self) -> str:
        """The closure in a few words."""
        name = safe_name(self.organisation)
        what = f"{self.gone:,} of {count(self.repositories_before, 'repository')}"
        alike = {self.moved: "moved", self.not_public: "no longer public"}
        return f"{name}: {what} {alike.get(self.gone, 'gone')}"

    @property
    def sentence(self) -> str:
        """The closure in a sentence that claims no more than is known."""
        first, last = self.first_missing_at[:10], self.last_missing_at[:10]
        between = f"between {self.last_seen_at[:10]} and {last}"
        when = f"{between}, the first by {first}" if last > first else between
        return (
            f"{self.headline} ({percent(self.gone / self.repositories_before)}) {when}: {', '.join(self._fates())}."
        )

    def _fates(self) -> Iterator[str]:
        owners = ", ".join(map(safe_name, list(self.moved_to)[:3]))
        more = f" and {count(len(self.moved_to) - 3, 'other')}" if len(self.moved_to) > 3 else ""
        fates = (
            (self.not_public, "no longer public"),
            (self.moved, f"moved to {owners}{more}" if owners else "moved"),
            (self.blocked, "blocked by GitHub"),
            (self.unknown, "not looked up yet"),
            (self.returned, "public again"),
        )
        yield from (f"{number:,} {what}" for number, what in fates if number)
