"""Load the history so far: replayed from the commits of the dataset, or carried forward where git lacks them.

Git is the source of truth, and both ways give the same rows. If all commits are available they are replayed, which is
cheap; a shallow clone continues from the committed database, if that is credible.
"""

import contextlib
import logging
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import cast

from scraper.database import sql
from scraper.database.carry_forward import CloneTooShallow, NotCredible, carry
from scraper.database.history_tables import (
    CHECK_HISTORY,
    DEPARTURES,
    EVENTS,
    HISTORY,
    METRIC_HISTORY,
    OBSERVATIONS,
    ORGANISATION_HISTORY,
    WHEREABOUTS,
)
from scraper.database.sql import Table
from scraper.dataset import layout
from scraper.errors import ShallowClone
from scraper.history import git_reader, provenance
from scraper.history.fold import Timeline, contents
from scraper.history.git_reader import DatasetCheckout
from scraper.history.lineage import states
from scraper.history.replay import Progress, replay
from scraper.history.rows import Row, Rows
from scraper.model.accounts import Dataset

logger = logging.getLogger(__name__)

NO_PAST = "This dataset is not in a git repository, so the history in the database begins with this build."
SHALLOW = (
    "The history of the dataset cannot be rebuilt from this shallow clone: {why}. Fetch all commits with"
    " `git fetch --unshallow`, or with `fetch-depth: 0` for actions/checkout."
)
STEPS = (1, 49)
"""How many commits to fetch, and how many more after that, to find the one that wrote the database."""

RELEVANT = itemgetter("id", "login", "observed_at", "excluded", "selected")
"""The fields of an observed account that history depends on."""

Deepen = Callable[[int | None], object]
"""Fetch so many more commits into a shallow clone, or all."""


@dataclass(frozen=True)
class Past:
    """The last observed state, the rows of history up to it, and the digest of the dataset that follows."""

    state: Timeline
    files: str = ""
    store: sqlite3.Connection | None = None

    def rows(self, table: Table) -> Iterable[Row]:
        """The rows of a table, in the order of the primary key, which is that of observation."""
        if self.store is None:
            return ()
        names, key = ", ".join(table.column_names), ", ".join(table.primary_key)
        return self.store.execute(f"SELECT {names} FROM {table.name} ORDER BY {key}")  # noqa: S608 - our own names


@contextlib.contextmanager
def load_history(
    data: Path,
    database: Path,
    *,
    from_git: bool,
    onto: str | None,
    deepen: Deepen | None,
    progress: Progress,
) -> Iterator[Past]:
    """Load the past of the dataset in the folder `data`, up to the commit `onto` or the last one.

    It is replayed if `from_git`, or if git has all commits; otherwise it is carried forward from the committed
    `database`. `deepen` fetches what a shallow clone lacks for that; without it, raises ShallowClone.
    """
    checkout = git_reader.find(data, onto)
    if checkout is None:
        logger.warning(NO_PAST)
        yield Past(Timeline())
        return
    files = provenance.of_folder(checkout)
    if git_reader.last(checkout) is None:
        yield Past(Timeline(), files)
        return
    with contextlib.ExitStack() as stack:
        try:
            if from_git or not checkout.shallow:
                raise NotCredible("a replay needs every commit")
            store = stack.enter_context(_store())
            state = _carried(checkout, _name(checkout, database), store, deepen)
            logger.debug("The history is carried forward from the committed database.")
        except NotCredible as reason:
            logger.debug(f"The history is replayed: {reason}.")
            if checkout.shallow:
                _fetch_all(str(reason), deepen)
                if not (checkout := git_reader.find(data, onto)) or checkout.shallow:
                    raise ShallowClone(SHALLOW.format(why="the remote does not have all commits either")) from reason
            store = stack.enter_context(_store())
            state = Timeline()
            for table in HISTORY:
                store.execute(sql.create(table))
            for rows in replay(checkout, states(checkout), state, progress):
                _add(store, rows)
        yield Past(state, files, store)


def is_up_to_date(state: Timeline, dataset: Dataset) -> bool:
    """Whether history ends with this dataset, so that a database of both can be carried forward.

    It does not if somebody changed the dataset by hand, or if a clock went backwards.
    """
    content = contents(dataset)
    observed = {key: account for key, account in state.accounts.items() if account.record["observed_at"] is not None}
    return observed.keys() == content.keys() and all(
        RELEVANT(account.record) == RELEVANT(dataset[key].record)
        and account.content.facts == content[key].facts
        and account.content.whereabouts == content[key].whereabouts
        and all(account.content.counters_of(id_) == content[key].counters_of(id_) for id_ in account.content.facts)
        for key, account in observed.items()
    )


def _add(store: sqlite3.Connection, rows: Rows) -> None:
    """Append these rows to the tables."""
    added = by_table(rows)
    for table in HISTORY:
        sql.insert(store, table, added.get(table.name, ()))


def by_table(rows: Rows) -> dict[str, Sequence[Row]]:
    """The rows by the name of their table."""
    return {
        OBSERVATIONS.name: rows.observations,
        EVENTS.name: rows.events,
        DEPARTURES.name: rows.departures,
        WHEREABOUTS.name: rows.whereabouts,
        ORGANISATION_HISTORY.name: rows.organisation_history,
        CHECK_HISTORY.name: rows.check_history,
        METRIC_HISTORY.name: rows.metric_history,
    }


def _carried(checkout: DatasetCheckout, name: str, store: sqlite3.Connection, deepen: Deepen | None) -> Timeline:
    """Carry the history forward into `store`, and return its last state. Raises NotCredible if that is impossible."""
    for more in STEPS if deepen else ():
        try:
            return carry(checkout, name, store)
        except CloneTooShallow:
            cast(Deepen, deepen)(more)
    return carry(checkout, name, store)


def _fetch_all(why: str, deepen: Deepen | None) -> None:
    if deepen is None:
        raise ShallowClone(SHALLOW.format(why=why))
    logger.info(f"Fetching every commit, to rebuild the history from them: {why}.")
    deepen(None)


def _name(checkout: DatasetCheckout, database: Path) -> str:
    """The path of the database below the folder of the dataset; the usual path, if the database is elsewhere."""
    with contextlib.suppress(ValueError):
        return database.resolve().relative_to(checkout.folder.resolve()).as_posix()
    return layout.DATABASE_FILE


@contextlib.contextmanager
def _store() -> Iterator[sqlite3.Connection]:
    """A temporary database for the rows of history."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        with contextlib.closing(sqlite3.connect(path.as_uri(), uri=True)) as store:
            for pragma in ("journal_mode = off", "synchronous = off"):
                store.execute(f"PRAGMA {pragma}")
            yield store
