"""How many repositories, and what share of an organisation's, make a loss a closure."""

import re
from dataclasses import dataclass

from scraper.errors import ConfigurationError

WRITTEN = re.compile(r"([1-9][0-9]{0,5}), *([1-9][0-9]?|100) *%")


@dataclass(frozen=True)
class Threshold:
    """At least so many repositories, and such a share of the organisation's, within so many of its observations."""

    repositories: int = 5
    share: float = 0.2
    observations: int = 3

    def __str__(self) -> str:
        return f"{self.repositories}, {self.share:.0%}"

    def reached(self, gone: int, before: int) -> bool:
        """Whether losing `gone` of `before` repositories is a closure."""
        return gone >= self.repositories and 100 * gone >= round(100 * self.share) * before


DEFAULT = Threshold()


def parse_threshold(text: str, option: str) -> Threshold:
    """Parse a threshold as people write it, such as `5, 20%`."""
    found = WRITTEN.fullmatch(text.strip())
    if not found:
        raise ConfigurationError(
            f"{option}: {text[:40]!r} is not a number of repositories and a share, such as 5, 20%."
        )
    return Threshold(int(found[1]), int(found[2]) / 100)
