"""The second look: ask GitHub about the health of repositories after it has listed them, within a budget.

It never changes what came from the listing. If a family is not answered completely, the earlier answer stays, with
its old date; a single fact that GitHub leaves out of a complete answer keeps its last known value too.
"""

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from scraper.config import Budget
from scraper.errors import OssHealthError
from scraper.github.client import GitHubApi
from scraper.github.details import RESPONSE_FAMILY, ContributorFamily
from scraper.github.families import FAMILIES, Family
from scraper.github.health import Questions
from scraper.github.rate_limits import Cancelled
from scraper.model.accounts import Account, Dataset
from scraper.model.fields import Record
from scraper.model.health import CONTRIBUTORS, COUNTS, FILES, HEALTH, RESPONSES, observed_at
from scraper.model.health_answers import TABLES, Known, complete, date_of, known_of, with_known
from scraper.model.kinds import UNKNOWN, written
from scraper.model.records import keeping
from scraper.observation import Outcome
from scraper.text import count

logger = logging.getLogger(__name__)

REFRESH = timedelta(days=28)
"""Repositories that do not seem to have changed are checked again after this time: no answer should be older than a
month."""
PATIENCE = timedelta(days=7)
"""If the list and the second look disagree, they may do so for ever: ignore that for so long."""
YEAR = timedelta(days=365)
SECONDS_BETWEEN_LINES = 60
ROUND = 50
DETAILS = (RESPONSES, CONTRIBUTORS)
NEWS = {field.name for field in HEALTH if field.news}


@dataclass(frozen=True)
class Examination:
    """How many repositories were due, got complete answers, or wait for the next run; what it took, why it ended."""

    due: int
    answered: int
    waiting: int
    queries: int
    points: int
    seconds: float
    ended: str = ""

    @property
    def sentence(self) -> str:
        """For a person."""
        asked = self.due - self.waiting
        failed, wait = asked - self.answered, "waits" if self.waiting == 1 else "wait"
        parts = [f"{asked:,} of {count(self.due, 'repository')} checked for files, counts and commits"]
        parts += [f"{failed:,} got no complete answer"] * bool(failed)
        parts += [f"{self.waiting:,} {wait} for the next run, at least in part, because {self.ended}"] * bool(
            self.waiting
        )
        took = f"{count(self.queries, 'query')}, {count(self.points, 'point')}, {self.seconds:.0f} s"
        return f"{'; '.join(parts)} ({took})."


@dataclass
class _Listed:
    """A repository: its records in this listing and the last one, and what earlier second looks found."""

    facts: Record
    metrics: Record
    last_facts: Record
    last_metrics: Record
    known: Known

    def has_moved(self, family: str, now: datetime) -> bool:
        """Whether the listing shows that something has happened since a family was last asked for.

        If it disagrees with what was found then, something has, unless the two never agree. Such a change is missed
        if the budget ends before the family is asked for, and noticed again after PATIENCE.
        """
        if family in DETAILS:  # expensive, and slow to change
            return False
        date = date_of(self.known, family)
        if date < str(self.metrics["pushed_at"] or "") <= written(now):
            return True
        waited = date < written(now - PATIENCE)
        if family == FILES:
            health, archived, license_ = self.known.get("health", {}), self.facts["archived"], self.facts["license"]
            if archived is not UNKNOWN and archived != (health.get("archived_at") is not None):
                return True  # from then on, these two agree
            if license_ != self.last_facts.get("license"):
                return True
            match (license_, health.get("license_file")):
                case None | str(), bool(has_file):
                    return waited and has_file != (license_ is not None)
        if family == COUNTS:
            activity, total = self.known.get("activity", {}), self.metrics["open_issues_count"]
            if total != self.last_metrics.get("open_issues_count"):
                return True
            match (total, activity["issues_open"], activity["pull_requests_open"]):
                case int(), int(issues), int(pull_requests):
                    return waited and total != issues + pull_requests
        return False

    def record(self, family: str, values: Record, date: str) -> list[str]:
        """Record an answer; return the facts that it leaves out, which stay as they were."""
        if "archived_at" in values and self.facts["archived"] is not UNKNOWN:  # the listing says whether it is
            date_or_unknown = values["archived_at"] or UNKNOWN  # GitHub has no date for older ones
            values = values | {"archived_at": date_or_unknown if self.facts["archived"] else None}
        last = self.known.get("health", {})
        values, kept = keeping(values, {name: last[name] for name in NEWS & last.keys()})
        for name, fields in TABLES.items():
            found = {field.name: values[field.name] for field in fields if field.name in values}
            if name == "activity":
                found[observed_at(family)] = date
            if found:
                self.known[name] = complete(fields, self.known.get(name, {}) | found)
        return kept


