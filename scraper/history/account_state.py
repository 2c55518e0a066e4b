"""What is held of each account between two observations, and what follows from it: its counts, and who holds what."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import NamedTuple, cast

from scraper.history.check_counts import Judged, judge
from scraper.history.check_counts import count as check_counts
from scraper.history.content import NOTHING, Content
from scraper.history.rows import Row
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
    """What is held of an account, and its counts: of all repositories that are its, and of those without forks.

    `judged` is what the checks say of each repository, or said of those of the last state; `checks` are the counts.
    """

    record: Organisation
    content: Content = NOTHING
    counts: Row = ()
    judged: Mapping[int, Judged] = field(default_factory=dict)
    checks: Mapping[str, Row] = field(default_factory=dict)

    def counted(self, elsewhere: Set[int]) -> "AccountState":
        """With its counts, in which repositories are left out that another account has too, and holds."""
        records = [record for id_, record in self.content.facts.items() if id_ not in elsewhere]
        own = [record for record in records if not record["fork"]]
        archived = sum(record["archived"] is True for record in own)
        without_license = sum(record["license"] is None for record in own)
        stars = sum(self.content.counters_of(cast(int, record["id"]))[0] or 0 for record in own)
        judged = judge(self.content, self.judged)
        return replace(
            self,
            counts=(len(records), len(own), archived, without_license, stars),
            judged=judged,
            checks=check_counts(each for id_, each in judged.items() if id_ not in elsewhere),
        )


def owner_of(account: AccountState) -> Row:
    """Who has what an account has: with another id or another spelling, all the same is another's."""
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
