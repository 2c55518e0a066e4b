"""From how many repositories, and which share of what an organisation had, a loss is a closure."""

import re
from dataclasses import dataclass

from scraper.errors import ConfigurationError

WRITTEN = re.compile(r"([1-9][0-9]{0,5}), *([1-9][0-9]?|100) *%")


@dataclass(frozen=True)
class Threshold:
    """So many repositories, and so large a share of what the organisation had, within so many of its observations."""

    repositories: int = 5
    share: float = 0.2
    observations: int = 3

    def __str__(self) -> str:
        return f"{self.repositories}, {self.share:.0%}"

    def reached(self, gone: int, before: int) -> bool:
        """Whether a loss of so many, of so many before, is a closure."""
        return gone >= self.repositories and 100 * gone >= round(100 * self.share) * before


DEFAULT = Threshold()


def parse_threshold(text: str, option: str) -> Threshold:
    """The threshold as a person writes it, such as `5, 20%`."""
    found = WRITTEN.fullmatch(text.strip())
    if not found:
        raise ConfigurationError(
            f"{option}: {text[:40]!r} is not a number of repositories and their share, such as 5, 20%."
        )
    return Threshold(int(found[1]), int(found[2]) / 100)
