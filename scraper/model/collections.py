"""The collections: the kinds of files that an account has in data/, each declared once.

The code that reads, writes, replays and describes the dataset iterates over these declarations, and so do the SQL
tables. Except for the code that fetches it, a collection is added or removed here alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import combinations
from operator import itemgetter
from typing import Any

from scraper.errors import DeclarationError
from scraper.model import fields
from scraper.model.fields import METRICS, REPOSITORY, Field, Record
from scraper.model.health import ACTIVITY, HEALTH
from scraper.model.kinds import COMPOUND, UNKNOWN

Counters = tuple[Any, ...]
"""Counters of a repository, None if unknown."""


IDENTITY = REPOSITORY[:2]
"""The fields that say which repository a record is about."""


SUFFIXES = (".json", ".jsonl")
ALWAYS_THERE = ("repositories", "metrics")
"""Collections that every dataset has always had."""


class History(Enum):
    """How the past of a collection is kept."""

    EVENTS = "each change of a field is an event"
    COUNTERS = "each change of a number or date is a row of metric_history"
    NONE = "only the present values are kept"
    WHEREABOUTS = "each answer is a row of whereabouts"


@dataclass(frozen=True)
class Collection:
    """Records of the repositories of an account, by GitHub's numeric id, in the file `name`/LOGIN`suffix`.

    A .jsonl file has one record a line, a .json file one field a line. An `optional` collection need not have records
    of all repositories; what is missing is unknown, and an account without any such records has no file. The names of
    its `values` are columns of the table `repositories`.
    """

    name: str
    suffix: str
    meaning: str
    fields: tuple[Field, ...]
    history: History
    optional: bool = False

    def __post_init__(self) -> None:
        if self.suffix not in SUFFIXES:
            raise _wrong(f"{self.name} has the suffix {self.suffix}: use one of {' and '.join(SUFFIXES)}")
        if [field.name for field in self.fields[:2]] != [field.name for field in IDENTITY]:
            raise _wrong(f"{self.name} does not begin with the fields id and name: declare these two first")

    @cached_property
    def values(self) -> tuple[Field, ...]:
        """The fields that say something about a repository, rather than which one it is."""
        return tuple(field for field in self.fields if field.name not in [each.name for each in IDENTITY])

    @cached_property
    def counters(self) -> tuple[Field, ...]:
        """The values that have a column in metric_history: compound ones would take more space than all others."""
        return tuple(field for field in self.values if field.kind not in COMPOUND)

    @cached_property
    def unknown(self) -> Record:
        """The record of a repository that has none here: all unknown."""
        return {field.name: UNKNOWN for field in self.values}

    @cached_property
    def _values_of(self) -> Callable[[Mapping[str, object]], Counters]:
        # The id too, because with a single name this would not make a tuple.
        return itemgetter("id", *(field.name for field in self.counters))

    def count(self, record: Mapping[str, object]) -> Counters:
        """The counters of a record, in the order of `counters`. Raises KeyError if one is absent."""
        found = self._values_of(record)[1:]
        return tuple(None if value is UNKNOWN else value for value in found) if UNKNOWN in found else found


def _wrong(what: str) -> DeclarationError:
    return DeclarationError(f"scraper/model/collections.py: the collection {what}.")


def distinct(collections: tuple[Collection, ...]) -> tuple[Collection, ...]:
    """Return the collections. Raises DeclarationError if two share a folder, or a column of `repositories`."""
    for each in collections:
        if not each.optional and each.name not in ALWAYS_THERE:
            raise _wrong(f"{each.name} is not optional, although older datasets lack it: add optional=True")
    for one, other in combinations(collections, 2):
        if one.name == other.name:
            raise _wrong(f"{one.name} is declared twice: give one of the two another name, which is also its folder")
        for name in _columns(one):
            if name in _columns(other):
                raise _wrong(
                    f"{other.name} and {one.name} both have a field {name}: rename one of the two, because each is a"
                    " column of the table repositories"
                )
    return collections


def _columns(collection: Collection) -> list[str]:
    """The columns that it adds to the table `repositories`, which has only what accounts still show."""
    return [] if collection.history is History.WHEREABOUTS else [field.name for field in collection.values]


REPOSITORIES = Collection(
    "repositories",
    ".json",
    "Facts: one record for each public repository, forks included, sorted by `id`, one field a line.",
    REPOSITORY,
    History.EVENTS,
)
COLLECTIONS = (
    REPOSITORIES,
    Collection(
        "metrics", ".jsonl", "Counters of the same repositories, one repository a line.", METRICS, History.COUNTERS
    ),
    Collection(
        "health",
        ".json",
        "Facts that the listing does not include, forks left out, sorted by `id`, one field a line.",
        HEALTH,
        History.EVENTS,
        optional=True,
    ),
    Collection(
        "activity",
        ".jsonl",
        "Counters of the same repositories, and when each was read, one repository a line.",
        ACTIVITY,
        History.COUNTERS,
        optional=True,
    ),
)
"""In each history, the first collection has a record of every repository."""

WHEREABOUTS = Collection(
    "whereabouts",
    ".json",
    "What became of repositories that the account no longer shows, sorted by `id`, one field a line.",
    fields.WHEREABOUTS,
    History.WHEREABOUTS,
    optional=True,
)
ALL = distinct((*COLLECTIONS, WHEREABOUTS))
"""All collections, including the one about repositories that the account no longer has."""

WITH_EVENTS, WITH_COUNTERS = (
    tuple(each for each in COLLECTIONS if each.history is history) for history in (History.EVENTS, History.COUNTERS)
)
FACTS = (*IDENTITY, *(field for each in WITH_EVENTS for field in each.values))
COUNTERS = tuple(field for each in WITH_COUNTERS for field in each.counters)
UNKNOWN_COUNTERS: Counters = (None,) * len(COUNTERS)
_news: Callable[[Counters], Counters] = itemgetter(*(n for n, field in enumerate(COUNTERS) if field.news))

Part = Mapping[int, Record]
"""An account's records in a collection, by id."""


def join(collections: Sequence[Collection], parts: Sequence[Part]) -> Part:
    """For each repository in the first of these collections, one record with the values of all."""
    first, *others = parts
    if not others:
        return first
    joined: dict[int, Record] = {}
    for id_, record in first.items():
        whole = dict(record)
        for collection, part in zip(collections[1:], others, strict=True):
            whole |= part.get(id_, collection.unknown)
        joined[id_] = whole | {"name": record["name"]}  # another collection may have an older name
    return joined


def join_counters(parts: Sequence[Mapping[int, Counters]]) -> Mapping[int, Counters]:
    """The counters of each repository, in the order of COUNTERS, from those of the collections with counters."""
    first, *others = parts
    if not others:
        return first
    unknown: list[Counters] = [(None,) * len(each.counters) for each in WITH_COUNTERS[1:]]
    return {
        id_: sum((part.get(id_, nothing) for part, nothing in zip(others, unknown, strict=True)), counters)
        for id_, counters in first.items()
    }


def moved(old: Counters, new: Counters) -> bool:
    """Whether any of COUNTERS changed that is news; only a new date of the same finding is not."""
    return old is not new and old != new and _news(old) != _news(new)
