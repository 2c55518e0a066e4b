"""What is held of each account between two observations, and what follows from it: its counts, and who holds what."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import NamedTuple

from scraper.history.content import NOTHING, Content
from scraper.history.rows import Row
from scraper.history.tally import UNCOUNTED, Tally, tally
from scraper.model.accounts import owners
from scraper.model.collections import Part
from scraper.model.fields import Organisation


class Holding(NamedTuple):
    """Some of the repositories of an account, for a comparison."""

    listed_login: str
    record: Organisation
    facts: Part
    whereabouts: Part


@dataclass(frozen=True)
class AccountState:
    """What is held of an account, and what that comes to; or, until it is `counted`, what the last state came to."""

    record: Organisation
    content: Content = NOTHING
    tally: Tally = UNCOUNTED

    def counted(self, elsewhere: Set[int]) -> "AccountState":
        """With its own tally, in which repositories are left out that another account has too, and holds."""
        return replace(self, tally=tally(self.content, elsewhere, self.tally))


def owner_of(account: AccountState) -> Row:
    """Who the owner is: an account with another id, or another spelling, counts as another owner."""
    return account.record["id"], account.record["login"]


def part_of(accounts: Mapping[str, AccountState], ids: Set[int]) -> dict[str, Holding]:
    """A state with these repositories only, wherever they are listed."""
    return {
        key: Holding(
            key,
            account.record,
            {id_: account.content.facts[id_] for id_ in account.content.facts.keys() & ids},
            {id_: account.content.whereabouts[id_] for id_ in account.content.whereabouts.keys() & ids},
        )
        for key, account in accounts.items()
    }


def homes_of(part: Mapping[str, Holding]) -> dict[int, str]:
    return {id_: holding.listed_login for id_, (holding, _) in owners(part).items()}
