"""The kinds of values that fields can have, and a check for each: nothing else is stored.

GitHub's answers and the files in data/ come from strangers, so a check returns the value to store, or raises
RecordError.
"""

import re
import reprlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Final, TypedDict, cast

from msgspec import UNSET, Meta, UnsetType

from scraper.errors import RecordError
from scraper.model.personal_data import mask

Unknown = UnsetType
UNKNOWN: Final = UNSET
"""The value of a field that was not in GitHub's answer, or in the file: neither null nor "no" nor 0. On disk, its key
is absent."""


COMPOUND = ("topics", "names", "bytes", "ids", "selected", "mismatch", "times")
"""Kinds that are stored in a column as JSON."""

# GitHub itself allows 350 characters in a description and 255 in a homepage; nobody types more than this.
LONGEST_TEXT = 10_000
LARGEST_INTEGER = 2**53  # above it, JSON readers lose digits, and sums overflow in SQL


class CountMismatch(TypedDict):
    """What GitHub `counted` and `listed` for an account, a digest of the `ids`, and the `days` when that was so."""

    counted: int
    listed: int
    ids: str
    days: list[str]


Integer = Annotated[int, Meta(ge=0, lt=LARGEST_INTEGER), "integer"]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT), "text"]
Boolean = Annotated[bool, "boolean"]
Timestamp = Annotated[str, "timestamp"]
License = Annotated[str, Meta(max_length=LONGEST_TEXT), "license"]
Topics = Annotated[list[str], "topics"]
Names = Annotated[list[str], "names"]
Bytes = Annotated[dict[str, int], "bytes"]
Status = Annotated[str, "status"]
Mismatch = Annotated[CountMismatch, "mismatch"]
Fate = Annotated[str, "fate"]
Times = Annotated[list[str], "times"]
Ids = Annotated[list[int], "ids"]
Selected = Annotated[dict[str, int | None], "selected"]

STATUSES = ("ok", "kept", "not_found", "gone", "replaced", "pending")
FATES = ("moved", "not_public", "blocked", "unlisted")

TIMESTAMP = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
REPOSITORY_NAME = re.compile("[A-Za-z0-9._-]{1,100}")
DIGEST = re.compile("[0-9a-f]{16}")
FIRST_YEAR, LAST_YEAR = "1970", "2199"
A_DAY = f"a date from {FIRST_YEAR} to {LAST_YEAR}"
"""What `is_day` accepts, for messages."""

# UTF-8 cannot encode a lone surrogate, and SQLite's text functions stop at NUL.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _integer(value: object) -> object:
    if type(value) is not int:  # not isinstance(), because True is an int in Python
        raise RecordError(f"is {shown(value)}, not an integer")
    if not 0 <= value < LARGEST_INTEGER:
        raise RecordError(f"is {shown(value)}, out of range")
    return value


def _text(value: object) -> str:
    if type(value) is not str:
        raise RecordError(f"is {shown(value)}, not text")
    if not value.isascii() or "\x00" in value:  # most texts are ASCII, and this is ten times faster than a search
        value = UNSTORABLE.sub("\ufffd", value)
    return value[:LONGEST_TEXT]


def _timestamp(value: object) -> object:
    if type(value) is not str or not _is_time(value):
        raise RecordError(f"is {shown(value)}, not a time such as 2026-01-31T12:00:00Z")
    return value


@lru_cache(maxsize=65_536)
def _is_time(text: str) -> bool:
    """Whether it is a real date, at which GitHub and its repositories can have existed."""
    if not TIMESTAMP.fullmatch(text) or not FIRST_YEAR <= text[:4] <= LAST_YEAR:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:  # 30 February
        return False
    return True


def written(moment: datetime) -> str:
    """A time, UTC, as GitHub and the dataset write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar such as 2026-01-31."""
    return bool(DAY.fullmatch(text)) and _is_time(f"{text}T00:00:00Z")


def _license(value: object) -> object:
    """The SPDX identifier from GitHub's licence object; on disk there is only the identifier."""
    if isinstance(value, dict):
        value = value.get("spdx_id") or "NOASSERTION"
    return _text(value)


def _topics(value: object) -> object:
    if type(value) is not list:
        raise RecordError(f"is {shown(value)}, not a list")
    return sorted({mask(_text(topic)) for topic in value})


def _bytes(value: object) -> object:
    if type(value) is not dict:
        raise RecordError(f"is {shown(value)}, not numbers by name")
    sizes: dict[str, int] = {}
    for name, size in value.items():
        name = _language(name)
        sizes[name] = cast(int, _integer(sizes.get(name, 0) + cast(int, _integer(size))))
    return dict(sorted(sizes.items()))


@lru_cache(maxsize=1024)
def _language(name: object) -> str:
    return mask(_text(name))


def _boolean(value: object) -> object:
    if type(value) is not bool:
        raise RecordError(f"is {shown(value)}, not true or false")
    return value


def _status(value: object) -> object:
    if value not in STATUSES:
        raise RecordError(f"is {shown(value)}, not one of {', '.join(STATUSES)}")
    return value


def _fate(value: object) -> object:
    if value not in FATES:
        raise RecordError(f"is {shown(value)}, not one of {', '.join(FATES)}")
    return value


def _times(value: object) -> object:
    if type(value) is not list or not value or value != sorted(set(map(str, map(_timestamp, value)))):
        raise RecordError(f"is {shown(value)}, not times, one after the other")
    return value


def _ids(value: object) -> object:
    if type(value) is not list or not value or sorted({_id(id_) for id_ in value}) != value:
        raise RecordError(f"is {shown(value)}, not a sorted list of ids")
    return value


def _selected(value: object) -> object:
    if type(value) is not dict or not value or not all(REPOSITORY_NAME.fullmatch(name) for name in value):
        raise RecordError(f"is {shown(value)}, not ids by the names of repositories")
    for id_ in value.values():
        if id_ is not None:
            _id(id_)
    return value


def _id(value: object) -> int:
    if not _integer(value):
        raise RecordError(f"is {shown(value)}, not an id")
    return cast(int, value)


def _mismatch(value: object) -> object:
    match value:
        case {"counted": counted, "listed": listed, "ids": str(ids), "days": [*days]} if (
            len(cast(dict[str, object], value)) == 4
            and cast(int, _integer(listed)) < cast(int, _integer(counted))
            and DIGEST.fullmatch(ids)
            and all(type(day) is str and is_day(day) for day in days)
            and days == sorted(set(days))
        ):
            return value
    raise RecordError(f"is {shown(value)}, not a count, a number, a digest and days")


_REPR = reprlib.Repr()  # for a stranger's value, which may be large and deep
_REPR.maxstring = _REPR.maxlong = _REPR.maxother = 100


def shown(value: object) -> str:
    """The value, shortened for a message."""
    text = _REPR.repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


VALIDATORS: dict[str, Callable[[object], object]] = {
    "integer": _integer,
    "text": _text,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "license": _license,
    "topics": _topics,
    "names": _topics,
    "bytes": _bytes,
    "status": _status,
    "ids": _ids,
    "selected": _selected,
    "mismatch": _mismatch,
    "fate": _fate,
    "times": _times,
}
"""The check of each kind, by its name."""
