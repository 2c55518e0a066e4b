"""A run of the Action, from GitHub to a pushed commit, reported in the log, the summary and the outputs."""

import contextlib
import os
import time
import traceback
from collections.abc import Callable, MutableMapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from scraper.action import site as site_step
from scraper.action.api_commit import through_api
from scraper.action.checkout import Checkout
from scraper.action.database import build_database, step_from
from scraper.action.inputs import Settings, read_settings
from scraper.action.issue import notify
from scraper.action.opening import open_checkout
from scraper.action.publication import check_committable, publish_step
from scraper.action.pull_request import Proposal, load_waiting, propose
from scraper.action.report import (
    NOTHING_DONE,
    TITLE,
    annotate_closures,
    annotate_failures,
    escaped,
    exit_code,
    log_outcome,
    outputs,
    summarise,
)
from scraper.action.step import Step
from scraper.action.verify import verify
from scraper.action.workflow_commands import Workflow, logged_to_step
from scraper.config import ListedAccount
from scraper.dataset import earlier, exceptions, forgotten, layout, store
from scraper.dataset.forgotten import leave_out
from scraper.dataset.layout import beside
from scraper.dataset.merge import merge
from scraper.environment import remove_tokens
from scraper.errors import BadToken, OssHealthError
from scraper.github.client import GitHubApi
from scraper.model.comparison import Comparison
from scraper.model.events import compare, formerly
from scraper.observation import Outcome
from scraper.scrape import Report, check_dates, scrape
from scraper.text import count
from scraper.threshold import DEFAULT

WORKERS = 4
DEPRECATED = (
    "Input closure-threshold is deprecated: write `closure-threshold: {}` in a list of organisations such as"
    " organisations.yml, so that every build of this dataset has the same closures."
)


def main(environment: MutableMapping[str, str]) -> int:
    """Run in a step's environment; return the exit code. Outputs are set from the start, however the run ends."""
    workflow = Workflow(environment)
    with logged_to_step(TITLE, details=environment.get("RUNNER_DEBUG") == "1"):
        return _main(environment, workflow)


def _main(environment: MutableMapping[str, str], workflow: Workflow) -> int:
    try:
        workflow.set_outputs(NOTHING_DONE)
        settings = read_settings(environment)
        remove_tokens(environment)
        if settings.verify:
            return verify(settings, workflow)
        checkout = open_repository(settings) if settings.commit else None
        api = GitHubApi(settings.api_url, settings.token, workers=WORKERS, max_wait=settings.max_wait)
        return action(settings, api, checkout, workflow)
    except Exception as error:
        failure = _as_failure(error)
        message = str(failure)
        if isinstance(failure, BadToken):
            server = urlsplit(settings.api_url).netloc
            message = f"{server} refused the token: check the input token, or leave it out to use the job's own."
        workflow.error(message, TITLE)
        with contextlib.suppress(OssHealthError):  # the log has it
            workflow.summarise(f"## {TITLE}\n\nNothing was done. {escaped(message, 1000)}\n")
        return failure.exit_code


def open_repository(settings: Settings) -> Checkout:
    """The checkout to commit to, in the way that the inputs request."""
    checkout = open_checkout(settings.data, settings.server_url, settings.push_token, settings.author)
    return through_api(checkout, _home(settings), settings.repository) if settings.commit_by == "api" else checkout


def _home(settings: Settings, max_wait: int = 0) -> GitHubApi:
    """The API of the GitHub that runs this workflow, with enough time for a large commit."""
    return GitHubApi(settings.home_url, settings.push_token, workers=1, max_wait=max_wait, timeout=120)


