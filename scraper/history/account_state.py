"""What is known about each account between two observations: its content, its counts, and which account has what."""

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
    """Some of an account's repositories, for a comparison."""

    listed_login: str
    record: Organisation
    facts: Part
    whereabouts: Part


@dataclass(frozen=True)
class AccountState:
    """An account's content and its tally; until it is `counted`, the tally is that of the last state."""

    record: Organisation
    content: Content = NOTHING
    tally: Tally = UNCOUNTED

    def counted(self, elsewhere: Set[int]) -> "AccountState":
        """The state with its own tally, without repositories `elsewhere`, which belong to another account."""
        return replace(self, tally=tally(self.content, elsewhere, self.tally))


def owner_of(account: AccountState) -> Row:
    """The identity of the owner: an account with a different id or spelling counts as another owner."""
    return account.record["id"], account.record["login"]


def part_of(accounts: Mapping[str, AccountState], ids: Set[int]) -> dict[str, Holding]:
    """A state with only these repositories, wherever they are listed."""
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
