"""A world in which organisations close: their repositories become private, move away, are blocked, or end with them.

The world behind it continues as if nothing had happened; this one hides, moves and blocks repositories as its
closures say. All of it is a pure function of the day, so the truth is known: see `whereabouts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from sandbox.health import Contributor, Conversations, Health
from sandbox.serializer import node_id
from sandbox.world import Account, Record, World, find_account

ANOTHER = 987_654_321  # added to an id, it gives one that does not exist
Fate = Literal["private", "moved", "blocked"]


@dataclass(frozen=True)
class Closure:
    """From `since` until before `until`, a `share` of what `login` had the day before is gone, the newest first.

    The repositories take the `fates` in turn; those that move go to the account `to`. With `ends`, the account itself
    is gone too; with `renamed`, it has a new login and keeps everything. The login that it left can be `claimed`.
    """

    login: str
    since: date
    until: date = date.max
    share: float = 1.0
    fates: tuple[Fate, ...] = ("private",)
    to: str = "somewhere-else"
    ends: bool = False
    renamed: str | None = None
    claimed: bool = False

    def holds(self, on: date) -> bool:
        return self.since <= on < self.until


@dataclass(frozen=True)
class Whereabouts:
    """The truth about a repository on a day: its `full_name`, or why it is `blocked`; otherwise it is not public."""

    full_name: str | None = None
    blocked: str | None = None


class Closing:
    """A `World` in which these closures happen."""

    def __init__(self, world: World, *closures: Closure) -> None:
        self.world, self.closures = world, closures
        self.chosen = lru_cache(maxsize=None)(self._chosen)
        self._shown = lru_cache(maxsize=256)(self._list)

    def accounts(self, on: date) -> Sequence[Account]:
        held = [closure for closure in self.closures if closure.holds(on)]
        accounts = []
        for account in self.world.accounts(on):
            own = [closure for closure in held if closure.login == account.login]
            if not any(closure.ends for closure in own):
                names = [closure.renamed for closure in own if closure.renamed]
                accounts.append(replace(account, login=names[-1]) if names else account)
            if any(closure.claimed for closure in own):
                accounts.append(_stranger(account.login, account.id + ANOTHER))
        known = {account.login.lower() for account in accounts}
        strangers = dict.fromkeys(
            closure.to for closure in held if "moved" in closure.fates and closure.to.lower() not in known
        )
        return [*accounts, *(_stranger(login, 9_000_001 + n) for n, login in enumerate(strangers))]

    def former_logins(self, on: date) -> dict[str, int]:
        left = {
            closure.login.lower(): account.id
            for closure in self.closures
            if closure.renamed and closure.holds(on) and not closure.claimed
            if (account := find_account(self.world.accounts(on), closure.login))
        }
        return self.world.former_logins(on) | left

    def repositories(self, account: Account, on: date) -> Sequence[Record]:
        return self._shown(account, on)

    def _list(self, account: Account, on: date) -> list[Record]:
        fates = self._fates(on)
        true = find_account(self.world.accounts(on), account.id)
        own = [
            _of(record, account.login)
            for record in (self.world.repositories(true, on) if true else ())
            if record["id"] not in fates
        ]
        for number, (fate, to) in fates.items():
            if fate == "moved" and to.lower() == account.login.lower():
                found = self.world.find(number, on)
                own += [_of(found[1], account.login)] if found else []
        return own

    def write(self, repository: Record, account: Account) -> Record:
        return self.world.write(repository, account)

    def former_name(self, owner: str, name: str, on: date) -> int | None:
        number = self.world.former_name(owner, name, on)
        return number if number and self.find(number, on) else None

    def listed(self, on: date) -> Sequence[Account]:
        return self.world.listed(on)

    def find(self, repository: int, on: date) -> tuple[Account, Record] | None:
        found = self.world.find(repository, on)
        fate, to = self._fates(on).get(repository, (None, ""))
        if found is None or fate in ("private", "blocked"):
            return None
        account = find_account(self.accounts(on), to if fate == "moved" else found[0].id)
        return (account, _of(found[1], account.login)) if account else None

    def health(self, repository: int, on: date) -> Health | None:
        return self.world.health(repository, on)

    def conversations(self, repository: int, on: date, last: int) -> Conversations | None:
        return self.world.conversations(repository, on, last)

    def contributors(self, repository: int, on: date) -> tuple[Contributor, ...] | None:
        return self.world.contributors(repository, on)

    def block(self, repository: int, on: date) -> str | None:
        fate, _ = self._fates(on).get(repository, (None, None))
        return "dmca" if fate == "blocked" else None

    def whereabouts(self, repository: int, on: date) -> Whereabouts:
        """The truth."""
        found = self.find(repository, on)
        return Whereabouts(found and found[1]["full_name"], self.block(repository, on))

    def _fates(self, on: date) -> dict[int, tuple[Fate, str]]:
        """What became of the repositories that are gone on a day; the latest of several closures counts."""
        fates: dict[int, tuple[Fate, str]] = {}
        for closure in self.closures:
            if closure.holds(on):
                numbers = self.chosen(closure)
                fates |= {
                    number: (closure.fates[place % len(closure.fates)], closure.to)
                    for place, number in enumerate(numbers)
                }
        return fates

    def _chosen(self, closure: Closure) -> tuple[int, ...]:
        """The ids that a closure takes."""
        if closure.renamed:
            return ()
        eve = closure.since - timedelta(days=1)
        account = find_account(self.world.accounts(eve), closure.login)
        numbers = sorted(record["id"] for record in self.world.repositories(account, eve)) if account else []
        return tuple(numbers[len(numbers) - round(len(numbers) * closure.share) :])


def _stranger(login: str, number: int) -> Account:
    return Account(number, login, "User", login, "2014-01-01T00:00:00Z", node_id("U", number))


def _of(record: Record, login: str) -> Record:
    full_name = f"{login}/{record['name']}"
    return record if record["full_name"] == full_name else record | {"full_name": full_name}
