"""An account with its repositories, and the dataset: all accounts together."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol, TypeVar, cast

from scraper.model.collections import COLLECTIONS, WITH_COUNTERS, WITH_EVENTS, Counters, Part, join, join_counters
from scraper.model.fields import Metrics, Organisation, Record, Repository


@dataclass(frozen=True)
class Account:
    """A listed organisation or user; `listed_login` is spelled as in organisations.yml.

    `records` has those of each collection, by its name. An account that was never observed has none.
    """

    listed_login: str
    record: Organisation
    records: Mapping[str, list[Record]] = field(default_factory=dict)

    @property
    def repositories(self) -> list[Repository]:
        return cast(list[Repository], self.records.get("repositories", []))

    @property
    def metrics(self) -> list[Metrics]:
        return cast(list[Metrics], self.records.get("metrics", []))

    def with_record(self, **changes: object) -> "Account":
        """This account, with these changes to its record."""
        return replace(self, record=cast(Organisation, {**self.record, **changes}))

    @property
    def whereabouts(self) -> Part:
        """The whereabouts of repositories that it no longer has, by id."""
        return self.by_id("whereabouts")

    def by_id(self, collection: str) -> dict[int, Record]:
        """The records of a collection by GitHub's numeric id of the repository."""
        return {cast(int, record["id"]): record for record in self.records.get(collection, [])}

    @cached_property
    def facts(self) -> Part:
        """All facts of each repository, by id."""
        return join(WITH_EVENTS, [self.by_id(each.name) for each in WITH_EVENTS])

    @cached_property
    def counters(self) -> Mapping[int, Counters]:
        """All counters of each repository, by id, in the order of COUNTERS."""
        return join_counters(
            [{id_: each.count(record) for id_, record in self.by_id(each.name).items()} for each in WITH_COUNTERS]
        )

    def joined(self) -> Part:
        """Facts and counters of each repository in one record, by id."""
        return join(COLLECTIONS, [self.by_id(each.name) for each in COLLECTIONS])


Dataset = dict[str, Account]
"""By casefolded login: GitHub ignores case in logins."""


class Holder(Protocol):
    """The parts of an account to compare: its record and, by id, its repositories' facts and others' whereabouts."""

    @property
    def listed_login(self) -> str: ...
    @property
    def record(self) -> Organisation: ...
    @property
    def facts(self) -> Part: ...
    @property
    def whereabouts(self) -> Part: ...


SomeHolder = TypeVar("SomeHolder", bound=Holder)


def owners(holders: Mapping[str, SomeHolder]) -> dict[int, tuple[SomeHolder, Record]]:
    """The account of each repository, by id, and its facts.

    A repository that was transferred between two observations is in both accounts. It belongs to the one observed
    later or, if the dates are equal, to the first by login.
    """
    observed = [holders[key] for key in sorted(holders) if holders[key].record["observed_at"] is not None]
    observed.sort(key=lambda holder: str(holder.record["observed_at"]), reverse=True)
    held: dict[int, tuple[SomeHolder, Record]] = {}
    for holder in observed:
        for id_, record in holder.facts.items():
            held.setdefault(id_, (holder, record))
    return held
