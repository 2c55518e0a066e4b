"""Take the history from a committed database, for a clone without the commits to replay, if all of it is credible.

Nobody reads a database before merging it. So it must come from a commit that observed something, and every value is
copied into tables that accept only what this program would have written.
"""

import sqlite3
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from scraper.database import sql
from scraper.database.history_tables import (
    CHECK_HISTORY,
    DEPARTURES,
    EVENTS,
    HISTORY,
    KNOWN_REPOSITORIES,
    OBSERVATIONS,
    PROVENANCE,
    WHEREABOUTS,
)
from scraper.database.sql import Column, Table
from scraper.database.tables import VERSION
from scraper.history import git_reader, provenance
from scraper.history.fold import Timeline
from scraper.history.git_reader import DatasetCheckout
from scraper.history.replay import latest_credible, observation_date, read_state
from scraper.history.rows import Lifetime
from scraper.model.checks import NAMES as CHECKS
from scraper.model.collections import FACTS
from scraper.model.events import KINDS
from scraper.model.events import WHEREABOUTS_FIELD as FATE
from scraper.model.kinds import COMPOUND, FATES

LARGEST = 2**53 - 1
LONGEST = 10_000
FIELDS = (*(field.name for field in FACTS), "organisation", FATE)
ADMITTED = {
    (KNOWN_REPOSITORIES.name, "fork"): "fork IN (0, 1)",
    (KNOWN_REPOSITORIES.name, "dates"): "excluded_at IS NULL OR coalesce(excluded_at > vanished_at, 0)",
    (EVENTS.name, "kind"): f"kind IN {KINDS}",
    (EVENTS.name, "field"): f"field IN {FIELDS}",
    (DEPARTURES.name, "fork"): "fork IN (0, 1)",
    (DEPARTURES.name, "archived"): "archived IN (0, 1)",
    (CHECK_HISTORY.name, "check_name"): f"check_name IN {CHECKS}",
    (WHEREABOUTS.name, "whereabouts"): f"whereabouts IN {FATES}",
    (DEPARTURES.name, "dates"): "last_observed_at < missing_at AND missing_at <= observed_at",
}
"""Rules for columns, besides those that follow from their types and names."""
COMPOUND_FIELDS = ", ".join(f"'{field.name}'" for field in FACTS if field.kind in COMPOUND)
VANISHED = "SELECT observed_at, repository_id FROM main.events WHERE kind = 'vanished'"
DEPARTED = "SELECT observed_at, repository_id FROM main.departures WHERE moved_to IS NULL"


class NotCredible(ValueError):  # noqa: N818 - the caller replays
    """The database cannot be carried forward; the message says why."""


class CloneTooShallow(NotCredible):
    """The database cannot be judged, because the clone ends at the commit that wrote it."""


def carry(checkout: DatasetCheckout, path: str, store: sqlite3.Connection) -> Timeline:
    """Fill `store` with the history in the database committed at `path`, and return its last state."""
    last, written = git_reader.last(checkout), git_reader.writing(checkout, path)
    if written is None or last is None:
        raise NotCredible("no database is committed with the dataset")
    if written.before is None:
        raise CloneTooShallow(f"it ends at the commit that wrote the database, {written.state.commit[:10]}")
    if (files := provenance.of_commit(checkout, last)) != provenance.of_commit(checkout, written.state):
        raise NotCredible("the dataset was changed after the database was written")
    if written.before.organisations in (None, written.state.organisations):
        raise NotCredible(f"commit {written.state.commit[:10]} changed the database, but observed nothing")
    try:
        with _attached(store, git_reader.committed(checkout, path) or b""):
            _check_schema(store, files)
            for table in HISTORY:
                store.execute(_admitting(table))
                store.execute(f"INSERT INTO main.{table.name} SELECT * FROM carried.{table.name}")  # noqa: S608
                deque(store.execute(f"SELECT * FROM main.{table.name}"), maxlen=0)  # noqa: S608 - text that is no UTF-8
        _check_last(store, observation_date(checkout, written.before))
        return _state(store, read_state(checkout, last), latest_credible(written.state))
    except (sqlite3.Error, ValueError, OverflowError) as error:
        raise NotCredible(f"the committed database is damaged, or from another version ({error})") from error


@contextmanager
def _attached(store: sqlite3.Connection, content: bytes) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "carried.db"
        path.write_bytes(content)
        store.execute("PRAGMA trusted_schema = off")
        store.execute("PRAGMA foreign_keys = on")
        store.execute("ATTACH ? AS carried", (f"{path.as_uri()}?mode=ro&immutable=1",))
        try:
            yield
        finally:
            store.commit()
            store.execute("DETACH carried")


