"""Report a run: log, annotations, step summary, outputs and exit code."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from scraper.action.change_lines import changes
from scraper.action.inputs import Settings
from scraper.action.step import Step
from scraper.action.workflow_commands import Workflow
from scraper.model.accounts import Dataset
from scraper.model.closures import Closure
from scraper.model.comparison import Comparison
from scraper.model.events import Event
from scraper.observation import Outcome
from scraper.scrape import Report
from scraper.text import count, safe

TITLE = "Open-Source Health Statistics"
MOST_ANNOTATIONS = 9
"""GitHub shows ten annotations of a kind for each step."""

NOTHING_DONE = {
    "changed": "false",
    "commit-sha": "",
    "organisations": "0",
    "repositories": "",
    "failed-organisations": "[]",
    "vanished": "[]",
    "closures": "[]",
    "database": "",
    "site": "",
    "pull-request-url": "",
}
"""The outputs until something has been done."""

MOST_NEWS = 60
MOST_ROWS = 1000
MOST_CLOSURES = 5


def log_outcome(workflow: Workflow, outcome: Outcome) -> None:
    record = outcome.account.record
    found = len(outcome.account.repositories)
    said = count(found, "repository") if outcome.observed else f"{record['status']}. {record['reason']}"
    workflow.say(f"{outcome.account.listed_login}: {said}")
    for warning in outcome.warnings:
        workflow.say(f"{outcome.account.listed_login}: {warning}")


def annotate_failures(report: Report, workflow: Workflow) -> None:
    failed = [outcome.account.record for outcome in report.outcomes if not outcome.observed]
    for record in failed[:MOST_ANNOTATIONS]:
        date = str(record["observed_at"] or "")[:10]
        kept = f"Its data as of {date} are kept." if date else "There are no data for it yet."
        workflow.warning(f"{record['reason']} {kept}", str(record["login"]))
    if len(failed) > MOST_ANNOTATIONS:
        workflow.warning(
            f"{count(len(failed) - MOST_ANNOTATIONS, 'more organisation')} not observed: see the summary.", TITLE
        )


def annotate_closures(closures: Sequence[Closure], workflow: Workflow) -> None:
    for closure in closures[:MOST_CLOSURES]:
        workflow.warning(closure.sentence, "Closure")


def outputs(
    settings: Settings,
    report: Report,
    step: Step,
    commit: str | None,
    *,
    changed: bool,
    site: Path | None,
    pull_request: str = "",
) -> dict[str, str]:
    """The outputs of a run that got as far as a report; `pull_request` is an address."""
    failed = [outcome.account.record["login"] for outcome in report.outcomes if not outcome.observed]
    return NOTHING_DONE | {
        "changed": "true" if changed else "false",
        "commit-sha": commit or "",
        "organisations": str(len(report.outcomes) - len(failed)),
        "repositories": str(sum(len(account.repositories) for account in step.after.values())),
        "failed-organisations": json.dumps(failed),
        "vanished": json.dumps([_vanished(each) for each in step.events if each.kind == "vanished"][:MOST_ROWS]),
        "closures": json.dumps([asdict(closure) for closure in step.closures]),
        "database": str(settings.database) if settings.database.is_file() else "",
        "site": str(site or ""),
        "pull-request-url": pull_request,
    }


def exit_code(settings: Settings, report: Report, workflow: Workflow) -> int:
    if report.exit_code == 0 or (report.exit_code == 3 and settings.fail_on == "nothing-scraped"):
        return 0
    what = "No organisation was observed" if report.exit_code == 1 else "Some organisations were not observed"
    workflow.error(f"{what}: the summary says why. The step fails because of the input fail-on.", TITLE)
    return report.exit_code


def _vanished(event: Event) -> dict[str, object]:
    fate, _, more = str(event.new or "unknown").partition(": ")
    names = ("id", "organisation", "full_name", "whereabouts", "moved_to")
    moved_to = more or None if fate == "moved" else None
    values = (event.repository_id, event.organisation, event.full_name, fate, moved_to)
    return dict(zip(names, values, strict=True))


def summarise(report: Report, comparison: Comparison, ending: Iterable[str], closures: Sequence[Closure] = ()) -> str:
    """The summary of a run: closures, changes, failures with their reasons, and each organisation; then `ending`."""
    before, after = comparison.before, comparison.after
    observed = sum(outcome.observed for outcome in report.outcomes)
    repositories = sum(len(account.repositories) for account in after.values())
    lines = [
        "## Open-Source Health Statistics",
        "",
        f"{observed} of {count(len(report.outcomes), 'organisation')} observed;"
        f" {count(repositories, 'repository')} in the dataset; {count(report.requests, 'request')} to GitHub.",
        "",
        *([report.examination.sentence, ""] if report.examination and report.examination.due else []),
        *closure_list(closures),
        "### What changed",
        "",
        f"Since the data as of {date_of(before)}:" if date_of(before) else "The first observation:",
        "",
        *change_list(comparison),
        "",
    ]
    failed = [outcome for outcome in report.outcomes if not outcome.observed]
    if failed:
        lines += ["### What could not be observed", "", *map(_failure, failed[:MOST_ROWS]), ""]
    lines += [
        "### Organisations",
        "",
        "| organisation | status | repositories | appeared | vanished | changed | data as of |",
    ]
    lines += [
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
        *(_row(each, comparison) for each in report.outcomes[:MOST_ROWS]),
    ]
    if len(report.outcomes) > MOST_ROWS:
        lines.append(f"\nThe first {MOST_ROWS:,} are shown.")
    return "\n".join([*lines, "", *ending, ""])


def escaped(text: object, longest: int = 200) -> str:
    """A stranger's text, escaped so that Markdown shows it as it is: no heading, link, mention or HTML."""
    return re.sub(r"([\\`*_{}\[\]()<>#+.!|~&$:-])", _entity, safe(text, longest)).replace("@", "&#64;")


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def closure_list(closures: Sequence[Closure]) -> list[str]:
    if not closures:
        return []
    lines = [f"- **{escaped(each.headline, 300)}**: {escaped(each.sentence, 600)}" for each in closures[:MOST_NEWS]]
    return ["### Closures", "", *lines, ""]


def change_list(comparison: Comparison) -> list[str]:
    """What changed, as a Markdown list."""
    news = changes(comparison, most=MOST_NEWS, with_failures=False)
    return [f"- {escaped(line, 500)}" for line in news] or ["- nothing"]


def _failure(outcome: Outcome) -> str:
    record = outcome.account.record
    date = str(record["observed_at"] or "")[:10]
    kept = f"the data as of {date} are kept" if date else "there are no data yet"
    return f"- **{escaped(record['login'])}**: {escaped(record['reason'] or '', 500)} ({kept})"


def _row(outcome: Outcome, comparison: Comparison) -> str:
    key = outcome.account.listed_login.casefold()
    record = comparison.after.get(key, outcome.account).record
    changes = [str(number or "") for number in comparison.tally(key)[:3]]
    total = "" if record["repositories"] is None else f"{record['repositories']:,}"
    cells = [escaped(record["login"]), str(record["status"]), total, *changes, str(record["observed_at"] or "")[:10]]
    return f"| {' | '.join(cells)} |"


def date_of(dataset: Dataset) -> str:
    return max((str(account.record["observed_at"] or "") for account in dataset.values()), default="")[:10]
