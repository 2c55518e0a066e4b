"""The interface of a world, recorded or invented: accounts, and their repositories on a day."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Protocol

from sandbox.health import Contributor, Conversations, Health

API = "https://api.github.com"  # worlds write GitHub's own address; the service puts its own in its place

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """An owner of repositories."""

    id: int
    login: str
    type: Literal["Organization", "User"]
    name: str
    created_at: str
    node_id: str


class World(Protocol):
    """Everything that the service asks for; `on` is a day, and the answer is the state at its end."""

    def accounts(self, on: date) -> Sequence[Account]:
        """The accounts that exist, with their logins on that day."""

    def former_logins(self, on: date) -> dict[str, int]:
        """Abandoned logins (lower case), with the ids of the accounts that had them."""

    def repositories(self, account: Account, on: date) -> Sequence[Record]:
        """The public repositories, with at least the fields that lists are sorted and counted by."""

    def write(self, repository: Record, account: Account) -> Record:
        """The same repository with every field, as GitHub lists it."""

    def former_name(self, owner: str, name: str, on: date) -> int | None:
        """The id of the repository that was once found under this owner and name."""

    def listed(self, on: date) -> Sequence[Account]:
        """The accounts to put in a list of organisations, whether or not they still exist."""

    def find(self, repository: int, on: date) -> tuple[Account, Record] | None:
        """A public repository by id, and the account that has it."""

    def health(self, repository: int, on: date) -> Health | None:
        """How a public repository is looked after; None if that is unknown."""

    def conversations(self, repository: int, on: date, last: int) -> Conversations | None:
        """Its newest issues and pull requests, so many of each; None if they are unknown."""

    def contributors(self, repository: int, on: date) -> tuple[Contributor, ...] | None:
        """The authors of its commits; None if they are unknown."""

    def block(self, repository: int, on: date) -> str | None:
        """The kind of reason for which access to a repository is blocked, if it is."""


def find_account(accounts: Iterable[Account], who: str | int) -> Account | None:
    """Find an account by login, ignoring case, or by id."""
    if isinstance(who, int):
        return next((account for account in accounts if account.id == who), None)
    wanted = who.lower()
    return next((account for account in accounts if account.login.lower() == wanted), None)


def search(world: World, repository: int, on: date) -> tuple[Account, Record] | None:
    """A `find` for worlds that looks through the accounts one by one."""
    for account in world.accounts(on):
        for each in world.repositories(account, on):
            if each["id"] == repository:
                return account, each
    return None


def _everything(account: Account, records: list[Record]) -> list[Record]:
    return records


@dataclass(frozen=True)
class Altered:
    """A world with something changed, so that faults can lie without touching the true one."""

    world: World
    account: Callable[[Account], Account | None] = lambda account: account
    shown: Callable[[Account, list[Record]], list[Record]] = _everything
    hidden: Callable[[int], bool] = lambda repository: False
    looked_at: Callable[[int, Health], Health] = lambda repository, health: health

    def accounts(self, on: date) -> Sequence[Account]:
        return [altered for each in self.world.accounts(on) if (altered := self.account(each))]

    def former_logins(self, on: date) -> dict[str, int]:
        return self.world.former_logins(on)

    def repositories(self, account: Account, on: date) -> Sequence[Record]:
        true = find_account(self.world.accounts(on), account.login) or account
        return self.shown(account, list(self.world.repositories(true, on)))

    def write(self, repository: Record, account: Account) -> Record:
        written = self.world.write(repository, account)
        if written["owner"]["id"] != account.id:
            owner = written["owner"] | {"id": account.id, "node_id": account.node_id}
            written = written | {"owner": owner}
        return written

    def former_name(self, owner: str, name: str, on: date) -> int | None:
        return self.world.former_name(owner, name, on)

    def listed(self, on: date) -> Sequence[Account]:
        return self.world.listed(on)

    def find(self, repository: int, on: date) -> tuple[Account, Record] | None:
        if self.hidden(repository):
            return None
        if self.shown is not _everything:
            return search(self, repository, on)
        found = self.world.find(repository, on)
        account = self.account(found[0]) if found else None
        return (account, found[1]) if found and account else None

    def health(self, repository: int, on: date) -> Health | None:
        health = self.world.health(repository, on)
        return health and self.looked_at(repository, health)

    def conversations(self, repository: int, on: date, last: int) -> Conversations | None:
        return self.world.conversations(repository, on, last)

    def contributors(self, repository: int, on: date) -> tuple[Contributor, ...] | None:
        return self.world.contributors(repository, on)

    def block(self, repository: int, on: date) -> str | None:
        return self.world.block(repository, on)


def renumbered(account: Account, number: int) -> Account:
    """The same login, now belonging to somebody else."""
    return replace(account, id=number, node_id=f"{account.node_id[:2]}{number:x}")
