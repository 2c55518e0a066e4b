"""What happened between two states of the dataset, counted once for commits, summaries and tables alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from scraper.model.accounts import Account, Dataset
from scraper.model.collections import WITH_COUNTERS
from scraper.model.events import Event
from scraper.model.health import FAMILY_NAMES, observed_at
from scraper.model.news import is_first_answer, without_repeats
from scraper.model.records import differences

DATES = tuple(map(observed_at, FAMILY_NAMES))
APPEARED = ("appeared", "reappeared")


class Tally(NamedTuple):
    """Numbers of repositories of an organisation; `changed` counts those to which anything else happened."""

    appeared: int = 0
    vanished: int = 0
    changed: int = 0
    counters_moved: int = 0


@dataclass(frozen=True)
class Comparison:
    """Two states of the dataset and the events between them. Organisations are named by their keys in the states."""

    before: Dataset
    after: Dataset
    events: Sequence[Event] = ()

    @cached_property
    def news(self) -> list[Event]:
        """The events, without those that repeat another one."""
        return without_repeats(self.events)

    @cached_property
    def first_observed(self) -> list[str]:
        """Organisations that have data now, and had none before."""
        return [
            key for key, account in self.after.items() if _has_data(account) and not _has_data(self.before.get(key))
        ]

    @cached_property
    def no_longer_listed(self) -> list[str]:
        return sorted(self.before.keys() - self.after.keys())

    @cached_property
    def other_status(self) -> list[str]:
        """Organisations whose status changed, or which are new in the list."""
        return [
            key
            for key, account in self.after.items()
            if key not in self.before or self.before[key].record["status"] != account.record["status"]
        ]

    @cached_property
    def counters_moved(self) -> Counter[str]:
        """How many existing repositories of each organisation have new counters."""
        moved: dict[str, set[int]] = {key: set() for key in self.after}
        for collection in WITH_COUNTERS:
            silent = {"name", *(field.name for field in collection.fields if not field.news)}
            was = {
                id_: record
                for account in self.before.values()
                for id_, record in account.by_id(collection.name).items()
            }
            for key, account in self.after.items():
                moved[key] |= {
                    id_
                    for id_, record in account.by_id(collection.name).items()
                    if id_ in was and set(differences(was[id_], record)) - silent
                }
        return Counter({key: len(ids) for key, ids in moved.items() if ids})

    @cached_property
    def first_asked(self) -> int:
        """How many existing repositories have health records for the first time."""
        known = self._ids(self.before, "repositories") - self._ids(self.before, "activity")
        return len(known & self._ids(self.after, "activity"))

    @cached_property
    def asked_again(self) -> int:
        """How many had their health checked on a new day, whatever the result."""
        was = {id_: record for account in self.before.values() for id_, record in account.by_id("activity").items()}
        return sum(
            any(record[name] != was[id_][name] for name in DATES)
            for account in self.after.values()
            for id_, record in account.by_id("activity").items()
            if id_ in was
        )

    @staticmethod
    def _ids(dataset: Dataset, collection: str) -> set[int]:
        return {id_ for account in dataset.values() for id_ in account.by_id(collection)}

    def tally(self, key: str) -> Tally:
        """What happened to the repositories of one organisation."""
        kinds = self._kinds.get(self.after[key].record["login"].casefold(), {}) if key in self.after else {}
        appeared = sum(bool(each & set(APPEARED)) for each in kinds.values())
        vanished = sum("vanished" in each for each in kinds.values())
        return Tally(appeared, vanished, len(kinds) - appeared - vanished, self.counters_moved[key])

    @cached_property
    def _kinds(self) -> dict[str, dict[int, set[str]]]:
        """The kinds of changes to each repository, by the casefolded login of its organisation."""
        found: dict[str, dict[int, set[str]]] = {}
        for event in self.events:
            if is_first_answer(event):
                continue
            found.setdefault(event.organisation.casefold(), {}).setdefault(event.repository_id, set()).add(event.kind)
        return found


def _has_data(account: Account | None) -> bool:
    return account is not None and account.record["observed_at"] is not None
