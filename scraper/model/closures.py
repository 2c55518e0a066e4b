"""What a closure is: from how many repositories, and which share of them, a loss is told as one piece of news."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Threshold:
    """So many repositories, and so large a share of what the organisation had, within so many of its observations."""

    repositories: int = 5
    share: float = 0.2
    observations: int = 3

    def reached(self, gone: int, before: int) -> bool:
        """Whether a loss of so many, of so many before, is a closure."""
        return gone >= max(self.repositories, self.share * before)


DEFAULT = Threshold()