def examine(
    api: GitHubApi, outcomes: Mapping[str, Outcome], before: Dataset, budget: Budget, now: datetime
) -> tuple[dict[str, Outcome], Examination | None]:
    """The outcomes with the health of their repositories, and what was asked for that."""
    known = known_of(before)
    examination = None
    if budget.points and not api.has_token:
        logger.info(
            "No token: repositories are not checked for files, counts and commits; existing results are kept."
        )
    elif budget.points and budget.seconds:
        observed = [outcome.account for outcome in outcomes.values() if outcome.observed]
        listed = _listed(observed, before, known)
        examination = _ask_all(api, listed, budget, now)
        known |= {id_: each.known for id_, each in listed.items()}
    return {
        login: replace(outcome, account=with_known(outcome.account, known)) if outcome.observed else outcome
        for login, outcome in outcomes.items()
    }, examination


def _listed(accounts: Sequence[Account], before: Dataset, known: Mapping[int, Known]) -> dict[int, _Listed]:
    """The repositories to check. Forks are left out, because what they have is mostly somebody else's work."""
    last_facts, last_metrics = (
        {id_: record for account in before.values() for id_, record in account.by_id(name).items()}
        for name in ("repositories", "metrics")
    )
    listed: dict[int, _Listed] = {}
    for account in accounts:
        metrics = account.by_id("metrics")
        for id_, facts in account.by_id("repositories").items():
            if facts["fork"] is False:
                last = last_facts.get(id_, facts), last_metrics.get(id_, metrics[id_])
                listed[id_] = _Listed(facts, metrics[id_], *last, dict(known.get(id_, {})))
    return listed


def _ask_all(api: GitHubApi, listed: Mapping[int, _Listed], budget: Budget, now: datetime) -> Examination:
    # Expensive families come last. The others take turns, so that none is left behind when the budget ends.
    stages = (FAMILIES, (RESPONSE_FAMILY,), (ContributorFamily(),)) if budget.details else (FAMILIES,)
    wanted = {family.source: _due(listed, family.source, now) for stage in stages for family in stage}
    due = {id_ for ids in wanted.values() for id_ in ids}
    if due:
        logger.info(f"Checking the files, counts and commits of {count(len(due), 'repository')}.")
    questions, answered = Questions(api, budget), {family: set[int]() for family in wanted}
    waiting, kept = dict(wanted), Counter[str]()
    next_line = time.monotonic() + SECONDS_BETWEEN_LINES
    for stage in stages:
        while any(waiting[family.source] for family in stage) and not questions.over:
            for family in stage:
                ids = waiting[family.source]
                found, unasked = _ask(questions, family, listed, ids[:ROUND], now)
                waiting[family.source] = unasked + ids[ROUND:]
                for id_, values in found.items():
                    kept.update(listed[id_].record(family.source, values, written(now)))
                answered[family.source] |= found.keys()
            if time.monotonic() > next_line:
                next_line += SECONDS_BETWEEN_LINES
                done = len(set.union(*answered.values()))
                logger.info(f"{done:,} of {count(len(due), 'repository')} answered so far.")
    for name, number in sorted(kept.items()):
        logger.warning(f"GitHub gave no {name} for {count(number, 'repository')}: the last known value is kept.")
    left = {id_ for ids in waiting.values() for id_ in ids}
    failed = {id_ for family, ids in wanted.items() for id_ in ids if id_ not in answered[family]} - left
    if left and questions.trouble:
        logger.warning(f"The health of some repositories was not checked: {questions.trouble}.")
    return Examination(
        len(due),
        len(due) - len(left) - len(failed),
        len(left),
        questions.queries,
        questions.points,
        time.monotonic() - questions.begun,
        questions.trouble or "the budget is spent",
    )


def _ask(
    questions: Questions,
    family: Family | ContributorFamily,
    listed: Mapping[int, _Listed],
    ids: list[int],
    now: datetime,
) -> tuple[dict[int, Record], list[int]]:
    try:
        if isinstance(family, Family):
            return questions.ask(family, ids, {"since": written(now - YEAR)} if family.variables else {})
        commits = {id_: listed[id_].known.get("activity", {}).get("commits_count") for id_ in ids}
        return questions.ask_one_by_one(family, commits)
    except (OssHealthError, Cancelled):  # Ctrl-C ends the run
        raise
    except Exception as error:  # whatever is wrong with an answer, the listing must not suffer
        logger.warning(f"Unexpected answer to the query for {family.source}, skipped ({type(error).__name__}).")
        return {}, []


def _due(listed: Mapping[int, _Listed], family: str, now: datetime) -> list[int]:
    """The ids to ask about: those that changed, those never asked about and the oldest take turns.

    This way none keeps the others waiting if GitHub never answers about some or more change than a budget allows.
    """
    limit = written(now - REFRESH)
    dates = {id_: date_of(each.known, family) for id_, each in listed.items()}
    never = sorted(id_ for id_, date in dates.items() if not date)
    Random(now.toordinal()).shuffle(never)  # on another day, another one comes first
    known = sorted((date, id_) for id_, date in dates.items() if date)
    moved = {id_: date for date, id_ in known if listed[id_].has_moved(family, now)}
    old = [id_ for date, id_ in known if date <= limit and id_ not in moved]
    turns = [*moved], never, old
    rounds = range(0, max(map(len, turns)), ROUND)
    return [id_ for start in rounds for ids in turns for id_ in ids[start : start + ROUND]]
