"""Sums over the repositories of an account, checks included; from state to state, only changes are counted."""

from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from operator import sub
from typing import Final, NamedTuple

from scraper.history.content import NOTHING as NO_CONTENT
from scraper.history.content import Content
from scraper.history.files import changed
from scraper.history.rows import Row
from scraper.model.checks import CHECKS, NAMES, PLACES, Asked, is_about
from scraper.model.collections import Counters
from scraper.model.fields import Record

NOT_ABOUT: Final = "not about it"
Answers = tuple[object, ...]
"""The answer of each of CHECKS; NOT_ABOUT if a check does not apply to the repository."""

REPOSITORY_COUNTS = 5
NOTHING: Row = (0,) * (REPOSITORY_COUNTS + 3 * len(CHECKS))
STARS = PLACES["stargazers_count"]


class Contribution(NamedTuple):
    """What a repository adds to the counts of its account, and the records from which that follows."""

    facts: Record
    counters: Counters
    answers: Answers
    counts: Row


class Tally(NamedTuple):
    """An account's repositories that count, by id, and the sum of what they add."""

    content: Content = NO_CONTENT
    counted: Mapping[int, Contribution] = {}
    sums: Row = NOTHING

    @property
    def counts(self) -> Row:
        """Repositories; and of those without forks: all, archived, without a licence, and stars."""
        return self.sums[:REPOSITORY_COUNTS]

    @property
    def checks(self) -> dict[str, Row]:
        """By check, how many of the repositories that it applies to pass, fail, or are unknown."""
        first = range(REPOSITORY_COUNTS, len(self.sums), 3)
        return {name: self.sums[place : place + 3] for name, place in zip(NAMES, first, strict=True)}


UNCOUNTED = Tally()


def tally(content: Content, elsewhere: Set[int], last: Tally) -> Tally:
    """The counts of an account, without those `elsewhere`: repositories that it lists but another account has."""
    here, before = content.facts.keys() - elsewhere, last.content
    ids = {*changed(content.facts, before.facts), *changed(content.counters, before.counters)}
    ids.update(before.counters.keys() - content.counters.keys(), here - last.counted.keys())
    new = {id_: _counted(content, id_, last.counted.get(id_)) for id_ in ids & here}
    gone = last.counted.keys() - here
    counted = {**last.counted, **new}
    for id_ in gone:
        del counted[id_]
    left = [last.counted[id_].counts for id_ in (new.keys() | gone) & last.counted.keys()]
    come = [each.counts for each in new.values()]
    return Tally(content, counted, tuple(map(sub, _sums(last.sums, *come), _sums(NOTHING, *left))))


def _sums(*rows: Row) -> Iterator[int]:
    return map(sum, zip(*rows, strict=True))


def _counted(content: Content, id_: int, last: Contribution | None) -> Contribution:
    facts, counters = content.facts[id_], content.counters_of(id_)
    if last is None or (last.facts is not facts and last.facts != facts):
        return _count(facts, counters)
    return last if last.counters == counters else _count(facts, counters, last.answers)


def _count(facts: Record, counters: Counters, before: Answers = ()) -> Contribution:
    """What a repository adds; `before` has the answers about the same facts with other counters."""
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
