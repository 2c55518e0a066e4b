"""Who says what in the issues and pull requests of an invented repository, and who wrote its commits.

These people are invented too. They have names so that tests can check that the program does not keep them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, islice
from random import Random

from sandbox.care import Care, archived_on
from sandbox.generator import pick
from sandbox.health import Comment, Contributor, Conversation, Conversations, stamp
from sandbox.lifecycle import Lifecycle, pushes
from sandbox.tracker import Tracker, tracker

INSIDERS = ("OWNER", "MEMBER", "MEMBER", "COLLABORATOR")
OUTSIDERS = ("NONE", "NONE", "CONTRIBUTOR", "FIRST_TIME_CONTRIBUTOR")
DAY = 86_400


@dataclass(frozen=True, slots=True)
class _Talk:
    """How people answer here, up to a day."""

    key: str
    answering: float  # the share of what is answered by insiders
    patience: float  # seconds until they answer
    end: str

    def about(self, what: str, opened: datetime, closed: str | None, merged: bool, request: bool) -> Conversation:
        rng = Random(f"{self.key}:{what}")
        association, author = self._person(rng, 0.2)
        comments = list(self._comments(rng, opened, association, author))
        reviews = list(self._answers(rng, opened)) if request else []
        if merged and closed and rng.random() < 0.7:  # somebody looked at it first
            between = (datetime.fromisoformat(closed) - opened) * rng.random()
            reviews.insert(0, Comment(_written(opened + between), pick(rng, INSIDERS), "User"))
        return Conversation(
            created_at=_written(opened),
            closed_at=closed,
            merged_at=closed if merged else None,
            author_association=association,
            author=author,
            comments=self._reported(comments),
            reviews=self._reported(reviews),
        )

    def _reported(self, comments: list[Comment]) -> tuple[Comment, ...]:
        return tuple(sorted((each for each in comments if each.created_at <= self.end), key=_age))

    def _comments(self, rng: Random, opened: datetime, association: str, author: str | None) -> Iterator[Comment]:
        if rng.random() < 0.15:
            yield Comment(_written(opened + timedelta(seconds=40)), "NONE", "Bot")
        if rng.random() < 0.1:
            yield Comment(_written(opened + timedelta(seconds=600)), association, author)
        yield from self._answers(rng, opened)

    def _answers(self, rng: Random, opened: datetime) -> Iterator[Comment]:
        insider = rng.random() < self.answering
        if insider or rng.random() < 0.2:
            moment = opened + timedelta(seconds=60 + int(rng.expovariate(1 / self.patience)))
            yield Comment(_written(moment), pick(rng, INSIDERS if insider else OUTSIDERS), "User")
            for _ in range(int(rng.random() * 4)):
                moment += timedelta(seconds=1 + int(rng.random() * 3 * DAY))
                yield Comment(_written(moment), *self._person(rng, 0.5))

    def _person(self, rng: Random, insider: float) -> tuple[str, str | None]:
        dice = rng.random()
        if dice < 0.06:
            return "CONTRIBUTOR", "Bot"
        if dice < 0.09:
            return "NONE", None
        return pick(rng, INSIDERS if rng.random() < insider else OUTSIDERS), "User"


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def conversations(life: Lifecycle, care: Care, key: str, on: date, last: int) -> Conversations:
    """The newest `last` of each kind, as they are at the end of a day."""
    archived = archived_on(life, on.toordinal())
    day = archived or on.toordinal()
    rng = Random(f"{key}:talk")
    end = stamp(day, life.clock if archived else "23:59:59")
    talk = _Talk(key, rng.random(), DAY * 20 * rng.random() ** 2 + 3_600, end)
    numbers = tracker(life, care.requests)
    newest = range(numbers.opened(day) - 1, -1, -1)

    def resolved(number: int) -> str | None:
        on = numbers.resolved_on(number)
        closed = on if on and on <= day else archived
        return stamp(closed, life.clock) if closed else None

    def about(number: int, request: bool) -> Conversation:
        return talk.about(f"{number}", _opened(life, numbers, number), resolved(number), False, request)

    issues = [about(number, False) for number in _some(newest, numbers, False, last)]
    requests = [about(number, True) for number in _some(newest, numbers, True, last)][::-1]
    merged = pushes(life, day) // care.merged_every
    for number in range(max(0, merged - last), merged):
        closed = stamp(life.born + (number + 1) * care.merged_every * life.rhythm, life.clock)
        opened = datetime.fromisoformat(f"{closed[:10]}T00:00:00Z")
        opened += (datetime.fromisoformat(closed) - opened) * Random(f"{key}:{number}:merged").random()
        requests.append(talk.about(f"merged:{number}", opened, closed, True, True))
    return Conversations(tuple(issues[::-1]), tuple(sorted(requests, key=_age)[-last:]))


def _age(each: Comment | Conversation) -> str:
    return each.created_at


def _opened(life: Lifecycle, numbers: Tracker, number: int) -> datetime:
    return datetime.fromisoformat(stamp(numbers.opened_on(number), life.clock))


def _some(newest: range, numbers: Tracker, request: bool, last: int) -> Iterator[int]:
    return islice((number for number in newest if numbers.is_request(number) == request), last)


def contributors(commits: int, key: str) -> tuple[Contributor, ...]:
    """Who made that many commits, those with the most first."""
    rng = Random(f"{key}:people")
    people = min(commits, 1 + int(rng.paretovariate(0.7)), 400)
    weights = [1 / (rank + 1) ** (0.5 + rng.random()) for rank in range(people)]
    bounds = [round(commits * part / sum(weights)) for part in accumulate(weights)]
    made = [high - low for low, high in zip([0, *bounds], bounds, strict=False)]
    known = [
        Contributor(*_name(rng, key, rank), contributions) for rank, contributions in enumerate(made) if contributions
    ]
    return tuple(sorted(known, key=lambda each: -each.contributions))


def _name(rng: Random, key: str, rank: int) -> tuple[str | None, str]:
    dice = rng.random()
    if dice < 0.2:
        return None, "Anonymous"
    if dice < 0.26:
        return f"helper-{rank}[bot]", "Bot"
    return f"somebody-{key.rpartition(':')[2]}-{rank}", "User"
