"""History is a fold: it takes what is known so far and one more observation, and returns the rows that this adds.

Pure: it knows neither git nor SQL. Whether the past was replayed from git or read from a database, the same
observations give the same rows. An observation is a state of the dataset that is newer than all before it, and only
accounts that were newly observed in it count, so that neither a clock that goes backwards nor a file changed by hand
makes anything vanish. What such a state changed counts from the next real observation on.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from typing import cast

from scraper.history.account_state import AccountState, Holding, homes_of, owner_of, part_of
from scraper.history.content import Content
from scraper.history.files import changed
from scraper.history.rows import Lifetime, Row, Rows, answer_row, departure_row, event_row
from scraper.model.accounts import Dataset
from scraper.model.collections import Counters, Part, moved
from scraper.model.events import Event, compare
from scraper.model.fields import Organisation


class Timeline:
    """Everything observed so far that the next observation needs; `events` counts the events.

    `duplicates` has the repositories that several accounts list, by id, and the account that each belongs to.
    """

    def __init__(
        self,
        accounts: dict[str, AccountState] | None = None,
        lifetimes: dict[int, Lifetime] | None = None,
        observed_at: str | None = None,
        events: int = 0,
    ) -> None:
        self.accounts, self.lifetimes = accounts or {}, lifetimes or {}
        self.observed_at, self.events = observed_at, events
        self.duplicates: dict[int, str] = {}
        self._gone = {id_: life.organisation for id_, life in self.lifetimes.items() if life.is_missing}
        listed = {id_ for account in self.accounts.values() for id_ in account.content.facts}
        self._recount(part_of(self.accounts, listed), self.accounts.keys())

    def is_before(self, records: Mapping[str, Organisation], limit: str) -> bool:
        """Whether a dataset with these records of organisations, by casefolded login, is a further observation.

        It is not if it is dated after `limit`: its clock was wrong, and nothing true would ever be newer.
        """
        date = latest(records)
        return date is not None and (self.observed_at or "") < date <= limit

    def newly_observed(self, records: Mapping[str, Organisation]) -> list[str]:
        """The accounts that were observed since this state."""
        last = {key: _date(account.record) for key, account in self.accounts.items()}
        return [key for key, record in records.items() if _date(record) > last.get(key, "")]

    def observe(self, records: Mapping[str, Organisation], contents: Mapping[str, Content]) -> Rows:
        """Add a further observation, and return the rows that it adds to history.

        `contents` has those of the newly observed accounts. Unchanged contents may be left out, which saves time and
        gives the same result.
        """
        date, last = cast(str, latest(records)), self.accounts
        observed = set(self.newly_observed(records))
        self.accounts = {
            key: replace(last.get(key) or AccountState(records[key]), record=records[key], content=contents[key])
            if key in observed and key in contents
            else replace(last[key], record=records[key])
            if key in observed
            else last.get(key) or AccountState(records[key])
            for key in records
        }
        fresh = {key for key in observed if key in contents or owner_of(self.accounts[key]) != owner_of(last[key])}
        touched = self._affected(last, fresh)
        before, after = part_of(last, touched), part_of(self.accounts, touched)
        was, homes = homes_of(before), homes_of(after)
        events = compare(before, after, self._gone)
        metrics = [(date, id_, *counters) for id_, counters in self._changed_counters(last, fresh, homes, was)]
        for id_, key in homes.items():
            if key in fresh or key != was.get(id_):
                self._live(id_, self.accounts[key], date)
        for event in events:
            if event.kind == "vanished":
                self.lifetimes[event.repository_id] = self.lifetimes[event.repository_id]._replace(vanished_at=date)
                self._gone[event.repository_id] = event.organisation
        for id_ in self._dropped(last, fresh):
            self.lifetimes[id_] = self.lifetimes[id_]._replace(excluded_at=date)
            del self._gone[id_]
        self._recount(after, fresh)
        self.observed_at, first = date, self.events + 1
        self.events += len(events)
        return Rows(
            observations=[self._summary(records, len(observed))],
            events=[event_row(number, date, event) for number, event in enumerate(events, first)],
            departures=[
                departure_row(
                    date, _missing_at(date, event, loser, self.accounts), event, loser.record, loser.content
                )
                for event in sorted(events, key=lambda event: event.repository_id)
                if event.kind == "vanished" or (event.kind == "transferred" and event.repository_id in was)
                for loser in (last[was[event.repository_id]],)
            ],
            whereabouts=[(date, *row) for row in self._answers(last, fresh)],
            organisation_history=[
                (date, account.record["login"], account.record["observed_at"], *account.tally.counts)
                for _, account in sorted(self.accounts.items())
                if account.record["observed_at"] is not None
            ],
            check_history=[(date, *row) for row in self._changed_checks(last)],
            metric_history=metrics,
        )

    def _affected(self, last: Mapping[str, AccountState], fresh: set[str]) -> set[int]:
        """The repositories whose record or holder may have changed; everything else is the same.

        In an account with new content, most records are the old ones: in a replay, the very same objects.
        """
        touched = set(self.duplicates)  # what several accounts list belongs to the one observed last
        for key in fresh:
            now, before = self.accounts[key], last.get(key)
            if before is None or owner_of(before) != owner_of(now):
                touched.update(now.content.facts)
                continue
            touched.update(id_ for id_, answer, old in _whereabouts(now, before) if answer != old)
            touched.update(before.content.facts.keys() - now.content.facts.keys())
            touched.update(changed(now.content.facts, before.content.facts))
        return touched

    def _answers(self, last: Mapping[str, AccountState], fresh: set[str]) -> list[Row]:
        """The answers about repositories that are no longer where they were, by id."""
        found = {
            id_: (id_, *answer)
            for key in sorted(fresh)
            for id_, answer, old in _whereabouts(self.accounts[key], last.get(key))
            if id_ in self.lifetimes and answer[0] and answer != old
        }
        return [found[id_] for id_ in sorted(found)]

    def _dropped(self, last: Mapping[str, AccountState], fresh: set[str]) -> set[int]:
        """Vanished repositories that are no longer looked up: the list excludes them, or no longer names them."""
        before = {id_ for key in fresh & last.keys() for id_ in last[key].content.whereabouts}
        now = {id_ for account in self.accounts.values() for id_ in account.content.whereabouts} if before else set()
        return (before - now) & self._gone.keys()

    def _changed_counters(
        self, last: Mapping[str, AccountState], fresh: set[str], homes: Mapping[int, str], was: Mapping[int, str]
    ) -> list[tuple[int, Counters]]:
        """The repositories whose counters changed, by id, with their counters."""
        other: dict[int, str] = {}
        for key in fresh & last.keys():
            old, facts = last[key].content.counters, self.accounts[key].content.facts
            other.update((id_, key) for id_ in changed(self.accounts[key].content.counters, old) if id_ in facts)
        result = []
        for id_, key in sorted((other | dict(homes)).items()):
            counters, home = (
                self.accounts[key].content.counters_of(id_),
                was.get(id_, key if id_ not in homes else None),
            )
            if home is None or moved(last[home].content.counters_of(id_), counters):
                result.append((id_, counters))
        return result

    def _live(self, id_: int, holder: AccountState, date: str) -> None:
        facts = holder.content.facts[id_]
        first = self.lifetimes[id_].first_observed_at if id_ in self.lifetimes else date
        names = (str(holder.record["login"]), str(facts["full_name"]), bool(facts["fork"]), str(facts["created_at"]))
        self.lifetimes[id_] = Lifetime(*names, first, None, None)
        self._gone.pop(id_, None)

    def _recount(self, part: Mapping[str, Holding], fresh: Set[str]) -> None:
        """Find repositories that several accounts list, all of which are in `part`, and count each only once."""
        listed = Counter(id_ for holding in part.values() for id_ in holding.facts)
        homes, before = homes_of(part), self.duplicates
        self.duplicates = {id_: homes[id_] for id_, count in listed.items() if count > 1}
        several = before.keys() | self.duplicates.keys()
        for key, account in self.accounts.items():
            if key in fresh or not several.isdisjoint(account.content.facts):
                elsewhere = {id_ for id_, home in self.duplicates.items() if home != key}
                self.accounts[key] = account.counted(elsewhere)

    def _changed_checks(self, last: Mapping[str, AccountState]) -> list[Row]:
        """The counts that changed, by account and check."""
        rows: list[Row] = []
        for key, account in sorted(self.accounts.items()):
            before = last[key].tally if key in last else None
            if account.record["observed_at"] is not None and account.tally is not before:
                old = before.checks if before else {}
                rows += [
                    (account.record["login"], name, *counts)
                    for name, counts in sorted(account.tally.checks.items())
                    if old.get(name) != counts
                ]
        return rows

    def _summary(self, records: Mapping[str, Organisation], observed: int) -> Row:
        with_data = sum(account.record["observed_at"] is not None for account in self.accounts.values())
        repositories, own = (sum(account.tally.counts[n] for account in self.accounts.values()) for n in range(2))
        return (self.observed_at, len(records), observed, with_data - observed, repositories, own)


def latest(records: Mapping[str, Organisation]) -> str | None:
    """When the newest of them was observed, which is the date of the observation."""
    return max((_date(record) for record in records.values()), default="") or None


def contents(dataset: Dataset) -> dict[str, Content]:
    """What the observed accounts of a dataset have."""
    return {
        key: Content(account.facts, account.counters, account.whereabouts)
        for key, account in dataset.items()
        if account.record["observed_at"] is not None
    }


def _date(record: Organisation) -> str:
    return str(record["observed_at"] or "")


def _whereabouts(now: AccountState, last: AccountState | None) -> Iterator[tuple[int, Row, Row | None]]:
    """The present and the previous answer about each repository that an account no longer has."""
    before: Part = last.content.whereabouts if last else {}
    for id_, record in now.content.whereabouts.items():
        old = before.get(id_)
        yield id_, answer_row(record), None if old is None else answer_row(old)


def _missing_at(date: str, event: Event, loser: AccountState, accounts: Mapping[str, AccountState]) -> str:
    """When a repository was first missing, which may have been days before the loss was believed."""
    successor = accounts.get(loser.record["login"].casefold())
    record = successor.content.whereabouts.get(event.repository_id) if successor else None
    since = str(record["missing_since"]) if record and event.kind == "vanished" else date
    return since if str(loser.record["observed_at"]) < since <= date else date
