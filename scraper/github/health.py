"""Ask GitHub for a family of fields, in batches that fit its ten seconds, within a budget.

A batch that fails is halved, down to one repository; one that succeeds lets the next be larger. What was not answered
whole is unknown: neither "no" nor 0.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scraper.config import Budget
from scraper.errors import BadToken, RateLimited, RequestError
from scraper.github.client import GitHubApi
from scraper.github.details import ContributorFamily
from scraper.github.families import Family, Incomplete
from scraper.github.whereabouts import node_id
from scraper.model.fields import Record

GROWTH = 1.25
PATIENCE = 5
"""After so many queries in a row about a single repository that got no answer, nobody is asked any more."""


@dataclass
class Questions:
    """Asks within a budget, and remembers how many repositories of a family fit into a query."""

    api: GitHubApi
    budget: Budget
    points: int = 0
    queries: int = 0
    begun: float = field(default_factory=time.monotonic)
    _sizes: dict[str, float] = field(default_factory=dict)
    _silent: int = 0
    _refused: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more may be asked for in this run."""
        spent = self.points >= self.budget.points or time.monotonic() >= self._until
        return spent or self._refused or self._silent >= PATIENCE

    @property
    def _until(self) -> float:
        return self.begun + self.budget.seconds

    def ask(
        self, family: Family, ids: Sequence[int], variables: dict[str, object]
    ) -> tuple[dict[int, Record], list[int]]:
        """The fields of those repositories that GitHub answered about whole, by id; and whom the budget left."""
        values: dict[int, Record] = {}
        waiting, retries = list(ids), list[list[int]]()
        doubted, shrinking = set[int](), False
        while (waiting or retries) and not self.over:
            size = self._sizes.setdefault(family.source, family.batch)
            if again := bool(retries):
                batch = retries.pop()
            else:
                batch, waiting = waiting[: int(size)], waiting[int(size) :]
            answer = self._query(family, batch, variables)
            if self._refused:
                retries.append(batch)
                break
            values |= answer.values
            lost = [id_ for id_ in batch if id_ not in answer.values and id_ not in answer.final]
            if answer.usable:
                lost = [id_ for id_ in lost if id_ in answer.cut or id_ not in doubted]
                doubted.update(set(lost) - answer.cut)
            if answer.usable or len(batch) == 1:
                self._silent = 0 if answer.usable else self._silent + 1
            if lost and len(batch) > 1:
                half = (len(lost) + 1) // 2
                retries += [part for part in (lost[half:], lost[:half]) if part]
            if not again and answer.values:
                self._sizes[family.source] = min(family.batch, max(size + 1, size * GROWTH))
            elif not answer.values:
                shrinking = True
            elif shrinking:  # the first that fits: smaller ones after it are about those that get no answer at all
                self._sizes[family.source], shrinking = len(batch), False
        return values, [*(id_ for batch in retries for id_ in batch), *waiting]

    def ask_one_by_one(
        self, family: ContributorFamily, commits: Mapping[int, object]
    ) -> tuple[dict[int, Record], list[int]]:
        """The same, with a request for each repository; its number of commits, if known, stands beside its id."""
        values: dict[int, Record] = {}
        waiting = list(commits)
        while waiting and not self.over:
            id_ = waiting.pop(0)
            try:
                values[id_] = family.read(self.api, id_, commits[id_], self._until)
            except (RateLimited, BadToken):
                self._refused = True
                waiting.insert(0, id_)
            except RequestError:
                self._silent += 1
            else:
                self._silent = 0
            self.points += 1
            self.queries += 1
        return values, waiting

    def _query(self, family: Family, batch: Sequence[int], variables: dict[str, object]) -> "Answers":
        """One answer, and what it cost; one whose price GitHub does not say costs a point."""
        data: dict[str, Any] = {}
        errors: list[Any] = []
        try:
            asked = {"ids": [node_id(id_) for id_ in batch], **variables}
            data, errors = self.api.graphql_once(family.query, asked, self._until)
        except (RateLimited, BadToken):  # what the token was good for until now is not to be lost
            self._refused = True
        except RequestError:
            pass
        limit = data.get("rateLimit")
        cost = limit.get("cost") if isinstance(limit, dict) else None
        self.points += cost if type(cost) is int and cost > 0 else 1
        self.queries += 1
        return _read(family, batch, data.get("nodes"), errors)


@dataclass(frozen=True)
class Answers:
    """What one query brought: values by id, the ids of which GitHub `cut` a part, and of which its no is `final`.

    One that is not `usable` says nothing of anybody.
    """

    usable: bool
    values: dict[int, Record] = field(default_factory=dict)
    cut: frozenset[int] = frozenset()
    final: frozenset[int] = frozenset()


def _read(family: Family, batch: Sequence[int], nodes: object, errors: Sequence[object]) -> Answers:
    """Only what was answered whole is believed: not what GitHub names among its errors, where a part may be null.

    A smaller question may not meet GitHub's limits; any other error about a repository as a whole would come again.
    """
    places = [_place(error) for error in errors]
    if not isinstance(nodes, list) or len(nodes) != len(batch) or None in places:
        return Answers(usable=False)
    wrong, values = set(places), dict[int, Record]()
    for place, node in enumerate(nodes):
        if place not in wrong and isinstance(node, dict) and node.get("databaseId") in batch:
            with contextlib.suppress(Incomplete):
                values[node["databaseId"]] = family.read(node)
    cut, final = set[int](), set[int]()
    for error in errors:
        match error:
            case {"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["nodes", int(place), *_]} if place < len(batch):
                cut.add(batch[place])
            case {"path": ["nodes", int(place)]} if place < len(batch):
                final.add(batch[place])
    return Answers(True, values, frozenset(cut), frozenset(final))


def _place(error: object) -> int | None:
    """Which of the nodes an error is about; None if it does not say, so that it can be about any."""
    match error:
        case {"path": ["nodes", int(place), *_]}:
            return place
        case {"path": ["rateLimit", *_]}:
            return -1
    return None
