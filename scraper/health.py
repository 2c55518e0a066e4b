"""The second look: what GitHub is asked of repositories once it has listed them, within a budget.

It never touches what the listing brought. Whatever is not answered keeps what was known, under its old date.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scraper.config import Budget
from scraper.github.client import GitHubApi
from scraper.github.details import RESPONSE_FAMILY, ContributorFamily
from scraper.github.families import FAMILIES, Family
from scraper.github.health import Questions
from scraper.model.accounts import Account, Dataset
from scraper.model.fields import Field, Record
from scraper.model.health import ACTIVITY, CONTRIBUTORS, COUNTS, FILES, HEALTH, RESPONSES, observed_at
from scraper.model.kinds import UNKNOWN
from scraper.observation import Outcome
from scraper.text import count
from scraper.tracing import written

logger = logging.getLogger(__name__)

REFRESH = timedelta(days=28)
"""After so long what does not seem to have moved is asked for again: nothing is to be older than a month."""
YEAR = timedelta(days=365)
SECONDS_BETWEEN_LINES = 60
ROUND = 50
STRIDE = 997
"""A prime number, so that on each day another one of those never asked for comes first."""
DETAILS = (RESPONSES, CONTRIBUTORS)
TABLES = {"health": HEALTH, "activity": ACTIVITY}
"""The collections that are filled here."""


@dataclass(frozen=True)
class Examination:
    """How many repositories were due, were answered whole, and wait for the next run; and what it took."""

    due: int
    answered: int
    waiting: int
    queries: int
    points: int
    seconds: float

    @property
    def sentence(self) -> str:
        """For a person."""
        failed = self.due - self.answered - self.waiting
        parts = [f"{self.answered:,} of {count(self.due, 'repository')} asked for files, counts and commits"]
        parts += [f"{failed:,} got no whole answer"] * bool(failed)
        parts += [f"{self.waiting:,} wait for the next run"] * bool(self.waiting)
        took = f"{count(self.queries, 'query')}, {count(self.points, 'point')}, {self.seconds:.0f} s"
        return f"{'; '.join(parts)} ({took})."


@dataclass
class _Patient:
    """A repository that was listed, with what is known of it: a record of each of TABLES."""

    facts: Record
    metrics: Record
    known: dict[str, Record]

    def date(self, family: str) -> str:
        """When a family was asked for last; empty if never."""
        return str(self.known["activity"].get(observed_at(family)) or "")

    def has_moved(self, family: str) -> bool:
        """Whether the listing shows that something happened since a family was asked for."""
        if family in DETAILS:  # dear, and slow to change
            return False
        if str(self.metrics["pushed_at"] or "") > self.date(family):
            return True
        activity, health = self.known["activity"], self.known["health"]
        if family == COUNTS and self.facts["has_issues"] is True:
            match (
                self.metrics["open_issues_count"],
                activity.get("issues_open"),
                activity.get("pull_requests_open"),
            ):
                case int(total), int(issues), int(pull_requests):
                    return total != issues + pull_requests
        if family == FILES and type(self.facts["archived"]) is bool:
            return self.facts["archived"] != bool(health.get("archived_at"))
        return False


def examine(
    api: GitHubApi, outcomes: Mapping[str, Outcome], before: Dataset, budget: Budget, now: datetime
) -> tuple[dict[str, Outcome], Examination | None]:
    """The outcomes with what is known of the health of their repositories, and what was asked to know it."""
    held = {
        name: {id_: record for account in before.values() for id_, record in account.by_id(name).items()}
        for name in TABLES
    }
    observed = {login: outcome.account for login, outcome in outcomes.items() if outcome.observed}
    patients = {id_: patient for account in observed.values() for id_, patient in _patients(account, held).items()}
    examination = None
    if budget.points and not api.has_token:
        logger.info(
            "Without a token, GitHub is not asked for files, counts and commits: what is known of them stays."
        )
    elif budget.points and budget.seconds:
        examination = _ask_all(api, patients, budget, now)
    return {
        login: replace(outcome, account=_with_health(outcome.account, patients)) if outcome.observed else outcome
        for login, outcome in outcomes.items()
    }, examination


def _patients(account: Account, held: Mapping[str, Mapping[int, Record]]) -> dict[int, _Patient]:
    """Forks are not asked for: what they have is mostly somebody else's."""
    metrics = account.by_id("metrics")
    return {
        id_: _Patient(facts, metrics[id_], {name: dict(held[name].get(id_, {})) for name in TABLES})
        for id_, facts in account.by_id("repositories").items()
        if facts["fork"] is False
    }


