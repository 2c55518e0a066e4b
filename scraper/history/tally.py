"""What the repositories of an account come to, checks included; from state to state only what changed is counted."""

from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from operator import sub
from typing import Final, NamedTuple

from scraper.history.content import Content
from scraper.history.rows import Row
from scraper.model.checks import CHECKS, NAMES, PLACES, Asked, is_about
from scraper.model.collections import Counters
from scraper.model.fields import Record

NOT_ABOUT: Final = "not about it"
Answers = tuple[object, ...]
"""Of each of CHECKS; NOT_ABOUT where a check is not about the repository."""

REPOSITORY_COUNTS = 5
NOTHING: Row = (0,) * (REPOSITORY_COUNTS + 3 * len(CHECKS))
STARS = PLACES["stargazers_count"]


class Contribution(NamedTuple):
    """What a repository adds to the counts of its account, and the very records from which that follows."""

    facts: Record
    counters: Counters
    answers: Answers
    counts: Row


class Tally(NamedTuple):
    """The repositories of an account that count, by id, and the sum of what they add."""

    counted: Mapping[int, Contribution] = {}
    sums: Row = NOTHING

    @property
    def counts(self) -> Row:
        """Of repositories; and of those that are not forks: in all, archived, without a licence, stars."""
        return self.sums[:REPOSITORY_COUNTS]

    @property
    def checks(self) -> dict[str, Row]:
        """By check, how many repositories that it is about pass it, fail it, and were not asked."""
        first = range(REPOSITORY_COUNTS, len(self.sums), 3)
        return {name: self.sums[place : place + 3] for name, place in zip(NAMES, first, strict=True)}


UNCOUNTED = Tally()


def tally(content: Content, elsewhere: Set[int], last: Tally) -> Tally:
    """The counts of an account without what is `elsewhere`: repositories that another account has too, and holds."""
    before, counted = last.counted, {}
    for id_, facts in content.facts.items():
        if id_ not in elsewhere:
            counters, old = content.counters_of(id_), before.get(id_)
            if old is None or not _is_same(old.facts, facts):
                old = _count(facts, counters)
            elif not _is_same(old.counters, counters):
                old = _count(facts, counters, old.answers)
            counted[id_] = old
    new = [each.counts for id_, each in counted.items() if before.get(id_) is not each]
    gone = [each.counts for id_, each in before.items() if counted.get(id_) is not each]
    return Tally(counted, tuple(map(sub, _sums(last.sums, *new), _sums(NOTHING, *gone))))


def _sums(*rows: Row) -> Iterator[int]:
    return map(sum, zip(*rows, strict=True))


def _is_same(old: object, new: object) -> bool:
    """Most are the very same, and to compare an object with itself would compare all that is in it."""
    return old is new or old == new


def _count(facts: Record, counters: Counters, before: Answers = ()) -> Contribution:
    """`before` are the answers about the same facts with other counters."""
    asked, found = Asked(facts, counters), list(before) or [NOT_ABOUT] * len(CHECKS)
    for place, check in enumerate(CHECKS):
        if (check.of_counters or not before) and is_about(check, facts):
            found[place] = check.answer(asked)
    answers = tuple(found)
    own = not facts["fork"], facts["archived"] is True, facts["license"] is None, counters[STARS] or 0
    return Contribution(facts, counters, answers, (1, *(own if own[0] else (0,) * len(own)), *_by_result(answers)))


@lru_cache(maxsize=4096)
def _by_result(answers: Answers) -> Row:
    return tuple(answer is result for answer in answers for result in (True, False, None))
