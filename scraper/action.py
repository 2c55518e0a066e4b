"""The Action: one run from GitHub to a pushed commit, told in the log, the summary and the outputs."""

import contextlib
import tempfile
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from scraper import atomic, dataset, layout, site_step
from scraper.changes import Event
from scraper.config import Listed, read_organisations
from scraper.dataset import Dataset
from scraper.environment import remove_tokens
from scraper.errors import ConfigurationError, GitError, OssHealthError, TokenRefused
from scraper.git import Change, Checkout, open_checkout, publish
from scraper.github_api import GitHubApi
from scraper.history import latest
from scraper.inputs import Settings, read_settings
from scraper.merge import merge
from scraper.scrape import Outcome, Report, check_dates, says_the_same, scrape
from scraper.sqlite_file import open_readonly
from scraper.summary import escaped
from scraper.telling import TITLE, annotate, say, tell, verdict
from scraper.told import told
from scraper.verify_step import verify
from scraper.words import commit_message, count
from scraper.workflow import Workflow

WORKERS = 4
LARGEST_DATABASE = 50 * 1024 * 1024
"""GitHub warns from here on, and refuses a file of twice the size."""
SQLITE_VERSION = slice(96, 100)
"""Bytes of a database that name the SQLite that wrote it: alone they are no reason for a commit."""


@dataclass
class Step:
    """From one state of the dataset to the next: what is committed, and told. A lost race changes both."""

    before: Dataset
    after: Dataset
    events: list[Event] = field(default_factory=list)

    def message(self) -> str:
        if self.before == self.after:
            return "database built anew, data unchanged\n"
        return commit_message(self.before, self.after, self.events)


def main(environment: MutableMapping[str, str]) -> int:
    """Run in the environment of a step; its exit code."""
    workflow = Workflow(environment)
    try:
        settings = read_settings(environment)
        remove_tokens(environment)
        if settings.verify:
            return verify(settings, workflow)
        checkout = open_checkout(settings.data, settings.server_url, settings.push_token) if settings.commit else None
        api = GitHubApi(
            settings.api_url, settings.token, workers=WORKERS, max_wait=settings.max_wait, notify=workflow.say
        )
        return action(settings, api, checkout, workflow)
    except OssHealthError as error:
        message = str(error)
        if isinstance(error, TokenRefused):
            server = urlsplit(settings.api_url).netloc
            message = f"{server} refuses the token: check the input token, or leave it out to use the job's own."
        workflow.error(message, TITLE)
        workflow.summarise(f"## {TITLE}\n\nNothing was done. {escaped(message, 1000)}\n")
        return error.exit_code


def action(
    settings: Settings,
    api: GitHubApi,
    checkout: Checkout | None,
    workflow: Workflow,
    sleep: Callable[[float], object] = time.sleep,
) -> int:
    """Scrape, build, commit, tell; the exit code. Raises OssHealthError if nothing could be done."""
    listed = settings.listed()
    if checkout:
        _check_committable(settings, checkout)
    site = site_step.configure(settings)
    before = dataset.load(settings.data)
    report = _handed_over(settings, listed) if settings.scraped else _scrape(settings, listed, api, workflow)
    step = Step(before, dataset.load(settings.data) if report.files else before)
    with workflow.group("Building the database"):
        step.events = _build(settings, checkout, workflow, step)
    annotate(report, workflow)
    commit: str | None = None
    failure: OssHealthError | None = None
    endings = []
    try:
        if checkout:
            endings = ["**The commit failed.**"]
            commit = _publish(settings, checkout, step, workflow, sleep)
        endings = [f"Committed as {commit[:12]}." if commit else "Nothing was committed."]
        if site:
            endings.append("**The site could not be made.**")
            endings[-1] = site_step.make(site, settings.database, workflow)
    except OssHealthError as error:
        failure = error
        endings[-1] += f" {escaped(failure, 1000)}"
    changed = bool(commit) if checkout else bool(report.files)
    made = site.folder if site and not failure else None
    tell(
        settings, workflow, report, step.before, step.after, step.events, commit, endings, changed=changed, site=made
    )
    if failure:
        workflow.error(str(failure), TITLE)
        return failure.exit_code
    return verdict(settings, report, workflow)


def _scrape(settings: Settings, listed: list[Listed], api: GitHubApi, workflow: Workflow) -> Report:
    """Bring data/ up to date with GitHub."""
    with workflow.group(f"Scraping {count(len(listed), 'organisation')} from {api.url}"):
        return scrape(
            api,
            listed,
            settings.data,
            whole_list=True,
            workers=WORKERS,
            notify=workflow.say,
            progress=lambda outcome: say(workflow, outcome),
        )


def _handed_over(settings: Settings, listed: list[Listed]) -> Report:
    """Bring data/ up to date with what another job scraped, which is read as strictly as any dataset."""
    scraped, before = dataset.load(settings.scraped or settings.data), dataset.load(settings.data)
    for found, folder in ((scraped, settings.scraped or settings.data), (before, settings.data)):
        check_dates(found, folder / layout.ORGANISATIONS_FILE)
    after = merge(before, scraped, {entry.login.casefold() for entry in listed})
    outcomes = [Outcome(account, account.record["status"] == "ok") for account in after.values()]
    return Report(outcomes, files=dataset.save(settings.data, after))


