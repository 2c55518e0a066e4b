"""Build the dataset's SQLite database: the same data/, git history and files beside it give the same bytes.

Import this module late: sqlite-utils and pandas take a second, and only building needs them.
"""

import contextlib
import dataclasses
import gc
import itertools
import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from scraper import clock
from scraper.database import closures, sql
from scraper.database.checks import check_rows, doubts
from scraper.database.earlier import earlier_rows
from scraper.database.history import Deepen, by_table, is_up_to_date, load_history
from scraper.database.history_tables import HISTORY, KNOWN_REPOSITORIES, PROVENANCE
from scraper.database.rows import current_rows, duplicate_listings, joined_repositories
from scraper.database.sqlite_file import create_empty, open_readonly
from scraper.database.tables import SEARCHED, TABLES, VERSION
from scraper.database.views import VIEWS
from scraper.dataset import atomic, earlier, exceptions
from scraper.dataset.layout import beside
from scraper.dataset.store import load
from scraper.errors import DatasetError
from scraper.history import fold
from scraper.history.fold import Timeline
from scraper.history.replay import Progress
from scraper.history.rows import Row, Rows
from scraper.model.accounts import Dataset
from scraper.spacing import spaced
from scraper.text import count
from scraper.threshold import DEFAULT, Threshold

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Summary:
    """What a database contains; `duplicates` are repositories that two organisations list, by the full name kept.

    `observations_before` is the number in the database that was replaced.
    """

    organisations: int
    observed: int
    repositories: int
    open_repositories: int
    duplicates: tuple[str, ...]
    observations: int = 0
    observations_before: int = 0

    @property
    def loss(self) -> str | None:
        """A warning, if the database that was replaced had more observations."""
        if self.observations >= self.observations_before:
            return None
        return (
            f"The database has {count(self.observations, 'observation')}, and the one that it replaces had"
            f" {self.observations_before:,}: the commits of the dataset contain no more. If they were rewritten or"
            " reverted, that is right. If the folder was renamed together with other changes, rename it in a"
            " separate commit."
        )

    def __str__(self) -> str:
        found = (
            f"{count(self.repositories, 'repository')} ({self.open_repositories:,} without forks);"
            f" {self.observed} of {count(self.organisations, 'listed organisation')} observed"
        )
        if not self.duplicates:
            return f"{found}."
        names = ", ".join(self.duplicates)
        return f"{found}; listed by two organisations and assigned to the one observed last: {names}."


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Collect no garbage: everything made here is kept to the end, and looking took a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@_without_collector()
def build(
    data: Path,
    database: Path,
    *,
    from_git: bool = False,
    threshold: Threshold = DEFAULT,
    counted_before: Path | None = None,
    onto: str | None = None,
    deepen: Deepen | None = None,
    progress: Progress = lambda done, total: None,
) -> Summary:
    """Build the file `database` from the dataset in the folder `data` and its history in git.

    The history ends with the commit `onto`, or the last one. It is replayed or, in a shallow clone and without
    `from_git`, carried forward from the committed database; both give the same. `deepen` fetches missing commits.
    What others counted is read from the folder `counted_before`, or from the one beside `data`, and the exceptions
    from checks from beside that. A loss that reaches the `threshold` is a closure.
    Raises DatasetError if something cannot be used; an existing `database` then stays as it is.
    """
    dataset = load(data)
    if not dataset:
        raise DatasetError(f"There is no dataset in {data}: run `oss-health scrape`, or name another folder.")
    counted_before = counted_before or beside(data, earlier.FOLDER)
    others = earlier.load(counted_before)
    logins = {str(account.record["login"]) for account in dataset.values()}
    if misspelt := earlier.unlisted(others, logins | dataset.keys()):
        logger.warning(misspelt)
    excepted = exceptions.load(counted_before.with_name(exceptions.FILE))
    checked = check_rows(dataset, excepted)
    for doubt in doubts(dataset, excepted):
        logger.warning(doubt)
    repositories, duplicates = joined_repositories(dataset), duplicate_listings(dataset)
    try:
        if database.is_dir():
            raise DatasetError(f"{database} is a folder: name a file for the database.")
        if _is_foreign(database):
            raise DatasetError(f"{database} belongs to another program: name another file.")
        database.parent.mkdir(parents=True, exist_ok=True)
        observations_before = _observations(database)
        with (
            atomic.lock(database.parent),
            _replaced(database) as staged,
            load_history(data, database, from_git=from_git, onto=onto, deepen=deepen, progress=progress) as past,
        ):
            state = past.state
            added = by_table(_observe(state, dataset))
            rows = current_rows(dataset, repositories, duplicates)
            for table in HISTORY:
                rows[table.name] = itertools.chain(past.rows(table), added.get(table.name, ()))
            rows[KNOWN_REPOSITORIES.name] = ((id_, *life) for id_, life in sorted(state.lifetimes.items()))
            rows[PROVENANCE.name] = [(past.files,)]
            rows |= earlier_rows(others, threshold) | checked
            _write(staged, rows, VERSION if is_up_to_date(state, dataset) else 0, threshold)
    except sqlite3.IntegrityError as error:
        # By construction, everything else is unique and refers to existing rows.
        raise DatasetError(
            f"Two organisations in {data} are the same account, because they have the same id: list only"
            f" one ({error})."
        ) from error
    except (OSError, sqlite3.Error) as error:
        path, reason = getattr(error, "filename", None) or database, getattr(error, "strerror", None) or error
        raise DatasetError(f"Cannot write {path}: {reason}.") from error
    names = {repository["id"]: str(repository["full_name"]) for repository in repositories}
    summary = Summary(
        organisations=len(dataset),
        observed=sum(account.record["observed_at"] is not None for account in dataset.values()),
        repositories=len(repositories),
        open_repositories=sum(not repository["fork"] for repository in repositories),
        duplicates=tuple(sorted({names[row["repository_id"]] for row in duplicates})),
        observations=_observations(database),
        observations_before=observations_before,
    )
    if summary.loss:
        logger.warning(summary.loss)
    return summary


