"""The life of one invented repository: drawn at random once, then a pure function of the day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sandbox.world import Record

# Changes of one repository are at least this many days apart, and so is the first from its birth: if you look more
# often than that, you see each of them separately.
CALM = 28

PERIOD = 45  # days after which the number of open issues and pull requests changes

LIFE_CYCLE = ("vanished", "reappeared", "renamed", "transferred", "archived", "unarchived", "relicensed")


class Change(NamedTuple):
    """A change from this day (an ordinal) on."""

    day: int
    kind: str
    value: Any = None


class Event(NamedTuple):
    """What truly happened to a repository. `organisation` is the login of its owner afterwards."""

    date: date
    kind: str
    repository: int
    organisation: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """How a repository begins, how its counters grow, and what happens to it."""

    id: int
    home: int
    created_at: str
    born: int
    clock: str  # the time of day at which things happen to it
    fork: bool
    name: str
    branch: str
    language: str | None
    licence: str | None
    description: str | None
    homepage: str | None
    topics: tuple[str, ...]
    features: int
    fame: float
    kilobytes: int
    rhythm: int
    last_push: int
    changes: tuple[Change, ...]


@dataclass(slots=True)
class State:
    """Its state after all changes up to a day."""

    home: int
    name: str
    licence: str | None
    description: str | None
    topics: tuple[str, ...]
    changed: int
    archived: bool = False
    present: bool = True


def state(life: Lifecycle, day: int) -> State:
    """The sum of a life's changes up to the end of a day on which it already exists."""
    now = State(life.home, life.name, life.licence, life.description, life.topics, life.born)
    for change in life.changes:
        if change.day > day:
            break
        apply(now, change)
    return now


def apply(now: State, change: Change) -> None:
    match change.kind:
        case "vanished" | "reappeared":
            now.present = change.kind == "reappeared"
        case "archived" | "unarchived":
            now.archived = change.kind == "archived"
        case "renamed":
            now.name = change.value
        case "transferred":
            now.home = change.value
        case "relicensed":
            now.licence = change.value
        case "described":
            now.description = change.value
        case "tagged":
            now.topics = change.value
    now.changed = change.day


def pushes(life: Lifecycle, day: int) -> int:
    """The number of pushes after its birth."""
    return (min(day, life.last_push) - life.born) // life.rhythm


def open_issues(life: Lifecycle, day: int) -> int:
    """Open issues and pull requests; none once it is archived."""
    return int(life.fame * 2 + (day - life.born) // PERIOD * 3) % (int(life.fame * 0.6) + 2)


def is_template(life: Lifecycle) -> bool:
    return life.features % 31 == 0


def stargazers(life: Lifecycle, day: int) -> int:
    return int(_fame(life, day - life.born))


def _fame(life: Lifecycle, age: int) -> float:
    return life.fame * age / (age + 900)


def facts(life: Lifecycle, now: State, day: int, owner: str) -> Record:
    """The fields of GitHub's record, except addresses and the owner."""
    age = day - life.born
    pushed = life.born + pushes(life, day) * life.rhythm
    fame = _fame(life, age)
    return {
        "id": life.id,
        "name": now.name,
        "full_name": f"{owner}/{now.name}",
        "private": False,
        "description": now.description,
        "fork": life.fork,
        "created_at": life.created_at,
        "updated_at": f"{date.fromordinal(max(pushed, now.changed)).isoformat()}T{life.clock}Z",
        "pushed_at": f"{date.fromordinal(pushed).isoformat()}T{life.clock}Z",
        "homepage": life.homepage,
        "size": int(life.kilobytes * (1 + pushes(life, day) * 0.02)),
        "stargazers_count": int(fame),
        "language": life.language,
        "has_issues": not life.fork,
        "has_projects": bool(life.features & 1),
        "has_downloads": True,
        "has_wiki": bool(life.features & 2),
        "has_pages": life.features % 5 == 0,
        "has_discussions": life.features % 7 == 0,
        "forks_count": int(fame * 0.4 + (life.features % 3) * age / (age + 2000)),
        "archived": now.archived,
        "disabled": False,
        "open_issues_count": 0 if now.archived else open_issues(life, day),
        "license": now.licence,
        "is_template": is_template(life),
        "topics": list(now.topics),
        "default_branch": life.branch,
    }


def events(life: Lifecycle, since: int, until: int, login: Callable[[int, int], str]) -> Iterator[Event]:
    """The life-cycle events after one day, up to and including another; `login` names a home on a day."""
    now = State(life.home, life.name, life.licence, life.description, life.topics, life.born)
    if since < life.born <= until:
        owner = login(now.home, life.born)
        yield Event(date.fromordinal(life.born), "appeared", life.id, owner, None, now.name)
    for change in life.changes:
        if change.day > until:
            break
        before = (login(now.home, change.day), now.name, now.licence)
        apply(now, change)
        if change.day <= since or change.kind not in LIFE_CYCLE:
            continue
        after = (login(now.home, change.day), now.name, now.licence)
        old, new = _difference(change.kind, before, after)
        yield Event(date.fromordinal(change.day), change.kind, life.id, after[0], old, new)


_Words = tuple[str, str, str | None]  # owner, name, licence


def _difference(kind: str, before: _Words, after: _Words) -> tuple[str | None, str | None]:
    match kind:
        case "vanished":
            return before[1], None
        case "reappeared":
            return None, after[1]
        case "transferred":
            return before[0], after[0]
        case "renamed":
            return before[1], after[1]
        case "relicensed":
            return before[2], after[2]
    return None, None
