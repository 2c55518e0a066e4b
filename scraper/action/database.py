"""Build a run's database from the dataset as it is now and the history before it."""

import contextlib

from scraper.action.checkout import Checkout
from scraper.action.inputs import Settings
from scraper.action.opening import open_checkout
from scraper.action.publication import counted_before
from scraper.action.step import Step
from scraper.action.workflow_commands import Workflow
from scraper.database.events import read_events
from scraper.database.sqlite_file import open_readonly
from scraper.dataset import atomic
from scraper.errors import GitError
from scraper.history.fold import latest
from scraper.model.accounts import Dataset
from scraper.model.events import Event, compare, formerly
from scraper.threshold import DEFAULT

SQLITE_VERSION = slice(96, 100)
"""The bytes of a database that say which SQLite wrote it; a change in these alone is no reason to commit."""


def build_database(
    settings: Settings, checkout: Checkout | None, workflow: Workflow, step: Step, onto: str | None = None
) -> list[Event]:
    """Build the database, on top of `onto` or of the commit that is checked out; return the events of this step."""
    from scraper.database.build import (
        build,  # pandas and sqlite-utils take a second to load; errors should come before that
    )
    from scraper.database.closures import read_closures

    before, now = (_observed_at(state) for state in (step.before, step.after))
    last = settings.database.read_bytes() if settings.database.is_file() else b""
    source = checkout or _source(settings)
    with counted_before(settings, checkout, onto) as folder:
        summary = build(
            settings.data,
            settings.database,
            from_git=settings.rebuild or bool(source and _is_due(before, now)),
            counted_before=folder,
            threshold=settings.closure_threshold() or DEFAULT,
            onto=onto,
            deepen=source.deepen if source else None,
        )
    workflow.say(str(summary))
    if _content(last) == _content(settings.database.read_bytes()):
        atomic.replace(settings.database, last)
    step.closures = []
    if now <= before:
        return []
    with contextlib.closing(open_readonly(settings.database)) as connection:
        step.closures = read_closures(connection, now)
        return [each.event for each in read_events(connection, now)]


def step_from(base: Dataset, step: Step, settings: Settings) -> Step:
    """The step from an earlier dataset to the result of this one, with all closures in between."""
    from scraper.database.closures import read_closures

    with contextlib.closing(open_readonly(settings.database)) as connection:
        closures = [each for each in read_closures(connection) if each.observed_at > _observed_at(base)]
    return Step(base, step.after, compare(base, step.after, formerly(base)), closures, step.subject_prefix)


def _source(settings: Settings) -> Checkout | None:
    """The checkout through which a run that does not commit may fetch missing commits."""
    with contextlib.suppress(GitError):
        return open_checkout(settings.data, settings.server_url, settings.push_token)
    return None


def _is_due(before: str, now: str) -> bool:
    """Whether this is the first observation of a month: then history is replayed, which undoes any forgery."""
    return now[:7] > before[:7] > ""


def _observed_at(state: Dataset) -> str:
    return latest({key: account.record for key, account in state.items()}) or ""


def _content(database: bytes) -> bytes:
    return database[: SQLITE_VERSION.start] + database[SQLITE_VERSION.stop :]
