"""Invent the repositories of one account. All random choices are made here, and only with `Random.random`.

`random()` gives the same numbers on every machine and version of Python; `hash()` does not. Each repository has a
generator of its own, so drawing one more number at the end changes nothing else.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate, chain, count, pairwise
from random import Random
from typing import TypeVar

from sandbox.chance import Dice
from sandbox.lifecycle import CALM, Change, Lifecycle, State, apply
from sandbox.vocabulary import DESCRIPTIONS, LANGUAGES, LICENCES, QUALITIES, SUBJECTS, THINGS, TOPICS

_T = TypeVar("_T")

HORIZON = date(2028, 12, 31).toordinal()  # nothing happens after this
DAY = 86_400
ACCELERATION = 1.7  # repositories grow with this power of time
FORKS = 11  # one repository in so many is a fork

# GitHub's ids at the start of each year, roughly, in millions: they show the age of a repository.
_MILESTONES = tuple(
    (datetime(year, 1, 1, tzinfo=UTC).timestamp(), millions * 1_000_000)
    for year, millions in (
        (2008, 0), (2014, 15), (2016, 49), (2018, 116), (2020, 231), (2022, 443), (2024, 737), (2026, 1_125),
        (2030, 2_100),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """One account's share of the estate."""

    number: int
    login: str
    opened: int  # ordinals
    anchor: int  # the day on which it has exactly so many:
    sources: int
    forks: int
    settled: bool  # nothing is created, deleted or moved: tests rely on its size
    heir: int  # the home that receives what this one gives away,
    heir_since: int  # once that exists


def number(seconds: float) -> int:
    """Roughly the id that GitHub gave at that time."""
    (start, low), (end, high) = next(pair for pair in pairwise(_MILESTONES) if seconds < pair[1][0])
    return int(low + (seconds - start) / (end - start) * (high - low))


def lives(home: Home, key: str) -> list[Lifecycle]:
    """Every repository that this account ever creates, oldest first."""
    births = sorted(_births(home, Random(key)))
    used: set[str] = set()
    block = 0
    result = []
    for seconds, survives, fork in births:
        # Each account has its own remainder, so ids are unique without looking at other accounts.
        block = max(block + 1, number(seconds) >> 8)
        id = (block << 8) + home.number
        result.append(_life(home, Random(f"{key}:{id}"), id, seconds, survives, fork, used))
    return result


