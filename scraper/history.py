"""History is a fold: what is known so far and one more observation in, the rows that it adds out.

Pure: it knows neither git nor SQL. Whether the past was replayed from git or read from a database, the same
observations give the same rows. An observation is a state of the dataset that is newer than all before it, and of it
counts, account by account, what was observed anew: neither a clock that goes backwards nor a file changed by hand
makes anything vanish. What such a state brought is told once it is observed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple, cast

import orjson

from scraper.changes import Event, compare
from scraper.dataset import Account, Dataset, holders
from scraper.history_schema import COUNTERS, EVENTS, METRIC_HISTORY, OBSERVATIONS, ORGANISATION_HISTORY
from scraper.records import Record

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
Counters = tuple[Any, ...]

counters_of = itemgetter(*(field.name for field in COUNTERS))
UNKNOWN: Counters = (None,) * len(COUNTERS)


class Content(NamedTuple):
    """What an account has, by repository id; accounts whose `source` is equal and not None have the same."""

    facts: dict[int, Record]
    counters: dict[int, Counters]
    source: object = None


NOTHING = Content({}, {})


class Life(NamedTuple):
    """A row of the table `lives`, without its id."""

    organisation: str
    full_name: str
    fork: bool
    created_at: str
    first_observed_at: str
    vanished_at: str | None


@dataclass
class Held:
    """What is held of an account. No repository is held by two: `dataset.holders` decides whose it is."""

    record: Record
    content: Content
    counts: Row


def held(record: Record, content: Content) -> Held:
    """An account with its counts: of all repositories, and the rest of those without forks."""
    own = [record for record in content.facts.values() if not record["fork"]]
    archived = sum(record["archived"] is True for record in own)
    without_licence = sum(record["license"] is None for record in own)
    stars = sum(content.counters.get(cast(int, record["id"]), UNKNOWN)[0] or 0 for record in own)
    return Held(record, content, (len(content.facts), len(own), archived, without_licence, stars))


@dataclass
class State:
    """All that was observed so far, as far as the next observation needs it; `events` counts those told."""

    accounts: dict[str, Held] = field(default_factory=dict)
    lives: dict[int, Life] = field(default_factory=dict)
    observed_at: str | None = None
    events: int = 0

    def __post_init__(self) -> None:
        self._homes = {id_: key for key, account in self.accounts.items() for id_ in account.content.facts}
        self._gone = {id_ for id_, life in self.lives.items() if life.vanished_at}

    def is_before(self, records: Mapping[str, Record]) -> bool:
        """Whether a dataset with these records of organisations, by login casefolded, is a further observation."""
        date = latest(records)
        return date is not None and (self.observed_at is None or date > self.observed_at)

    def anew(self, records: Mapping[str, Record]) -> list[str]:
        """Those of the accounts that were observed since this state."""
        return [key for key, record in records.items() if _date(record) > self._date(key)]

    def observe(self, records: Mapping[str, Record], contents: Mapping[str, Content]) -> Rows:
        """Take in a further observation; the rows that it adds to each table of history, in their order.

        `contents` are those of the accounts observed anew. One that is the same as before may be left out: that
        takes less time and gives the same.
        """
        date = cast(str, latest(records))
        anew = set(self.anew(records))
        now = {
            key: record if key in anew or key not in self.accounts else self.accounts[key].record
            for key, record in records.items()
        }
        fresh = {key: contents[key] for key in records if key in anew and key in contents}
        for key in anew - fresh.keys():
            if any(self.accounts[key].record[name] != now[key][name] for name in ("id", "login")):
                fresh[key] = self.accounts[key].content  # another owner, or spelt anew, of all the same
        old = {key: self.accounts[key].content for key in fresh if key in self.accounts}
        touched = {id_ for contents in (old, fresh) for content in contents.values() for id_ in content.facts}
        others = self._others(touched, fresh)
        before = _dataset({key: account.record for key, account in self.accounts.items()}, old, others)
        after = _dataset(now, fresh, others)
        events = compare(before, after, self._gone)
        homes = {id_: account.listed for id_, (account, _) in holders(after).items()}
        metrics = [
            (date, id_, *counters)
            for id_ in sorted(homes)
            if (counters := self._moved_counters(id_, fresh.get(homes[id_]))) is not None
        ]
        self._hold(now, fresh, touched, homes)
        self._live(date, fresh, homes, events)
        self.observed_at, first = date, self.events + 1
        self.events += len(events)
        return {
            OBSERVATIONS.name: [self._summary(records)],
            EVENTS.name: [_event(number, date, event) for number, event in enumerate(events, first)],
            ORGANISATION_HISTORY.name: [
                (date, account.record["login"], account.record["observed_at"], *account.counts)
                for _, account in sorted(self.accounts.items())
                if account.record["observed_at"] is not None
            ],
            METRIC_HISTORY.name: metrics,
        }

    def _others(self, touched: set[int], fresh: Mapping[str, Content]) -> dict[str, list[Record]]:
        """Of what accounts with new content have or had, that which another account holds: it may change hands."""
        others: dict[str, list[Record]] = {}
        for id_ in sorted(touched):
            home = self._homes.get(id_)
            if home is not None and home not in fresh:
                others.setdefault(home, []).append(self.accounts[home].content.facts[id_])
        return others

    def _moved_counters(self, id_: int, content: Content | None) -> Counters | None:
        """The counters of a repository if they are not those that are held of it."""
        if content is None:
            return None
        home, counters = self._homes.get(id_), content.counters.get(id_, UNKNOWN)
        known = home is not None and self.accounts[home].content.counters.get(id_, UNKNOWN) == counters
        return None if known else counters

    def _hold(
        self, now: Mapping[str, Record], fresh: Mapping[str, Content], touched: set[int], homes: Mapping[int, str]
    ) -> None:
        for id_ in touched:
            last = self._homes.pop(id_, None)
            if last is not None and last not in fresh and homes.get(id_) != last:
                account = self.accounts[last]
                self.accounts[last] = held(account.record, _without(account.content, {id_}))
        for key in self.accounts.keys() - now.keys():
            for id_ in self.accounts[key].content.facts:
                self._homes.pop(id_, None)
        accounts = {}
        for key, record in now.items():
            if key in fresh:
                foreign = {id_ for id_ in fresh[key].facts if homes[id_] != key}
                accounts[key] = held(record, _without(fresh[key], foreign))
            else:
                last_held = self.accounts.get(key) or held(record, NOTHING)
                accounts[key] = Held(record, last_held.content, last_held.counts)
        self.accounts = accounts
        self._homes.update(homes)

    def _live(self, date: str, fresh: Mapping[str, Content], homes: Mapping[int, str], events: list[Event]) -> None:
        for id_, key in homes.items():
            if key in fresh:
                facts, login = fresh[key].facts[id_], str(self.accounts[key].record["login"])
                first = self.lives[id_].first_observed_at if id_ in self.lives else date
                names = (login, str(facts["full_name"]), bool(facts["fork"]), str(facts["created_at"]))
                self.lives[id_] = Life(*names, first, None)
                self._gone.discard(id_)
        for event in events:
            if event.kind == "vanished":
                self.lives[event.repository_id] = self.lives[event.repository_id]._replace(vanished_at=date)
                self._gone.add(event.repository_id)

    def _summary(self, records: Mapping[str, Record]) -> Row:
        observed = sum(record["observed_at"] == self.observed_at for record in records.values())
        with_data = sum(account.record["observed_at"] is not None for account in self.accounts.values())
        repositories, own = (sum(account.counts[n] for account in self.accounts.values()) for n in range(2))
        return (self.observed_at, len(records), observed, with_data - observed, repositories, own)

    def _date(self, key: str) -> str:
        return _date(self.accounts[key].record) if key in self.accounts else ""


def latest(records: Mapping[str, Record]) -> str | None:
    """When the newest of them was observed: the date of an observation."""
    return max((_date(record) for record in records.values()), default="") or None


def contents(dataset: Dataset) -> dict[str, Content]:
    """What the observed accounts of a dataset have."""
    return {
        key: Content(
            {cast(int, record["id"]): record for record in account.repositories},
            {cast(int, record["id"]): counters_of(record) for record in account.metrics},
        )
        for key, account in dataset.items()
        if account.record["observed_at"] is not None
    }


def _date(record: Record) -> str:
    return str(record["observed_at"] or "")


def _dataset(
    records: Mapping[str, Record], contents: Mapping[str, Content], others: Mapping[str, list[Record]]
) -> Dataset:
    return {
        key: Account(
            key, record, list(contents[key].facts.values()) if key in contents else list(others.get(key, []))
        )
        for key, record in records.items()
    }


def _without(content: Content, ids: set[int]) -> Content:
    """Without a source if anything is left out: whatever is observed next may be more than this."""
    if not ids:
        return content
    return Content({id_: record for id_, record in content.facts.items() if id_ not in ids}, content.counters)


def _event(number: int, date: str, event: Event) -> Row:
    what = (event.kind, event.organisation, event.repository_id, event.full_name, event.field)
    return (number, date, *what, _text(event.old), _text(event.new))


def _text(value: object) -> str | None:
    """As the column of `repositories` shows it."""
    match value:
        case None | str():
            return value
        case bool():
            return str(int(value))
        case list():
            return orjson.dumps(value).decode()
    return str(value)
