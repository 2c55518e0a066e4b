"""What a run tells of itself: in the log, in annotations, in the summary, in the outputs, by its exit code."""

import json
from collections.abc import Sequence
from pathlib import Path

from scraper.inputs import Settings
from scraper.model.accounts import Dataset
from scraper.model.events import Event
from scraper.scrape import Outcome, Report
from scraper.summary import summarise
from scraper.text import count
from scraper.words import news
from scraper.workflow import Workflow

TITLE = "Open-Source Health Statistics"
MOST_ANNOTATIONS = 9
"""GitHub shows ten of a kind for a step."""


def say(workflow: Workflow, outcome: Outcome) -> None:
    record = outcome.account.record
    found = len(outcome.account.repositories)
    said = count(found, "repository") if outcome.observed else f"{record['status']}. {record['reason']}"
    workflow.say(f"{outcome.account.listed}: {said}")
    for warning in outcome.warnings:
        workflow.say(f"{outcome.account.listed}: {warning}")


def annotate(report: Report, workflow: Workflow) -> None:
    failed = [outcome.account.record for outcome in report.outcomes if not outcome.observed]
    for record in failed[:MOST_ANNOTATIONS]:
        date = str(record["observed_at"] or "")[:10]
        kept = f"Its data of {date} stand." if date else "There are no data of it yet."
        workflow.warning(f"{record['reason']} {kept}", str(record["login"]))
    if len(failed) > MOST_ANNOTATIONS:
        workflow.warning(
            f"{len(failed) - MOST_ANNOTATIONS} more organisations were not observed: see the summary.", TITLE
        )


def tell(
    settings: Settings,
    workflow: Workflow,
    report: Report,
    before: Dataset,
    after: Dataset,
    events: Sequence[Event],
    commit: str | None,
    endings: Sequence[str],
    *,
    changed: bool,
    site: Path | None,
) -> None:
    lines = list(news(before, after, events, with_failures=False))
    workflow.summarise(summarise(report, before, after, lines, endings))
    failed = [outcome.account.record["login"] for outcome in report.outcomes if not outcome.observed]
    for name, value in {
        "changed": "true" if changed else "false",
        "commit-sha": commit or "",
        "organisations": str(len(report.outcomes) - len(failed)),
        "repositories": str(sum(len(account.repositories) for account in after.values())),
        "failed-organisations": json.dumps(failed),
        "database": str(settings.database) if settings.database.is_file() else "",
        "site": str(site or ""),
    }.items():
        workflow.set_output(name, value)


def verdict(settings: Settings, report: Report, workflow: Workflow) -> int:
    if report.exit_code == 0 or (report.exit_code == 3 and settings.fail_on == "nothing-scraped"):
        return 0
    what = "No organisation was observed" if report.exit_code == 1 else "Some organisations were not observed"
    workflow.error(f"{what}: the summary says why. The step fails because of the input fail-on.", TITLE)
    return report.exit_code