def _observations(path: Path) -> int:
    """How many observations the database at `path` has; 0 if this program did not build it."""
    if path.is_file():
        with contextlib.suppress(sqlite3.Error), contextlib.closing(open_readonly(path)) as connection:
            [[number]] = connection.execute("SELECT count(*) FROM observations").fetchall()
            return int(number)
    return 0


def _is_foreign(path: Path) -> bool:
    """Whether `database` is a readable database that build() did not make; a broken one may be replaced."""
    if not path.is_file():
        return False
    with contextlib.suppress(sqlite3.Error), contextlib.closing(open_readonly(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return bool(tables) and not {"organisations", "repositories"} <= tables
    return False


@contextlib.contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """A path for a new file, which replaces the one at `path` unless something fails."""
    staged = atomic.staging_path(path)
    staged.unlink(missing_ok=True)
    create_empty(staged)
    try:
        yield staged
        with staged.open("rb") as file:
            os.fsync(file.fileno())
        staged.replace(path)
    finally:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)


def _observe(state: Timeline, dataset: Dataset) -> Rows:
    records = {key: account.record for key, account in dataset.items()}
    limit = clock.latest_credible(clock.now())
    return state.observe(records, fold.contents(dataset)) if state.is_before(records, limit) else Rows()


def _index_for_search(connection: sqlite3.Connection) -> None:
    """Fill the full-text index, which does not repeat the text: results are read from `repositories`."""
    columns = ", ".join(SEARCHED)
    values = ", ".join(f"spaced({name})" for name in SEARCHED)
    connection.create_function("spaced", 1, spaced, deterministic=True)
    connection.executescript(f"""
        CREATE VIRTUAL TABLE [repositories_fts] USING FTS5
            ({columns}, tokenize='porter unicode61', content=[repositories]);
        INSERT INTO repositories_fts (rowid, {columns}) SELECT id, {values} FROM repositories ORDER BY id;
        INSERT INTO repositories_fts (repositories_fts) VALUES ('optimize');
    """)  # noqa: S608 - our own names


def _write(path: Path, rows: dict[str, Iterable[Row]], version: int, threshold: Threshold) -> None:
    """Write a new database at `path`, without a journal or sync: nobody sees the file until it is complete."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        database = Database(connection, execute_plugins=False)
        for pragma in ("page_size = 4096", "journal_mode = off", "synchronous = off", f"user_version = {version}"):
            connection.execute(f"PRAGMA {pragma}")
        with database.atomic():
            for table in TABLES:
                connection.execute(sql.create(table))
                # Not insert_all(), which examines every value for JSON and takes twice as long.
                sql.insert(connection, table, rows.get(table.name, ()))
                for column in table.indexes:
                    database.table(table.name).create_index([column])
            sql.insert(connection, closures.CLOSURES, closures.closures(connection, threshold))
            sql.insert(connection, closures.CLOSURE_THRESHOLD, [dataclasses.astuple(threshold)])
            for view in VIEWS:
                connection.execute(sql.create_view(view))
        _index_for_search(connection)
        database.analyze()