def action(
    settings: Settings,
    api: GitHubApi,
    checkout: Checkout | None,
    workflow: Workflow,
    sleep: Callable[[float], object] = time.sleep,
) -> int:
    """Scrape, build, commit and report; return the exit code.

    Raises OssHealthError if nothing could be done. If something fails after the dataset was written, the log, the
    summary and the outputs say what had been done by then.
    """
    listed = settings.listed()
    if checkout:
        check_committable(settings, checkout)
    site = site_step.configure(settings)
    base = held = store.load(settings.data)
    # Report what is wrong with these before an hour of scraping.
    settings.closure_threshold()
    earlier.load(beside(settings.data, earlier.FOLDER))
    exceptions.load(beside(settings.data, exceptions.FILE))
    if settings.threshold:
        workflow.warning(DEPRECATED.format(settings.threshold), TITLE)
    proposal: Proposal | None = None
    if checkout and settings.pull_request:
        folder = settings.data.relative_to(checkout.root).as_posix()
        proposal = propose(checkout, _home(settings, settings.max_wait), settings.repository, folder)
        checkout = proposal.checkout
        base, held = load_waiting(settings, proposal)
    report = _handed_over(settings, listed) if settings.scraped else _scrape(settings, listed, api, workflow)
    before = held if proposal and proposal.continues else base
    step, done = Step(before, held, subject_prefix=settings.subject_prefix), [_written(report)]
    commit: str | None = None
    failure: OssHealthError | None = None
    made: Path | None = None
    build = partial(build_database, settings, checkout, workflow, step)
    stage = "The database could not be built."
    try:
        if report.files:
            step.after = store.load(settings.data)
        with workflow.group("Building the database"):
            step.events = build(checkout.tip if checkout and proposal else None)
        if checkout:
            stage = "The commit failed."
            commit = publish_step(settings, checkout, step, build, workflow, sleep)
        done.append(_committed(commit))
        if proposal and commit:
            stage = "The pull request could not be written."
            proposal = proposal.published(step_from(base, step, settings))
            done.append(f"[Pull request #{proposal.number}]({proposal.url}) proposes it.")
        if site:
            stage = "The site could not be made."
            done.append(site_step.make(site, settings.database, workflow))
            made = site.folder
    except Exception as error:
        failure = _as_failure(error)
        done.append(f"**{stage}** {escaped(failure, 1000)}")
        workflow.error(str(failure), TITLE)
    changed = bool(commit) if checkout else bool(report.files)

    def write_issue() -> None:
        if settings.notify and not failure:
            said = notify(settings, _home(settings), workflow, news=bool(step.closures))
            done.extend([said] if said else [])

    unreported = _report(
        workflow,
        f"{_written(report)} {_committed(commit)}",
        lambda: annotate_failures(report, workflow),
        lambda: annotate_closures(step.closures, workflow),
        write_issue,
        lambda: workflow.set_outputs(
            outputs(
                settings,
                report,
                step,
                commit,
                changed=changed,
                site=made,
                pull_request=proposal.url if proposal else "",
            )
        ),
        lambda: workflow.summarise(
            summarise(report, Comparison(step.before, step.after, step.events), done, step.closures)
        ),
    )
    if problem := failure or unreported:
        return problem.exit_code
    return exit_code(settings, report, workflow)


def _report(workflow: Workflow, done: str, *ways: Callable[[], object]) -> OssHealthError | None:
    """Report in each of these ways, even if others fail; return the first failure, if there was one."""
    failures = []
    for say in ways:
        try:
            say()
        except Exception as error:
            failures.append(_as_failure(error))
            workflow.error(f"{done} That could not be reported in full: {failures[-1]}", TITLE)
    return failures[0] if failures else None


def _as_failure(error: Exception) -> OssHealthError:
    """An error as one sentence; with debug logging, an unexpected one is shown with its traceback."""
    if isinstance(error, OssHealthError):
        return error
    if os.environ.get("RUNNER_DEBUG") == "1":
        traceback.print_exception(error)
    said = " ".join(repr(error).split())[:300]
    return OssHealthError(f"Unexpected error, please report it: {said} (With debug logging on, the log shows more.)")


def _written(report: Report) -> str:
    return (
        f"{count(len(report.files), 'file')} of the dataset written."
        if report.files
        else "The dataset was not changed."
    )


def _committed(commit: str | None) -> str:
    return f"Committed as {commit[:12]}." if commit else "Nothing was committed."


def _scrape(settings: Settings, listed: list[ListedAccount], api: GitHubApi, workflow: Workflow) -> Report:
    """Update data/ from GitHub."""
    with workflow.group(f"Scraping {count(len(listed), 'organisation')} from {api.url}"):
        return scrape(
            api,
            listed,
            settings.data,
            whole_list=True,
            workers=WORKERS,
            progress=lambda outcome: log_outcome(workflow, outcome),
            lookups=settings.lookups,
            budget=settings.budget,
            threshold=settings.closure_threshold() or DEFAULT,
        )


def _handed_over(settings: Settings, listed: list[ListedAccount]) -> Report:
    """Update data/ from what another job scraped, which is read as strictly as any dataset."""
    scraped, before = store.load(settings.scraped or settings.data), store.load(settings.data)
    for found, folder in ((scraped, settings.scraped or settings.data), (before, settings.data)):
        check_dates(found, folder / layout.ORGANISATIONS_FILE)
    after = leave_out(
        merge(before, scraped, {entry.login.casefold() for entry in listed}), forgotten.load(settings.data)
    )
    outcomes = [Outcome(account, account.record["status"] in ("ok", "gone")) for account in after.values()]
    return Report(
        outcomes,
        Comparison(before, after, compare(before, after, formerly(before))),
        store.save(settings.data, after),
    )
