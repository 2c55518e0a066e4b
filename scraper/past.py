"""What happened before now: carried forward from a database that knows it, or replayed from git.

Git is the truth, and both ways give the same: a database is believed only if it was made of the last commit and,
where git has them, of the commits before.
"""

import contextlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from scraper import commits, provenance, schema, sql
from scraper.commits import Checkout
from scraper.dataset import Dataset
from scraper.errors import ShallowClone
from scraper.history import Content, Held, Life, Row, State, contents, read_counters
from scraper.provenance import Provenance
from scraper.records import METRICS, ORGANISATION, REPOSITORY, UNKNOWN, Field, Record
from scraper.replay import Progress, replay
from scraper.sql import Table

NO_PAST = "There is no git repository with this dataset, so the database begins with what is there now."
SHALLOW = (
    "The history of the dataset cannot be told from this shallow clone: {why}."
    " Clone all of it: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout."
)


@dataclass(frozen=True)
class Past:
    """The state that was observed last, the rows of history up to it, and what a database of both is made of."""

    state: State
    provenance: Provenance
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

    It is carried forward from `database` or from the one that is committed, unless `from_git`. Raises ShallowClone if
    there is none to carry forward and this is one.
    """
    checkout = commits.find(data, onto)
    if checkout is None:
        notify(NO_PAST)
        yield Past(State(), Provenance())
        return
    files, last = provenance.of_folder(checkout), commits.last(checkout)
    if last is None:
        yield Past(State(), Provenance(files))
        return
    line = [] if checkout.shallow else commits.states(checkout)
    committed = Provenance(provenance.of_commit(checkout, last), provenance.following(line[:-1]))
    news = [] if files == committed.files else [last]
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for candidate in () if from_git else _candidates(checkout, database, folder):
            store = stack.enter_context(contextlib.closing(_opened(candidate)))
            if (known := _provenance(store)) is None or known.files != committed.files:
                continue
            if (checkout.shallow or known == committed) and (state := _state(store)):
                yield Past(state, Provenance(files, provenance.following(news, known.past)), store)
                return
        if checkout.shallow:
            why = "a replay needs every commit" if from_git else "no database was found that is of the last commit"
            raise ShallowClone(SHALLOW.format(why=why))
        store = stack.enter_context(contextlib.closing(sqlite3.connect(folder / "replay.db")))
        for pragma in ("journal_mode = off", "synchronous = off"):
            store.execute(f"PRAGMA {pragma}")
        state = replay(checkout, line, store, notify, progress)
        yield Past(state, Provenance(files, provenance.following(news, committed.past)), store)


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


def _candidates(checkout: Checkout, database: Path, folder: Path) -> Iterator[Path]:
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
        elif number == 0 and database.is_file():
            yield database


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _provenance(store: sqlite3.Connection) -> Provenance | None:
    """What a database was made of; None if it is damaged, or of another schema."""
    try:
        tables = dict(store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        same = all(tables.get(table.name) == sql.create(table) for table in schema.TABLES)
        [[version]], [[check]] = (
            store.execute(f"PRAGMA {name}").fetchall() for name in ("user_version", "quick_check(1)")
        )
        if not same or version != schema.VERSION or check != "ok":
            return None
        [row] = store.execute("SELECT files, past FROM provenance")
        return Provenance(*row)
    except (sqlite3.Error, ValueError):
        return None


def _state(store: sqlite3.Connection) -> State | None:
    """The state that a database holds; None if it is not what `database` wrote."""
    try:
        [[observed_at, events]] = store.execute(
            "SELECT (SELECT max(observed_at) FROM observations), (SELECT coalesce(max(id), 0) FROM events)"
        )
        return State(_accounts(store), dict(_lives(store)), observed_at, events)
    except (sqlite3.Error, ValueError, TypeError, KeyError):
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
    return {field.name: record.get(field.name, UNKNOWN) for field in fields}


def _records(store: sqlite3.Connection, table: str, fields: tuple[Field, ...]) -> Iterator[Record]:
    """The records that the rows of a table were made of, by the order of its first field."""
    names = [field.name for field in fields]
    unknown = "unknown_fields" if table == schema.REPOSITORIES.name else "NULL"
    read: dict[int, Callable[[Any], object]] = {
        place: bool if field.kind == "boolean" else orjson.loads
        for place, field in enumerate(fields)
        if field.kind in ("boolean", "topics")
    }
    rows = store.execute(f"SELECT {unknown}, {', '.join(names)} FROM {table} ORDER BY {names[0]}")  # noqa: S608
    for unknown_fields, *values in rows:
        for place, as_read in read.items():
            if values[place] is not None:
                values[place] = as_read(values[place])
        record: Record = dict(zip(names, values, strict=True))
        for name in orjson.loads(unknown_fields) if unknown_fields else ():
            if name in record:
                record[name] = UNKNOWN
        yield record


def _lives(store: sqlite3.Connection) -> Iterator[tuple[int, Life]]:
    for id_, organisation, full_name, fork, *dates in store.execute("SELECT * FROM lives"):
        yield id_, Life(organisation, full_name, bool(fork), *dates)
