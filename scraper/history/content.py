"""What an account has in one state of the dataset, read from its files: of these only what is new is parsed."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, cast

import orjson

from scraper.model.collections import (
    UNKNOWN_COUNTERS,
    WHEREABOUTS,
    WITH_COUNTERS,
    WITH_EVENTS,
    Collection,
    Counters,
    History,
    Part,
    join,
    join_counters,
)
from scraper.model.fields import Record
from scraper.model.kinds import UNKNOWN
from scraper.model.records import as_list, read, without_owner

KEPT = (*WITH_EVENTS, *WITH_COUNTERS, WHEREABOUTS)
"""The collections whose past is kept."""

Sources = tuple[str | None, ...]
"""Names for the content of an account's files, one for each of KEPT; None where there is none."""

Parts = tuple[Mapping[int, Any], ...]
NONE: Mapping[int, Any] = MappingProxyType({})
LOST = "git no longer has its content"
_Value = TypeVar("_Value")


class Content(NamedTuple):
    """What an account has, by repository id; accounts whose `sources` are equal and not empty have the same.

    `parts` are what was read from each source: records of collections with events, else counters.
    """

    facts: Part
    counters: Mapping[int, Counters]
    whereabouts: Part = MappingProxyType({})
    sources: Sources = ()
    parts: Parts = ()

    def counters_of(self, id_: int) -> Counters:
        """Unknown ones if a crash left none."""
        return self.counters.get(id_, UNKNOWN_COUNTERS)


NOTHING = Content({}, {})


def new_files(sources: Sources, last: Content) -> list[str]:
    """Those that were not read for the `last` content of the account."""
    return [id_ for n, id_ in enumerate(sources) if id_ is not None and not _is_read(n, id_, last)]


def _is_read(number: int, id_: str, last: Content) -> bool:
    return bool(last.sources) and last.sources[number] == id_


def read_content(sources: Sources, files: Mapping[str, bytes | None], last: Content, left_out: Set[int]) -> Content:
    """The content of an account, of whose `sources` the new ones are given; None for one that git lost.

    Raises ValueError if one is damaged.
    """
    parts = []
    for number, (collection, id_) in enumerate(zip(KEPT, sources, strict=True)):
        before: Mapping[int, Any] = last.parts[number] if last.parts else {}
        if id_ is None:
            part: Mapping[int, Any] = NONE
        elif _is_read(number, id_, last):
            part = before
        else:
            reader = _counters if collection.history is History.COUNTERS else _facts
            part = _without(reader(collection, files[id_], before), left_out)
            if collection is WHEREABOUTS and left_out:
                part = {id_: without_owner(record, left_out) for id_, record in part.items()}
        parts.append(part)
    *others, whereabouts = parts
    middle, old = len(WITH_EVENTS), last.parts[:-1]
    facts = _joined(tuple(others[:middle]), old[:middle], last.facts, partial(join, WITH_EVENTS))
    counters = _joined(tuple(others[middle:]), old[middle:], last.counters, join_counters)
    return Content(facts, counters, whereabouts, sources, tuple(parts))


def _joined(
    parts: Parts, before: Parts, last: Mapping[int, Any], join: Callable[[Sequence[Any]], Mapping[int, Any]]
) -> Mapping[int, Any]:
    """The parts as one; what is joined from the same as the last one is that one, as those are that it is of."""
    if not before or len(parts) == 1:
        return join(parts)
    if all(part is old for part, old in zip(parts, before, strict=True)):
        return last
    same = {
        id_
        for id_ in parts[0].keys() & last.keys()
        if all(part.get(id_) is old.get(id_) for part, old in zip(parts, before, strict=True))
    }
    others = join([{id_: record for id_, record in part.items() if id_ not in same} for part in parts])
    return {id_: last[id_] if id_ in same else others[id_] for id_ in parts[0]}


def _without(by_id: dict[int, _Value], left_out: Set[int]) -> dict[int, _Value]:
    return {id_: value for id_, value in by_id.items() if id_ not in left_out} if left_out else by_id


def _facts(collection: Collection, blob: bytes | None, last: Part) -> dict[int, Record]:
    """By id. A record that is equal to the last one is that one: it was checked then, and takes no memory twice."""
    facts, raws = {}, _records(collection, blob)
    for raw in raws:
        id_ = raw.get("id") if type(raw) is dict else None
        record = last.get(id_) if type(id_) is int else None
        if record is None or not _says(record, raw):
            now = read(collection.fields, raw)
            record = record if record == now else now
        facts[cast(int, id_)] = record
    return _unique(facts, raws)


def _says(record: Record, raw: Record) -> bool:
    """Whether a record was read from an object like this, in which what is unknown is absent."""
    unknown = list(record.values()).count(UNKNOWN)
    return len(raw) + unknown == len(record) and raw.items() <= record.items()


def _counters(collection: Collection, blob: bytes | None, last: Mapping[int, Counters]) -> dict[int, Counters]:
    result, raws = {}, _records(collection, blob)
    for raw in raws:
        counters = found = None
        try:
            counters = last.get(raw["id"])
            id_, found = raw["id"], collection.count(raw)
        except (TypeError, KeyError):
            pass
        if counters is None or counters != found:
            record = read(collection.fields, raw)
            id_, now = record["id"], collection.count(record)
            counters = counters if counters == now else now
        result[id_] = counters
    return _unique(result, raws)


def _unique(by_id: dict[int, _Value], raws: list[Any]) -> dict[int, _Value]:
    if len(by_id) < len(raws):
        [(id_, _)] = Counter(raw["id"] for raw in raws).most_common(1)
        raise ValueError(f"{id_} appears twice")
    return by_id


def _records(collection: Collection, blob: bytes | None) -> list[Any]:
    if blob is not None and collection.suffix == ".jsonl":
        return parsed_list(as_list(blob))
    return parsed_list(blob)


def parsed_list(blob: bytes | None) -> list[Any]:
    """The JSON list in a file. Raises ValueError if there is none."""
    if blob is None:
        raise ValueError(LOST)
    value = orjson.loads(blob)
    if type(value) is not list:
        raise ValueError("a JSON list was expected")
    return value