def _ask_all(api: GitHubApi, patients: Mapping[int, _Patient], budget: Budget, now: datetime) -> Examination:
    families = (*FAMILIES, RESPONSE_FAMILY, ContributorFamily()) if budget.details else FAMILIES
    wanted = {family.source: _due(patients, family.source, now) for family in families}
    waiting, due = dict(wanted), {id_ for ids in wanted.values() for id_ in ids}
    if due:
        logger.info(f"Asking for files, counts and commits of {count(len(due), 'repository')}.")
    questions, answered = Questions(api, budget), {family.source: set[int]() for family in families}
    variables: dict[str, object] = {"since": written(now - YEAR)}
    next_line = time.monotonic() + SECONDS_BETWEEN_LINES
    # The families take turns, so that a budget that ends leaves none of them behind.
    while any(waiting.values()) and not questions.over:
        for family in families:
            ids = waiting[family.source]
            if isinstance(family, Family):
                found, unasked = questions.ask(family, ids[:ROUND], variables if family.variables else {})
            else:
                commits = {id_: patients[id_].known["activity"].get("commits_count") for id_ in ids[:ROUND]}
                found, unasked = questions.ask_one_by_one(family, commits)
            waiting[family.source] = unasked + ids[ROUND:]
            for id_, values in found.items():
                _take_in(patients[id_], family.source, values, written(now))
            answered[family.source] |= found.keys()
        if time.monotonic() > next_line:
            next_line += SECONDS_BETWEEN_LINES
            done = len(set.union(*answered.values()))
            logger.info(f"{done:,} of {count(len(due), 'repository')} answered so far.")
    left = {id_ for ids in waiting.values() for id_ in ids}
    failed = {id_ for family, ids in wanted.items() for id_ in ids if id_ not in answered[family]} - left
    seconds = time.monotonic() - questions.begun
    whole = len(due) - len(left) - len(failed)
    return Examination(len(due), whole, len(left), questions.queries, questions.points, seconds)


def _due(patients: Mapping[int, _Patient], family: str, now: datetime) -> list[int]:
    """Whom to ask: first those never asked for, then what has moved since, then the oldest, if they are old."""
    never = sorted(id_ for id_, patient in patients.items() if not patient.date(family))
    # On another day another one is the first: one that GitHub never answers about is in nobody's way for long.
    first = now.toordinal() * STRIDE % len(never) if never else 0
    moved = [id_ for id_, patient in patients.items() if patient.date(family) and patient.has_moved(family)]
    limit, known = written(now - REFRESH), {*never, *moved}
    old = [id_ for id_, patient in patients.items() if id_ not in known and patient.date(family) <= limit]

    def age(id_: int) -> tuple[str, int]:
        return patients[id_].date(family), id_

    return [*never[first:], *never[:first], *sorted(moved, key=age), *sorted(old, key=age)]


def _take_in(patient: _Patient, family: str, values: Record, date: str) -> None:
    for name, fields in TABLES.items():
        found = {field.name: values[field.name] for field in fields if field.name in values}
        if name == "activity":
            found[observed_at(family)] = date
        if found:
            patient.known[name] = _record(fields, patient.known[name] | found)


def _with_health(account: Account, patients: Mapping[int, _Patient]) -> Account:
    """The account with what is known of those repositories that were ever asked for, under their names of today."""
    own = [patients[id_] for id_ in sorted(account.by_id("repositories").keys() & patients.keys())]
    filled = {
        name: [_record(fields, each.known[name] | _identity(each.facts)) for each in own if each.known[name]]
        for name, fields in TABLES.items()
    }
    rest = {name: records for name, records in account.records.items() if name not in TABLES}
    return replace(account, records=rest | {name: records for name, records in filled.items() if records})


def _identity(facts: Record) -> Record:
    return {"id": facts["id"], "name": facts["name"]}


def _record(fields: tuple[Field, ...], values: Record) -> Record:
    """The values in the order of the fields; what is not among them is unknown."""
    return {field.name: values.get(field.name, UNKNOWN) for field in fields}