def _births(home: Home, rng: Random) -> Iterator[tuple[float, bool, bool]]:
    """(second, still there at the anchor, fork): those at the anchor, then the lost ones, then later ones."""
    size = home.sources + home.forks
    start, span = _seconds(home.opened), (home.anchor + 1 - home.opened) * DAY
    for k in count():
        seconds = start + span * ((k + rng.random()) / max(size, 1)) ** (1 / ACCELERATION)
        if k >= size and (home.settled or seconds >= _seconds(HORIZON)):
            break
        # Spread evenly, so that the number of forks at the anchor is exact.
        fork = k * home.forks // size != (k + 1) * home.forks // size if k < size else k % FORKS == 0
        yield seconds, k < size, fork
    for _ in range(0 if home.settled else size // 20):
        yield start + (span - 4 * CALM * DAY) * rng.random() ** (1 / ACCELERATION), False, rng.random() < 1 / FORKS


def _seconds(day: int) -> float:
    return datetime.fromordinal(day).replace(tzinfo=UTC).timestamp()


def _life(home: Home, rng: Random, id: int, seconds: float, survives: bool, fork: bool, used: set[str]) -> Lifecycle:
    created = datetime.fromtimestamp(int(seconds), UTC)
    born = created.toordinal()
    mover = not home.settled and not fork and rng.random() < 0.04
    name = _name(home, rng, used, mover)
    active = rng.expovariate(1 / 500)
    start = State(home.number, name, _licence(rng), _description(rng), _topics(rng, born), born)
    first = (start.licence, start.description, start.topics)
    lost = 0
    if not survives and born < home.anchor - 3 * CALM:
        lost = born + 2 * CALM + int(rng.random() * (home.anchor - born - 2 * CALM))
    changes = tuple(_changes(home, rng, start, born, survives, lost, mover, used))
    archived = next((change.day for change in changes if change.kind == "archived"), HORIZON)
    return Lifecycle(
        id=id,
        home=home.number,
        created_at=created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        born=born,
        clock=created.strftime("%H:%M:%S"),
        fork=fork,
        name=name,
        branch="main" if born > date(2020, 10, 1).toordinal() or rng.random() < 0.1 else "master",
        language=_language(rng),
        licence=first[0],
        description=first[1],
        homepage=_homepage(home, rng, name),
        topics=first[2],
        features=int(rng.random() * 1000),
        fame=min(rng.lognormvariate(0.6, 1.6), 9_000),
        kilobytes=int(min(rng.lognormvariate(6, 2.2), 4_000_000)),
        rhythm=1 + int(rng.random() * 40),
        last_push=min(born + int(active), archived, HORIZON),
        changes=changes,
    )


def _changes(
    home: Home, rng: Random, now: State, born: int, survives: bool, lost: int, mover: bool, used: set[str]
) -> Iterator[Change]:
    """What happens from birth to the horizon; `now` is the running state, and useless afterwards."""
    day = born
    while True:
        day += CALM + int(rng.expovariate(1 / 900))
        if lost and day > lost - CALM:
            yield Change(lost, "vanished")
            return
        if day > HORIZON:
            return
        change = _change(rng, now, day, home, mover, used)
        if change.kind == "nothing":
            continue
        if change.kind == "vanished":
            back = day + CALM + int(rng.random() * 150) if rng.random() < 0.25 else 0
            must_stay = home.settled or lost or (survives and day <= home.anchor)
            if must_stay and (home.settled or not back or back > (lost - CALM if lost else home.anchor)):
                continue
            yield change
            if not back or back > HORIZON:
                return
            day, change = back, Change(back, "reappeared")
        apply(now, change)
        yield change


def _change(rng: Random, now: State, day: int, home: Home, mover: bool, used: set[str]) -> Change:
    """One change that the present state allows: archived repositories are read-only."""
    dice = rng.random()
    if mover and now.home == home.number and dice < 0.35 and day > home.heir_since:
        return Change(day, "transferred", home.heir)
    if dice > 0.94:
        return Change(day, "vanished")
    if now.archived:
        return Change(day, "unarchived" if dice < 0.08 else "nothing")
    if dice < 0.26:
        return Change(day, "archived")
    if dice < 0.48:
        return Change(day, "relicensed", _other_licence(rng, now.licence))
    if dice < 0.62:
        return Change(day, "renamed", _name(home, rng, used, mover))
    if dice < 0.80:
        return Change(day, "described", _description(rng))
    return Change(day, "tagged", _topics(rng, day))


def _other_licence(rng: Random, licence: str | None) -> str | None:
    """Gained where there was none; otherwise lost or changed."""
    if licence and rng.random() < 0.2:
        return None
    while True:
        other = _licence(rng)
        if other and other != licence:
            return other


def pick(rng: Dice, values: Sequence[_T]) -> _T:
    return values[int(rng.random() * len(values))]


_language_names, _language_sums = tuple(LANGUAGES), tuple(accumulate(LANGUAGES.values()))
_licence_names, _licence_sums = tuple(LICENCES), tuple(accumulate(LICENCES.values()))


def _language(rng: Random) -> str | None:
    return _language_names[bisect(_language_sums, rng.random() * _language_sums[-1])]


def _licence(rng: Random) -> str | None:
    return _licence_names[bisect(_licence_sums, rng.random() * _licence_sums[-1])]


def _description(rng: Random) -> str | None:
    if rng.random() < 0.12:
        return None
    subject = pick(rng, SUBJECTS).replace("-", " ")
    thing = pick(rng, THINGS).replace("-", " ")
    sentence = pick(rng, DESCRIPTIONS)
    return sentence.format(subject=subject, Subject=subject.capitalize(), thing=thing, quality=pick(rng, QUALITIES))


def _topics(rng: Random, day: int) -> tuple[str, ...]:
    if rng.random() < 0.6:
        return ()
    start, many = int(rng.random() * len(TOPICS)), 1 + int(rng.random() * 5)
    return tuple(sorted((TOPICS * 2)[start : start + many]))


def _homepage(home: Home, rng: Random, name: str) -> str | None:
    dice = rng.random()
    if dice < 0.15:
        return f"https://{home.login.lower()}.github.io/{name}/"
    return "" if dice < 0.3 else None


def _name(home: Home, rng: Random, used: set[str], mover: bool) -> str:
    """A name that is always unique in its account; one that may move includes its home, to be unique everywhere."""
    words = [pick(rng, SUBJECTS), pick(rng, THINGS)]
    if rng.random() < 0.25:
        words.insert(0, pick(rng, QUALITIES))
    dice = rng.random()
    if mover:
        words.insert(0, home.login)
    if dice < 0.8:
        name = "-".join(words)
    elif dice < 0.92:
        name = "_".join(words).replace("-", "_")
    else:
        name = "".join(part.capitalize() for word in words for part in word.split("-"))
    candidates = chain([name], (f"{name}-{n}" for n in count(2)))
    free = next(candidate for candidate in candidates if candidate.lower() not in used)
    used.add(free.lower())
    return free