def _check_schema(store: sqlite3.Connection, files: str) -> None:
    """Raise ValueError unless this is an intact database of this version, made from these files and checks."""
    [[version]], [[sound]] = (
        store.execute(f"PRAGMA carried.{name}").fetchall() for name in ("user_version", "quick_check(1)")
    )
    if version != VERSION or sound != "ok":
        raise ValueError("its version or its pages")
    tables = store.execute("SELECT name, sql FROM carried.sqlite_master WHERE type = 'table'").fetchall()
    for table in (*HISTORY, PROVENANCE):
        if [text for name, text in tables if name == table.name] != [sql.create(table)]:
            raise ValueError(f"the columns of {table.name}")
    if store.execute(f"SELECT files FROM carried.{PROVENANCE.name}").fetchall() != [(files,)]:  # noqa: S608
        raise ValueError("it was built from another dataset, or with other checks")


def _check_last(store: sqlite3.Connection, before: str | None) -> None:
    """Raise ValueError if it has more than one observation after that of the commit before: a run adds only one.

    Of commits that were squashed into one, git knows only the last observation.
    """
    later = f"SELECT count(*) FROM {OBSERVATIONS.name} WHERE observed_at > ?"  # noqa: S608 - our own names
    [[number]] = store.execute(later, (before or "",))
    if number > 1:
        raise ValueError("it has observations for which git has no commit")


def _admitting(table: Table) -> str:
    """A CREATE TABLE statement for `table` that checks each value."""
    checks = [_check(table, column) for column in table.columns]
    checks += [f"CHECK ({text})" for (name, _), text in ADMITTED.items() if name == table.name]
    head, keys, tail = sql.create(table).partition("\n  PRIMARY KEY")
    return head + "".join(f"\n  {check}," for check in checks) + keys + tail


def _check(table: Table, column: Column) -> str:
    name = column.name
    if column.type == "INTEGER":
        admitted = f"typeof({name}) = 'integer' AND {name} BETWEEN 0 AND {LARGEST}"
    else:
        admitted = f"typeof({name}) = 'text' AND length({name}) <= {LONGEST} AND instr({name}, char(0)) = 0"
    if name.endswith("_at"):
        admitted += f" AND {name} = strftime('%Y-%m-%dT%H:%M:%SZ', {name})"
    return f"CONSTRAINT {table.name}_{name} CHECK ({name} IS NULL OR ({admitted}))"


def _state(store: sqlite3.Connection, now: Timeline, limit: str) -> Timeline:
    """The state at the end of the history in `store`, which matches the dataset that was committed with it."""
    [[observed_at]] = store.execute(f"SELECT max(observed_at) FROM {OBSERVATIONS.name}")  # noqa: S608
    if observed_at is None or observed_at != now.observed_at or observed_at > limit:
        raise ValueError("its last observation is not that of the dataset")
    [[events, first, last, backwards]] = store.execute(
        "SELECT count(*), coalesce(min(id), 1), coalesce(max(id), 0), coalesce(max(observed_at < before), 0)"
        " FROM (SELECT id, observed_at, lag(observed_at) OVER (ORDER BY id) AS before FROM events)"
    )
    if (first, last, backwards) != (1, events, 0):
        raise ValueError("its events are not in the order of observation")
    for one, other in ((VANISHED, DEPARTED), (DEPARTED, VANISHED)):
        if store.execute(f"{one} EXCEPT {other}").fetchone():
            raise ValueError("its departures do not match its events")
    compounds = f"SELECT old, new FROM events WHERE field IN ({COMPOUND_FIELDS})"  # noqa: S608 - our own names
    for query, kinds in ((compounds, (list, dict)), ("SELECT unknown_fields FROM departures", (list,))):
        for texts in store.execute(query):
            if not all(text is None or type(orjson.loads(text)) in kinds for text in texts):
                raise ValueError("something that should be JSON is not")
    lifetimes = {
        id_: Lifetime(organisation, full_name, bool(fork), *dates)
        for id_, organisation, full_name, fork, *dates in store.execute(f"SELECT * FROM {KNOWN_REPOSITORIES.name}")  # noqa: S608
    }
    for id_, lifetime in now.lifetimes.items():
        if id_ not in lifetimes or lifetimes[id_]._replace(first_observed_at=lifetime.first_observed_at) != lifetime:
            raise ValueError(f"the dates of repository {id_} do not match the dataset")
    for id_ in {id_ for account in now.accounts.values() for id_ in account.content.whereabouts}:
        if id_ in lifetimes and lifetimes[id_].excluded_at:
            raise ValueError(f"repository {id_} is looked up although it says that it is excluded")
    return Timeline(now.accounts, lifetimes, observed_at, events)
