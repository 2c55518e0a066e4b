"""How many repositories of an account pass each check; from state to state only what changed is judged."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from scraper.history.content import Content
from scraper.history.rows import Row
from scraper.model.checks import CHECKS, Results, is_about, results
from scraper.model.collections import Counters
from scraper.model.fields import Record


class Judged(NamedTuple):
    """What the checks say of a repository, and the very records of which they say it."""

    facts: Record
    counters: Counters
    results: Results


def judge(content: Content, last: Mapping[int, Judged]) -> dict[int, Judged]:
    """What the checks say of each repository; those whose records are as before are not judged again."""
    judged = {}
    for id_, facts in content.facts.items():
        counters, old = content.counters_of(id_), last.get(id_)
        if old is None or old.facts != facts or old.counters != counters:
            old = Judged(facts, counters, results(facts, counters))
        judged[id_] = old
    return judged


def count(judged: Iterable[Judged]) -> dict[str, Row]:
    """By the name of each check, how many repositories that it is about pass it, fail it, and were not asked."""
    judged = list(judged)
    counts = {}
    for place, check in enumerate(CHECKS):
        said = [each.results[place] for each in judged if is_about(check, each.facts)]
        counts[check.name] = (said.count(True), said.count(False), said.count(None))
    return counts
