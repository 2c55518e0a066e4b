"""What happened before now: carried forward from a database that knows it, or replayed from git.

Git is the truth, and both ways give the same: a database is believed only if it ends where the last commit does.
"""

import contextlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from scraper import commits, schema, sql
from scraper.commits import Checkout
from scraper.dataset import ORGANISATIONS_FILE, Dataset
from scraper.errors import DatasetError
from scraper.history import Content, Held, Life, Row, State, contents, read_counters
from scraper.records import METRICS, ORGANISATION, REPOSITORY, Field, Record
from scraper.replay import Progress, is_whole, replay
from scraper.sql import Table

NO_PAST = "There is no git repository with this dataset, so the database begins with what is there now."
SHALLOW = (
    "The history of the dataset cannot be told from this shallow clone: {why}."
    " Clone all of it: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout."
)


@dataclass(frozen=True)
class Past:
    """The state that was observed last, and the rows of history up to it."""

    state: State
    store: sqlite3.Connection | None = None

    def rows(self, table: Table) -> Iterable[Row]:
        """In the order of the primary key, which is that of observation."""
        if self.store is None:
            return ()
        names, key = ", ".join(table.column_names), ", ".join(table.primary_key)
        return self.store.execute(f"SELECT {names} FROM {table.name} ORDER BY {key}")  # noqa: S608 - our own names


@contextlib.contextmanager
def recall(
    data: Path,
    database: Path,
    *,
    from_git: bool,
    onto: str | None,
    notify: Callable[[str], object],
    progress: Progress,
) -> Iterator[Past]:
    """The past of the dataset in the folder `data`, as git has it in the commit `onto`, or in the last one.

    It is carried forward from `database` or from the one that is committed, unless `from_git`. Raises DatasetError if
    there is none to carry forward and this is a shallow clone.
    """
    checkout = commits.find(data, onto)
    last = commits.last(checkout) if checkout else None
    if checkout is None or last is None:
        if checkout is None:
            notify(NO_PAST)
        yield Past(State())
        return
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        date = None if from_git else _date_of(checkout)
        for candidate in _candidates(checkout, last, database, folder) if date is not None else ():
            store = stack.enter_context(contextlib.closing(_opened(candidate)))
            state = _believed(store, str(date))
            if state:
                yield Past(state, store)
                return
        if checkout.shallow:
            why = "a replay needs every commit" if from_git else "no database was found that ends at the last commit"
            raise DatasetError(SHALLOW.format(why=why))
        store = stack.enter_context(contextlib.closing(sqlite3.connect(folder / "replay.db")))
        for pragma in ("journal_mode = off", "synchronous = off"):
            store.execute(f"PRAGMA {pragma}")
        yield Past(replay(checkout, store, notify, progress), store)


def is_told(state: State, dataset: Dataset) -> bool:
    """Whether history ends with this dataset, so that a database of both can be carried forward.

    It does not if the dataset was changed by hand, or if a clock went backwards.
    """
    content = contents(dataset)
    told = {key: account for key, account in state.accounts.items() if account.record["observed_at"] is not None}
    return told.keys() == content.keys() and all(
        all(account.record[name] == dataset[key].record[name] for name in ("id", "login", "observed_at"))
        and account.content.facts == content[key].facts
        and all(account.content.counters_of(id_) == content[key].counters_of(id_) for id_ in account.content.facts)
        for key, account in told.items()
    )


def _date_of(checkout: Checkout) -> str | None:
    """When the dataset of the last commit was observed, empty if never; None if that cannot be said."""
    try:
        listed = orjson.loads(commits.committed(checkout, ORGANISATIONS_FILE) or b"")
        return max((record["observed_at"] or "" for record in listed), default="")
    except (ValueError, TypeError, KeyError):
        return None


def _candidates(checkout: Checkout, last: commits.State, database: Path, folder: Path) -> Iterator[Path]:
    """Databases to carry forward from: those of the last commit; what was built since may be of data since changed.

    One that is not committed, but comes out of a cache, is all there is.
    """
    names = [schema.FILE]
    with contextlib.suppress(ValueError):
        names.insert(0, database.resolve().relative_to(checkout.folder.resolve()).as_posix())
    for number, name in enumerate(dict.fromkeys(names)):
        content = commits.committed(checkout, name)
        if content:
            (folder / f"{number}.db").write_bytes(content)
            yield folder / f"{number}.db"
        elif number == 0 and database.is_file() and is_whole(checkout, last):
            yield database


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _believed(store: sqlite3.Connection, date: str) -> State | None:
    """The state that a database holds; None if it is damaged, of another schema, or does not end at this date."""
    try:
        tables = dict(store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        same = all(tables.get(table.name) == sql.create(table) for table in schema.TABLES)
        [[version]], [[check]] = (
            store.execute(f"PRAGMA {name}").fetchall() for name in ("user_version", "quick_check(1)")
        )
        if not same or version != schema.VERSION or check != "ok":
            return None
        [[observed_at, events]] = store.execute(
            "SELECT (SELECT max(observed_at) FROM observations), (SELECT coalesce(max(id), 0) FROM events)"
        )
        if (observed_at or "") != date:
            return None
        return State(_accounts(store), dict(_lives(store)), observed_at, events)
    except (sqlite3.Error, ValueError, TypeError):
        return None


def _accounts(store: sqlite3.Connection) -> dict[str, Held]:
    """As `database` wrote them: whose each repository is was decided then."""
    records = {str(record["login"]).casefold(): record for record in _records(store, "organisations", ORGANISATION)}
    owned = {key: Content({}, {}) for key in records}
    owners = store.execute("SELECT organisation FROM repositories ORDER BY id")
    facts = _records(store, "repositories", REPOSITORY)
    metrics = _records(store, "repositories", METRICS)
    twice = store.execute("SELECT organisation, record FROM listed_twice")
    also = [(login, orjson.loads(record)) for login, record in twice]
    rows = zip((login for (login,) in owners), facts, metrics, strict=True)
    for login, fact, metric in [*rows, *((login, _only(REPOSITORY, record), record) for login, record in also)]:
        content, id_ = owned[login.casefold()], cast(int, fact["id"])
        content.facts[id_] = fact
        content.counters[id_] = read_counters(metric)
    return {key: Held(record, owned[key]) for key, record in records.items()}


def _only(fields: tuple[Field, ...], record: Record) -> Record:
    return {field.name: record[field.name] for field in fields}


def _records(store: sqlite3.Connection, table: str, fields: tuple[Field, ...]) -> Iterator[Record]:
    """The records that the rows of a table were made of, by the order of its first field."""
    names = [field.name for field in fields]
    read: dict[int, Callable[[Any], object]] = {
        place: bool if field.kind == "boolean" else orjson.loads
        for place, field in enumerate(fields)
        if field.kind in ("boolean", "topics")
    }
    rows = store.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {names[0]}")  # noqa: S608 - our own names
    for row in rows:
        values = list(row)
        for place, as_read in read.items():
            if values[place] is not None:
                values[place] = as_read(values[place])
        yield dict(zip(names, values, strict=True))


def _lives(store: sqlite3.Connection) -> Iterator[tuple[int, Life]]:
    for id_, organisation, full_name, fork, *dates in store.execute("SELECT * FROM lives"):
        yield id_, Life(organisation, full_name, bool(fork), *dates)
