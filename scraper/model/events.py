"""Compare two states of the dataset: the events between them are what history, commits and feeds report.

Pure functions. A repository is identified by its numeric id. Only observations make events. An organisation that kept
its last good data has none. If one is observed for the first time, or is no longer listed, its repositories have not
appeared or vanished. Nor is it an event when something unknown becomes known, except what became of a vanished
repository. The same applies to repositories that the list excludes or no longer names, and to those it includes
again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scraper.model.accounts import Holder, owners
from scraper.model.collections import FACTS
from scraper.model.fields import Record
from scraper.model.records import differences

KINDS = (
    "appeared",
    "vanished",
    "reappeared",
    "renamed",
    "transferred",
    "archived",
    "unarchived",
    "relicensed",
    "released",
    "gained",
    "lost",
    "traced",
    "changed",
)
"""What can happen to a repository; a rename and a transfer at the same time are two events.

A vanished repository is `traced` when it is first learned what became of it, and again when that changes.
"""

WHEREABOUTS_FIELD = "whereabouts"
"""The field that says what became of a repository that its account no longer shows."""

SILENT = {field.name for field in FACTS if not field.news}
RECOMMENDED = {field.name for field in FACTS if field.is_file}
"""The files that a repository can gain and lose."""

NOBODY: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True)
class Event:
    """Something that happened to a repository between two observations.

    `organisation` is the login that has it after the event (before the event, if it vanished); so is `full_name`.
    `field`, `old` and `new` say what changed; values are those of the dataset, None where there was or is none.
    """

    kind: str
    organisation: str
    repository_id: int
    full_name: str
    field: str | None = None
    old: object = None
    new: object = None


def compare(
    before: Mapping[str, Holder], after: Mapping[str, Holder], formerly: Mapping[int, str] = NOBODY
) -> list[Event]:
    """The events between two states, by organisation and repository id.

    `formerly` has the repositories that vanished in the past, by id, and the login that lost each. If one of them
    appears, it reappears. If it does so in another organisation, it was transferred while that could not be observed.
    """
    was, now = owners(before), owners(after)
    events = [
        event
        for id_, (holder, record) in now.items()
        for event in _events_of(id_, holder, record, was.get(id_), before, formerly)
    ]
    for id_, (holder, record) in was.items():
        successor = after.get(holder.listed_login.casefold())
        if (
            id_ not in now
            and successor is not None
            and _newly_observed(holder, successor)
            and looked_for(successor, id_, record)
        ):
            found = whereabouts(successor.whereabouts.get(id_))
            field = WHEREABOUTS_FIELD if found else None
            events.append(Event("vanished", _login(holder), id_, str(record["full_name"]), field, None, found))
    for key, account in after.items():
        last = before[key].whereabouts if key in before else {}
        for id_ in account.whereabouts.keys() & last.keys() - now.keys():
            record, old, new = account.whereabouts[id_], whereabouts(last[id_]), whereabouts(account.whereabouts[id_])
            if id_ in formerly and new and old != new:
                events.append(
                    Event("traced", _login(account), id_, str(record["full_name"]), WHEREABOUTS_FIELD, old, new)
                )
    return sorted(events, key=lambda event: (event.organisation.casefold(), event.repository_id))


def formerly(before: Mapping[str, Holder]) -> dict[int, str]:
    """The repositories that had vanished, as far as one state of the dataset shows, and the login that lost each."""
    return {id_: _login(account) for account in before.values() for id_ in account.whereabouts}


def whereabouts(record: Record | None) -> str | None:
    """What became of a repository, as in events: `not_public`, or `moved: OWNER/NAME`; None if unknown."""
    found = record["whereabouts"] if record else None
    if not record or not found:
        return None
    more = record["moved_to"] or record["blocked_for"]
    return f"{found}: {more}" if more else str(found)


def _events_of(
    id_: int,
    holder: Holder,
    record: Record,
    last: tuple[Holder, Record] | None,
    before: Mapping[str, Holder],
    formerly: Mapping[int, str],
) -> Iterator[Event]:
    login, full_name = _login(holder), str(record["full_name"])

    def event(kind: str, field: str | None = None, old: object = None, new: object = None) -> Event:
        return Event(kind, login, id_, full_name, field, old, new)

    if last is None:
        predecessor = before.get(holder.listed_login.casefold())
        if predecessor is not None and _is_observed(predecessor) and looked_for(predecessor, id_, record):
            yield event("reappeared" if id_ in formerly else "appeared")
            loser = before.get(formerly.get(id_, "").casefold())
            if loser is not None and loser.record["id"] != holder.record["id"]:
                yield event("transferred", "organisation", formerly[id_], login)
        return
    last_holder, last_record = last
    if last_holder.record["id"] != holder.record["id"]:
        yield event("transferred", "organisation", _login(last_holder), login)
    for name in differences(last_record, record):
        if name in SILENT:
            continue
        old, new = last_record[name], record[name]
        match name:
            case "name":
                yield event("renamed", "name", old, new)
            case "license":
                yield event("relicensed", "license", old, new)
            case "archived":
                yield event("archived" if new else "unarchived", "archived", old, new)
            case "latest_release" if new and _is_later(last_record, record):
                yield event("released", "latest_release", old, new)
            case _ if name in RECOMMENDED:
                yield event("gained" if new else "lost", name, old, new)
            case _:
                yield event("changed", name, old, new)


def _is_later(last: Record, now: Record) -> bool:
    """Whether the latest release is new, rather than the one before a deleted release."""
    old, new = last["latest_release_at"], now["latest_release_at"]
    return not old or not new or str(old) < str(new)


def _is_observed(account: Holder) -> bool:
    return account.record["observed_at"] is not None


def looked_for(account: Holder, id_: int, record: Record) -> bool:
    """Whether an observation of this account would have found the repository if it had been there."""
    excluded, selected = account.record["excluded"], account.record["selected"]
    if excluded and id_ in excluded:
        return False
    return (
        selected is None or id_ in selected.values() or str(record["name"]).casefold() in map(str.casefold, selected)
    )


def _newly_observed(last: Holder, now: Holder) -> bool:
    return now.record["status"] in ("ok", "gone") and now.record["id"] == last.record["id"]


def _login(account: Holder) -> str:
    return str(account.record["login"])
