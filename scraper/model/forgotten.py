"""The accounts and repositories that somebody asked to have removed, by GitHub's ids."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Forgotten:
    """The ids to leave out. GitHub numbers accounts and repositories separately, so one number can stand for both."""

    accounts: frozenset[int] = frozenset()
    repositories: frozenset[int] = frozenset()

    def __or__(self, other: "Forgotten") -> "Forgotten":
        return Forgotten(self.accounts | other.accounts, self.repositories | other.repositories)

    def __bool__(self) -> bool:
        return bool(self.accounts or self.repositories)


NOTHING_FORGOTTEN = Forgotten()
