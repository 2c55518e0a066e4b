"""Commit what a run brought, on top of whatever others pushed in the meantime."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.action.checkout import Change, Checkout
from scraper.action.git_publisher import publish
from scraper.action.inputs import Settings
from scraper.action.report import TITLE
from scraper.action.step import Step
from scraper.action.workflow_commands import Workflow
from scraper.config import ListedAccount
from scraper.dataset import earlier, exceptions, forgotten, layout, store
from scraper.dataset.forgotten import leave_out
from scraper.dataset.layout import beside
from scraper.dataset.merge import merge, same_content
from scraper.errors import ConfigurationError, GitError
from scraper.list_file import read_organisations
from scraper.model.accounts import Dataset
from scraper.model.events import Event
from scraper.model.forgotten import Forgotten
from scraper.scrape import check_dates


def check_committable(settings: Settings, checkout: Checkout) -> None:
    """Raise now what would otherwise fail only after an hour of scraping."""
    prefix = _prefix(settings, checkout)
    path = f"{prefix}/{layout.ORGANISATIONS_FILE}"
    for each in checkout.tracked(prefix, checkout.head):
        if (name := each[len(prefix) + 1 :]) == layout.JOURNAL or layout.is_staging(name):
            raise ConfigurationError(
                f"{each} is committed, but such names belong only to leftovers of a killed run: `git rm` it."
            )
    if checkout.ignores(path):
        raise GitError(f"{path} is ignored by .gitignore: remove that line, or set commit: false.")
    if path in checkout.tracked(path, checkout.head) and not (checkout.root / path).exists():
        raise ConfigurationError(
            f"{path} is committed but not checked out: have actions/checkout check out all of the data-directory."
        )


def publish_step(
    settings: Settings,
    checkout: Checkout,
    step: Step,
    build: Callable[[str], list[Event]],
    workflow: Workflow,
    sleep: Callable[[float], object],
) -> str | None:
    """Commit and push what a run brought; return the commit, or None if nothing changed.

    If another push was faster, `build` makes the database again on top of its commit, and returns this step's events.
    """

    def regenerate(theirs: str) -> Change:
        workflow.say("The branch moved: merging its data with ours and trying again.")
        step.before, step.after = _merged(settings, checkout, theirs, step.after)
        store.save(settings.data, step.after)
        step.events = build(theirs)
        return Change(_paths(settings, checkout, theirs, workflow), step.message())

    with workflow.group(f"Committing to {checkout.branch}"):
        change = Change(_paths(settings, checkout, checkout.tip, workflow), step.message())
        commit = publish(checkout, change, regenerate, sleep)
        workflow.say(f"{commit}: {step.message().partition(chr(10))[0]}" if commit else "Nothing changed, no commit.")
    return commit


@contextmanager
def counted_before(settings: Settings, checkout: Checkout | None, commit: str | None) -> Iterator[Path]:
    """The folder of what others counted, with the exceptions beside it. They are taken from `commit`, if the checkout
    does not have it yet.

    A dataset that goes to another branch uses those of the branch that is checked out.
    """
    folder = beside(settings.data, earlier.FOLDER)
    if checkout is None or commit is None or checkout.target:
        yield folder
        return
    path = folder.relative_to(checkout.root).as_posix()
    with tempfile.TemporaryDirectory() as name:
        files = [each for each in checkout.tracked(path, commit) if each.endswith(earlier.SUFFIX)]
        excepted = beside(settings.data, exceptions.FILE).relative_to(checkout.root).as_posix()
        checkout.export(commit, [*files, *checkout.tracked(excepted, commit)], Path(name))
        yield Path(name) / path


def _merged(settings: Settings, checkout: Checkout, commit: str, ours: Dataset) -> tuple[Dataset, Dataset]:
    """The dataset in their commit, and the same with our later observations."""
    theirs, left_out = dataset_in(settings, checkout, commit), merge_forgotten(settings, checkout, commit)
    listed = {entry.login.casefold() for entry in _listed_in(settings, checkout, commit)}
    after = leave_out(merge(theirs, ours, listed), left_out)
    return theirs, theirs if same_content(theirs, after) else after


def dataset_in(settings: Settings, checkout: Checkout, commit: str) -> Dataset:
    """The dataset in a commit, read as strictly as any other."""
    prefix = _prefix(settings, checkout)
    wanted = [path for path in checkout.tracked(prefix, commit) if layout.owns(path[len(prefix) + 1 :])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkout.export(commit, wanted, folder)
        found = store.load(folder / prefix)
    check_dates(found, settings.data / layout.ORGANISATIONS_FILE)
    return found


def merge_forgotten(settings: Settings, checkout: Checkout, commit: str) -> Forgotten:
    """The ids to leave out, from here and from a commit; afterwards the data-directory lists them all."""
    path = f"{_prefix(settings, checkout)}/{layout.FORGOTTEN_FILE}"
    known = forgotten.load(settings.data)
    if not checkout.tracked(path, commit):
        return known
    with tempfile.TemporaryDirectory() as name:
        checkout.export(commit, [path], Path(name))
        theirs = forgotten.load((Path(name) / path).parent)
    if known | theirs != known:
        forgotten.save(settings.data, known | theirs)
    return known | theirs


def _listed_in(settings: Settings, checkout: Checkout, commit: str) -> list[ListedAccount]:
    """The accounts in a commit's list; in ours if it has none, or if it is not on the branch that is checked out."""
    path = _list_in(settings, checkout)
    if checkout.target or not path or path not in checkout.tracked(path, commit):
        return settings.listed()
    with tempfile.TemporaryDirectory() as name:
        checkout.export(commit, [path], Path(name))
        return read_organisations(Path(name) / path)


def _list_in(settings: Settings, checkout: Checkout) -> str | None:
    """The path of the list in the checkout, if it is there; their commit may have a different list."""
    path = settings.organisations_file and settings.organisations_file.resolve()
    return path.relative_to(checkout.root).as_posix() if path and path.is_relative_to(checkout.root) else None


def _paths(settings: Settings, checkout: Checkout, commit: str | None, workflow: Workflow) -> frozenset[str]:
    """The paths that a commit on top of this one may touch: the dataset's files, and perhaps the database."""
    prefix = _prefix(settings, checkout)
    here = (path.relative_to(settings.data).as_posix() for path in settings.data.rglob("*") if path.is_file())
    there = (path[len(prefix) + 1 :] for path in checkout.tracked(prefix, commit))
    paths = {f"{prefix}/{path}" for path in (*here, *there) if layout.owns(path)}
    if (settings.data / layout.FORGOTTEN_FILE).exists():
        paths.add(f"{prefix}/{layout.FORGOTTEN_FILE}")
    database = f"{prefix}/{settings.database.name}"
    if not settings.commit_database:
        return frozenset(paths)
    if (size := settings.database.stat().st_size) > checkout.largest_database:
        workflow.warning(
            f"The database is {size / 2**20:.0f} MiB, and {checkout.why_largest}: it was"
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