def _check_committable(settings: Settings, checkout: Checkout) -> None:
    """What would be found out only after an hour of scraping."""
    path = f"{_prefix(settings, checkout)}/{layout.ORGANISATIONS_FILE}"
    if checkout.ignores(path):
        raise GitError(f"{path} is ignored by .gitignore: remove that line, or set commit: false.")
    if path in checkout.tracked(path, checkout.head) and not (checkout.root / path).exists():
        raise ConfigurationError(
            f"{path} is committed, but not checked out: let actions/checkout check out all of the data-directory."
        )


def _build(
    settings: Settings, checkout: Checkout | None, workflow: Workflow, step: Step, onto: str | None = None
) -> list[Event]:
    """Make the database, on top of a commit if not of the one that is checked out; what it tells of this step."""
    from scraper import database  # pandas and sqlite-utils take a second to load: an error comes before that

    before, now = (_observed_at(state) for state in (step.before, step.after))
    last = settings.database.read_bytes() if settings.database.is_file() else b""
    source = checkout or _source(settings)
    summary = database.build(
        settings.data,
        settings.database,
        from_git=settings.rebuild or bool(source and _is_due(before, now)),
        onto=onto,
        deepen=source.deepen if source else None,
        notify=workflow.say,
    )
    workflow.say(str(summary))
    if summary.loss:
        workflow.warning(summary.loss, TITLE)
    if _content(last) == _content(settings.database.read_bytes()):
        atomic.replace(settings.database, last)
    if now <= before:
        return []
    with contextlib.closing(open_readonly(settings.database)) as connection:
        return [each.event for each in told(connection, now)]


def _source(settings: Settings) -> Checkout | None:
    """Where a run that does not commit may fetch the commits that its checkout lacks."""
    with contextlib.suppress(GitError):
        return open_checkout(settings.data, settings.server_url, settings.push_token)
    return None


def _is_due(before: str, now: str) -> bool:
    """Whether this observation is the first of a month: then history is replayed, which heals what was let in."""
    return now[:7] > before[:7] > ""


def _observed_at(state: Dataset) -> str:
    return latest({key: account.record for key, account in state.items()}) or ""


def _content(database: bytes) -> bytes:
    return database[: SQLITE_VERSION.start] + database[SQLITE_VERSION.stop :]


def _publish(
    settings: Settings, checkout: Checkout, step: Step, workflow: Workflow, sleep: Callable[[float], object]
) -> str | None:
    def regenerate(theirs: str) -> Change:
        workflow.say("Another push was faster: taking its data, with what this run observed later.")
        step.before, step.after = _merged(settings, checkout, theirs, step.after)
        dataset.save(settings.data, step.after)
        step.events = _build(settings, checkout, workflow, step, onto=theirs)
        return Change(_paths(settings, checkout, theirs, workflow), step.message())

    with workflow.group(f"Committing to {checkout.branch}"):
        change = Change(_paths(settings, checkout, checkout.head, workflow), step.message())
        commit = publish(checkout, change, regenerate, sleep)
        workflow.say(f"{commit}: {step.message().partition(chr(10))[0]}" if commit else "Nothing changed, no commit.")
    return commit


def _merged(settings: Settings, checkout: Checkout, commit: str, ours: Dataset) -> tuple[Dataset, Dataset]:
    """The dataset of their commit, and that with our later observations."""
    prefix, names = _prefix(settings, checkout), _list_in(settings, checkout)
    wanted = [path for path in checkout.tracked(prefix, commit) if layout.owns(path[len(prefix) + 1 :])]
    if names:
        wanted += checkout.tracked(names, commit)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkout.export(commit, wanted, folder)
        theirs = dataset.load(folder / prefix)
        check_dates(theirs, settings.data / layout.ORGANISATIONS_FILE)
        listed = read_organisations(folder / names) if names in wanted and names else settings.listed()
    after = merge(theirs, ours, {entry.login.casefold() for entry in listed})
    return theirs, theirs if says_the_same(theirs, after) else after


def _list_in(settings: Settings, checkout: Checkout) -> str | None:
    """Where the list of organisations stands in the checkout, if it does: their commit may have another."""
    path = settings.organisations_file.resolve()
    if settings.organisations or not path.is_relative_to(checkout.root):
        return None
    return path.relative_to(checkout.root).as_posix()


def _paths(settings: Settings, checkout: Checkout, commit: str | None, workflow: Workflow) -> frozenset[str]:
    """What a commit on top of this one may touch: the files of the dataset, and the database if it is to be there."""
    prefix = _prefix(settings, checkout)
    here = (path.relative_to(settings.data).as_posix() for path in settings.data.rglob("*") if path.is_file())
    there = (path[len(prefix) + 1 :] for path in checkout.tracked(prefix, commit))
    paths = {f"{prefix}/{path}" for path in (*here, *there) if layout.owns(path)}
    database = f"{prefix}/{settings.database.name}"
    if not settings.commit_database:
        return frozenset(paths)
    if (size := settings.database.stat().st_size) > LARGEST_DATABASE:
        workflow.warning(
            f"The database has {size / 2**20:.0f} MiB, more than the 50 MiB that GitHub likes in one, and was"
            " not committed. Set commit-database: false, and publish it as an artifact or a release asset instead; if"
            f" an older one is committed, `git rm {database}`.",
            TITLE,
        )
    elif checkout.ignores(database):
        workflow.say(f"{database} is ignored by .gitignore, so it is not committed.")
    else:
        paths.add(database)
    return frozenset(paths)


def _prefix(settings: Settings, checkout: Checkout) -> str:
    return settings.data.relative_to(checkout.root).as_posix()
