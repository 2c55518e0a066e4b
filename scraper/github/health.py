"""Ask GitHub for a family of fields, in batches that fit into its ten seconds, within a budget.

If a batch fails, it is halved, down to one repository; if it succeeds, the next may be larger. Whatever was not
answered completely is unknown: neither "no" nor 0.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scraper.config import Budget
from scraper.errors import AccessDenied, BadToken, NotFound, RateLimited, RequestError
from scraper.github.client import GitHubApi
from scraper.github.details import ContributorFamily
from scraper.github.families import Family, Incomplete
from scraper.github.whereabouts import node_id
from scraper.model.fields import Record
from scraper.model.health import FAMILY_NAMES
from scraper.model.kinds import UNKNOWN

GROWTH = 1.25
PATIENCE, LESS_PATIENCE = 24, 5
"""After so many queries in a row without an answer, the rest of a batch is left: the first time, and later."""
TOO_LARGE = "too large to list contributors"
"""GitHub's answer, with 403, about a repository whose contributors it never lists; so asking again is useless."""
FRUITLESS = 3
"""After so many batches that ended like this, nothing more is asked."""


@dataclass
class Questions:
    """Asks within a budget, and remembers how many repositories fit into a query of each family.

    `trouble` says why nothing more is asked, if that is not because of the budget.
    """

    api: GitHubApi
    budget: Budget
    points: int = 0
    queries: int = 0
    begun: float = field(default_factory=time.monotonic)
    trouble: str = ""
    _sizes: dict[str, float] = field(default_factory=dict)
    _fruitless: int = 0
    _last_failure: str = "no valid answer"

    @property
    def over(self) -> bool:
        """Whether this run may not ask for anything more."""
        return bool(self.trouble) or self.points >= self.budget.points or time.monotonic() >= self._until

    @property
    def _until(self) -> float:
        return self.begun + self.budget.seconds

    def _give_up(self) -> None:
        self._fruitless += 1
        self._sizes = dict.fromkeys(FAMILY_NAMES, 1)  # in an outage, large batches only take longer to fail
        if self._fruitless >= FRUITLESS:
            self.trouble = f"GitHub does not answer queries ({self._last_failure})"

    def ask(
        self, family: Family, ids: Sequence[int], variables: dict[str, object]
    ) -> tuple[dict[int, Record], list[int]]:
        """The fields of the repositories with complete answers, by id, and the ids beyond the budget."""
        values: dict[int, Record] = {}
        waiting, retries = list(ids), list[list[int]]()
        doubted, shrinking, silent = set[int](), False, 0
        while (waiting or retries) and not self.over:
            size = self._sizes.setdefault(family.source, family.batch)
            if again := bool(retries):
                batch = retries.pop()
            else:
                batch, waiting = waiting[: int(size)], waiting[int(size) :]
            answer = self._query(family, batch, variables)
            if self.trouble:
                retries.append(batch)
                break
            values |= answer.values
            lost = [id_ for id_ in batch if id_ not in answer.values and id_ not in answer.final]
            if answer.usable:
                lost = [id_ for id_ in lost if id_ in answer.cut or id_ not in doubted]
                doubted.update(set(lost) - answer.cut)
            if answer.usable:
                silent = self._fruitless = 0
            elif (silent := silent + 1) >= (LESS_PATIENCE if self._fruitless else PATIENCE):
                silent, retries = 0, []
                self._give_up()
                continue
            if lost and len(batch) > 1:
                half = (len(lost) + 1) // 2
                retries += [part for part in (lost[half:], lost[:half]) if part]
            if not again and answer.values:
                self._sizes[family.source] = min(family.batch, max(size + 1, size * GROWTH))
            elif not answer.values:
                shrinking = True
            elif shrinking:  # the first that fits; later ones shrink because of repositories without any answer
                self._sizes[family.source], shrinking = len(batch), False
        return values, [*(id_ for batch in retries for id_ in batch), *waiting]

    def ask_one_by_one(
        self, family: ContributorFamily, commits: Mapping[int, object]
    ) -> tuple[dict[int, Record], list[int]]:
        """The same, with a request for each repository; each id comes with its number of commits, if known."""
        values: dict[int, Record] = {}
        waiting = list(commits)
        while waiting and not self.over:
            id_ = waiting.pop(0)
            self.points += 1
            self.queries += 1
            try:
                values[id_] = family.read(self.api, id_, commits[id_], self._until)
            except (RateLimited, BadToken) as error:
                self.trouble = _reason(error)
                waiting.insert(0, id_)
            except (AccessDenied, NotFound) as error:  # only this one
                if TOO_LARGE in error.said:
                    values[id_] = dict.fromkeys(family.fields, UNKNOWN)
            except RequestError as error:
                self._last_failure = _reason(error)
                self._give_up()
            else:
                self._fruitless = 0
        return values, waiting

    def _query(self, family: Family, batch: Sequence[int], variables: dict[str, object]) -> "Answers":
        """Send one query and subtract its cost; if GitHub does not say the cost, that is one point."""
        data: dict[str, Any] = {}
        errors: list[Any] = []
        try:
            asked = {"ids": [node_id(id_) for id_ in batch], **variables}
            data, errors = self.api.graphql_once(family.query, asked, self._until)
        except (RateLimited, BadToken) as error:  # keep what has been answered so far
            self.trouble = _reason(error)
        except RequestError as error:
            self._last_failure = _reason(error)
        limit = data.get("rateLimit")
        cost = limit.get("cost") if isinstance(limit, dict) else None
        self.points += cost if type(cost) is int and cost > 0 else 1
        self.queries += 1
        return _read(family, batch, data.get("nodes"), errors)


def _reason(error: Exception) -> str:
    """A failure, for use in a sentence."""
    return str(error).rstrip(".")


@dataclass(frozen=True)
class Answers:
    """What one query brought: values by id, the ids whose answer GitHub `cut`, and those whose refusal is `final`.

    If it is not `usable`, it says nothing about any repository.
    """

    usable: bool
    values: dict[int, Record] = field(default_factory=dict)
    cut: frozenset[int] = frozenset()
    final: frozenset[int] = frozenset()


def _read(family: Family, batch: Sequence[int], nodes: object, errors: Sequence[object]) -> Answers:
    """Accept only complete answers: where GitHub names a repository among its errors, a part may be null.

    A smaller query may stay within GitHub's limits; any other error about a whole repository would come again.
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
    """The index of the node that an error is about; None if it does not say, because it can then be about any."""
    match error:
        case {"path": ["nodes", int(place), *_]}:
            return place
        case {"path": ["rateLimit", *_]}:
            return -1
    return None
