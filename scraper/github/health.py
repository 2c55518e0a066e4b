"""Ask GitHub for a family of fields, in batches that fit its ten seconds, within a budget.

A batch that fails is halved, down to one repository; one that succeeds lets the next be larger. What was not answered
whole is unknown: neither "no" nor 0.
"""

import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from scraper.config import Budget
from scraper.errors import BadToken, RateLimited, RequestError
from scraper.github.client import GitHubApi
from scraper.github.families import Family, Incomplete
from scraper.github.whereabouts import node_id
from scraper.model.fields import Record

GROWTH = 1.25
PATIENCE = 5
"""After so many queries in a row about a single repository that got no answer, nobody is asked any more."""
NOT_FOUND = "NOT_FOUND"


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
        groups = deque([list(ids)] if ids else [])
        while groups and not self.over:
            size = self._sizes.setdefault(family.source, family.batch)
            group = groups.popleft()
            batch, rest = group[: int(size)], group[int(size) :]
            if rest:
                groups.appendleft(rest)
            data, errors = self._query(family, batch, variables)
            found = _read(family, batch, data, errors)
            values |= found
            gone = _gone(batch, data, errors)
            again = [id_ for id_ in batch if id_ not in found and id_ not in gone]
            if not again:
                self._sizes[family.source], self._silent = min(family.batch, max(size + 1, size * GROWTH)), 0
            elif len(batch) == 1:
                self._silent = 0 if data else self._silent + 1
            else:
                half = (len(again) + 1) // 2
                groups.extendleft(part for part in (again[half:], again[:half]) if part)
                if not found:
                    self._sizes[family.source] = half
        return values, [id_ for group in groups for id_ in group]

    def _query(
        self, family: Family, batch: Sequence[int], variables: dict[str, object]
    ) -> tuple[dict[str, Any], list[Any]]:
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
        return data, errors


def _read(family: Family, batch: Sequence[int], data: dict[str, Any], errors: Iterable[object]) -> dict[int, Record]:
    """What was answered whole: not what GitHub names among its errors, where it cut a part to null."""
    nodes = data.get("nodes")
    cut = {_place(error) for error in errors}
    if not isinstance(nodes, list) or len(nodes) != len(batch) or None in cut:
        return {}
    values: dict[int, Record] = {}
    for place, (id_, node) in enumerate(zip(batch, nodes, strict=True)):
        if place not in cut and isinstance(node, dict) and node.get("databaseId") == id_:
            try:
                values[id_] = family.read(node)
            except Incomplete:
                continue
    return values


def _place(error: object) -> int | None:
    """Which of the nodes an error is about; None if it does not say, so that it can be about any."""
    match error:
        case {"path": ["nodes", int(place), *_]}:
            return place
        case {"path": ["rateLimit", *_]}:
            return -1
    return None


def _gone(batch: Sequence[int], data: dict[str, Any], errors: Iterable[object]) -> set[int]:
    """What GitHub no longer has, or has under another id: asking again would give the same."""
    nodes = data.get("nodes")
    if not isinstance(nodes, list) or len(nodes) != len(batch):
        return set()
    lost = {_place(error) for error in errors if isinstance(error, dict) and error.get("type") == NOT_FOUND}
    return {
        id_
        for place, (id_, node) in enumerate(zip(batch, nodes, strict=True))
        if place in lost or (isinstance(node, dict) and node.get("databaseId", id_) != id_)
    }
