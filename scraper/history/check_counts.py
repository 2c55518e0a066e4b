"""How many repositories of an account pass each check; from state to state only what changed is judged."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from scraper.history.content import Content
from scraper.history.rows import Row
from scraper.model.checks import CHECKS, NAMES, is_about, results
from scraper.model.collections import Counters
from scraper.model.fields import Record


class Judged(NamedTuple):
    """The answers of the checks about a repository, and the very records from which they follow.

    Where a check is not about the repository, its answer is NOT_ABOUT.
    """

    facts: Record
    counters: Counters
    answers: tuple[object, ...]


NOT_ABOUT: Final = "not about it"


def judge(content: Content, last: Mapping[int, Judged]) -> dict[int, Judged]:
    """What the checks say of each repository; those whose records are as before are not judged again."""
    judged = {}
    for id_, facts in content.facts.items():
        counters, old = content.counters_of(id_), last.get(id_)
        if old is None or not (_is_same(old.facts, facts) and _is_same(old.counters, counters)):
            old = Judged(facts, counters, _answers(facts, counters))
        judged[id_] = old
    return judged


def _is_same(old: object, new: object) -> bool:
    """Most are the very same, and to compare an object with itself would compare all that is in it."""
    return old is new or old == new


def _answers(facts: Record, counters: Counters) -> tuple[object, ...]:
    if facts["fork"] is not False:
        return (NOT_ABOUT,) * len(CHECKS)
    said = zip(CHECKS, results(facts, counters), strict=True)
    return tuple(answer if is_about(check, facts) else NOT_ABOUT for check, answer in said)


def count(judged: Iterable[Judged]) -> dict[str, Row]:
    """By the name of each check, how many repositories that it is about pass it, fail it, and were not asked."""
    by_check = zip(*(each.answers for each in judged), strict=True)
    counted = {
        check.name: (said.count(True), said.count(False), said.count(None))
        for check, said in zip(CHECKS, by_check, strict=False)
    }
    return counted or dict.fromkeys(NAMES, (0, 0, 0))
