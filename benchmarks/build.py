"""How long the database takes to build, against the least that SQLite needs for the same rows.

python -m benchmarks.build
"""

import contextlib
import multiprocessing
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.estate import REPOSITORIES, estate, healthy
from scraper.database import sql, tables
from scraper.dataset.store import load, save

ROUNDS = 3

Rows = dict[str, list[tuple[object, ...]]]


def main() -> None:
    """Print one table: wall and peak memory of each way, and their ratio to the bare one, measured in this run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unasked = estate(random.Random(1))
        save(folder / "data", unasked)
        save(folder / "healthy" / "data", healthy(unasked, random.Random(2)))
        ways = {
            "bare executemany": _bare,
            "pandas.to_sql": _to_sql,
            "oss-health build": _build,
            " of it, reading data/": _load,
            "the same, with health": _build_healthy,
        }
        in_own_process(_build, folder)  # the rows that the other two write
        # In turn, so that a machine that is slow for a moment is slow for all of them.
        rounds = [{way: in_own_process(function, folder) for way, function in ways.items()} for _ in range(ROUNDS)]
        measured = {way: [measured[way] for measured in rounds] for way in ways}
        size = (folder / "built.db").stat().st_size
    bare = statistics.median(wall for wall, _ in measured["bare executemany"])
    print(f"Database of {REPOSITORIES:,} repositories ({size / 1e6:.1f} MB), median of {ROUNDS}, without imports")
    print(f"{'way':<22}{'seconds':>10}{'ratio':>8}{'peak MB':>10}")
    for way, runs in measured.items():
        wall = statistics.median(wall for wall, _ in runs)
        peak = statistics.median(peak for _, peak in runs)
        print(f"{way:<22}{wall:>10.2f}{wall / bare:>8.1f}{peak:>10.0f}")


def _build(folder: Path) -> float:
    from scraper.database.build import build

    begin = time.perf_counter()
    build(folder / "data", folder / "built.db")
    return time.perf_counter() - begin


def _build_healthy(folder: Path) -> float:
    return _build(folder / "healthy")


def _load(folder: Path) -> float:
    begin = time.perf_counter()
    load(folder / "data")
    return time.perf_counter() - begin


def _bare(folder: Path) -> float:
    rows = _rows(folder)
    begin = time.perf_counter()
    with contextlib.closing(_empty(folder / "bare.db")) as connection, connection:
        for table, values in rows.items():
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
    return time.perf_counter() - begin


def _to_sql(folder: Path) -> float:
    import pandas as pd

    columns = {table.name: table.column_names for table in tables.TABLES}
    frames = {name: pd.DataFrame(rows, columns=columns[name], dtype=object) for name, rows in _rows(folder).items()}
    begin = time.perf_counter()
    with contextlib.closing(_empty(folder / "to_sql.db")) as connection, connection:
        for table, frame in frames.items():
            frame.to_sql(table, connection, if_exists="append", index=False)
    return time.perf_counter() - begin


def _rows(folder: Path) -> Rows:
    with contextlib.closing(sqlite3.connect(folder / "built.db")) as connection:
        every = {table.name: connection.execute(f"SELECT * FROM {table.name}").fetchall() for table in tables.TABLES}
    return {name: rows for name, rows in every.items() if rows}


def _empty(path: Path) -> sqlite3.Connection:
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    for table in tables.TABLES:
        connection.execute(sql.create(table))
    return connection


def in_own_process(way: Callable[[Path], float], folder: Path) -> tuple[float, float]:
    """Wall time in seconds, and peak memory in MB of a process that does nothing else."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (way, folder))


def _measured(way: Callable[[Path], float], folder: Path) -> tuple[float, float]:
    return way(folder), _peak() / 1e6


def _peak() -> int:
    """Peak memory in bytes. On Linux, getrusage() would begin with the peak of the parent process."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main()
