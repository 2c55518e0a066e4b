"""Parse an account's file in one state of the dataset; in the next state, only what is new in it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from itertools import compress
from operator import is_not
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import orjson

from scraper.model.collections import Collection, History
from scraper.model.fields import Record
from scraper.model.records import decode_lines, known, read

NONE: Mapping[Any, Any] = MappingProxyType({})
LOST = "git no longer has its content"


class File(NamedTuple):
    """The record of each repository by id, or its counters if the collection has them; and git's id of the content.

    If the file has a record a line, `lines` has each line with its repository's id.
    """

    source: str | None = None
    by_id: Mapping[int, Any] = NONE
    lines: Mapping[bytes, int] = NONE

    def without(self, left_out: Set[int]) -> "File":
        if self.by_id.keys().isdisjoint(left_out):
            return self
        by_id = {id_: value for id_, value in self.by_id.items() if id_ not in left_out}
        return self._replace(by_id=by_id, lines={line: id_ for line, id_ in self.lines.items() if id_ in by_id})


ABSENT = File()


def changed(now: Mapping[int, Any], before: Mapping[int, Any]) -> Iterator[int]:
    """The ids whose value is not the same object as before, including new ids.

    Almost all values are unchanged, so this compares identities, and in C rather than in Python.
    """
    return compress(now, map(is_not, now.values(), map(before.get, now)))


def read_file(collection: Collection, source: str, content: bytes | None, last: File) -> File:
    """Parse a file, whose content is None if git lost it. Values equal to those of the last file are reused.

    This saves memory, and repeated work on equal values. Raises ValueError if the file is damaged.
    """
    if content is None:
        raise ValueError(LOST)
    by_line = collection.suffix == ".jsonl"
    return (_by_line if by_line else _whole)(collection, source, content, last)


def _by_line(collection: Collection, source: str, content: bytes, last: File) -> File:
    lines = content.splitlines()
    new = [line for line in lines if line not in last.lines]
    records = _parsed_lines(collection, new)
    ids: dict[bytes, Any] = dict(zip(lines, map(last.lines.get, lines), strict=True))
    ids.update(zip(new, (record["id"] for record in records), strict=True))
    by_id = dict(zip(ids.values(), map(last.by_id.get, ids.values()), strict=True))
    by_id.update(_values(collection, records, last))
    if len(by_id) < len(lines):
        raise _duplicate(ids[line] for line in lines)
    return File(source, by_id, ids)


def _parsed_lines(collection: Collection, lines: list[bytes]) -> list[Record]:
    records = decode_lines(collection.fields, lines)
    return [read(collection.fields, orjson.loads(line)) for line in lines] if records is None else records


def _whole(collection: Collection, source: str, content: bytes, last: File) -> File:
    raws = parsed_list(content)
    by_id = _values(collection, (_record(collection, raw, last) for raw in raws), last)
    if len(by_id) < len(raws):
        raise _duplicate(raw["id"] for raw in raws)
    return File(source, by_id)


def _duplicate(ids: Iterable[int]) -> ValueError:
    [(id_, _)] = Counter(ids).most_common(1)
    return ValueError(f"{id_} appears twice")


def _record(collection: Collection, raw: Any, last: File) -> Record:
    """The record in an object: the last one, which has been checked, if they are equal."""
    id_ = raw.get("id") if type(raw) is dict else None
    record = last.by_id.get(id_) if type(id_) is int and collection.history is not History.COUNTERS else None
    return record if record is not None and _says(record, raw) else read(collection.fields, raw)


def _says(record: Record, raw: Record) -> bool:
    """Whether a record was read from an equal object. JSON is compared, because to Python 0 equals False."""
    return orjson.dumps(known(record)) == orjson.dumps(raw)


def _values(collection: Collection, records: Iterable[Record], last: File) -> dict[int, Any]:
    value: Callable[[Record], Any] = collection.count if collection.history is History.COUNTERS else _itself
    values = {}
    for record in records:
        id_, now = cast(int, record["id"]), value(record)
        before = last.by_id.get(id_)
        values[id_] = before if before is now or before == now else now
    return values


def _itself(record: Record) -> Record:
    return record


def parsed_list(content: bytes) -> list[Any]:
    """The JSON list in a file. Raises ValueError if it contains something else."""
    value = orjson.loads(content)
    if type(value) is not list:
        raise ValueError("a JSON list was expected")
    return value
