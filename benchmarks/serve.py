"""How long Datasette takes for the most visited pages, compared with the bare SQL of the same pages.

    python -m benchmarks.serve

The bound is what every page needs: its rows, count and facets, directly from SQLite.
"""

import asyncio
import contextlib
import random
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from datasette.app import Datasette

from benchmarks.estate import REPOSITORIES, estate
from scraper.database.build import build
from scraper.database.tables import TABLES
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import save
from scraper.serving.datasette_app import application

CHECKOUT = Path(__file__).parents[1]
DATABASE = f"/{Path(DATABASE_FILE).stem}"
ROUNDS = 15
FACETS = ("organisation", "language", "license", "archived")


def _table(where: str = "1", order: str = "stargazers_count DESC, id", limit: int = 51) -> list[str]:
    return [
        f"SELECT * FROM repositories WHERE {where} ORDER BY {order} LIMIT {limit}",
        f"SELECT count(*) FROM repositories WHERE {where}",
    ]


def _facets(where: str = "1") -> list[str]:
    return [
        f"SELECT {name}, count(*) AS n FROM repositories WHERE {where} GROUP BY 1 ORDER BY n DESC, 1 LIMIT 13"
        for name in FACETS
    ]


ONE = "organisation = 'organisation-7'"
FOUND = 'id IN (SELECT rowid FROM repositories_fts WHERE repositories_fts MATCH \'"lantern" "river"\')'
PAGES = {
    "home": ("/", [f"SELECT count(*) FROM {table.name}" for table in TABLES]),
    "table with 4 facets": (f"{DATABASE}/repositories", _table() + _facets()),
    "filtered by organisation": (f"{DATABASE}/repositories?organisation=organisation-7", _table(ONE) + _facets(ONE)),
    "search": (f"{DATABASE}/repositories?_search=lantern+river", _table(FOUND) + _facets(FOUND)),
    "canned query": (f"{DATABASE}/growth_of_all", [""]),
    "JSON, 100 rows": (f"{DATABASE}/repositories.json?_nofacet=1&_size=100", _table(limit=101)),
}


def main() -> None:
    """Print one table: the median and slowest milliseconds of each page, and the ratio to the bare SQL."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(folder / "data", estate(random.Random(1)))
        build(folder / "data", folder / DATABASE_FILE)
        datasette = application(folder / DATABASE_FILE, CHECKOUT / "metadata.json")
        queries = datasette.metadata("databases")[DATABASE.strip("/")]["queries"]
        with contextlib.closing(sqlite3.connect(folder / DATABASE_FILE)) as connection:
            print(f"Datasette over {REPOSITORIES:,} repositories, one visitor, median of {ROUNDS}, in milliseconds")
            print(f"{'page':<28}{'bare SQL':>10}{'median':>10}{'slowest':>10}{'ratio':>8}")
            for page, (path, statements) in PAGES.items():
                sql = [statement or queries["growth_of_all"]["sql"] for statement in statements]
                asyncio.run(_visit(datasette, path))
                # In turn, so that a machine that is slow for a moment is slow for both.
                rounds = [(_bare(connection, sql), asyncio.run(_visit(datasette, path))) for _ in range(ROUNDS)]
                bare, visits = (sorted(1000 * each for each in way) for way in zip(*rounds, strict=True))
                median, bound = statistics.median(visits), statistics.median(bare)
                print(f"{page:<28}{bound:>10.1f}{median:>10.1f}{visits[-1]:>10.1f}{median / bound:>8.1f}")
        for database in [*datasette.databases.values(), datasette.get_database("_internal")]:
            database.close()


def _bare(connection: sqlite3.Connection, statements: list[str]) -> float:
    begin = time.perf_counter()
    for statement in statements:
        connection.execute(statement).fetchall()
    return time.perf_counter() - begin


async def _visit(datasette: Datasette, path: str) -> float:
    begin = time.perf_counter()
    response = await datasette.client.get(path)
    taken = time.perf_counter() - begin
    assert response.status_code == 200, response.text
    return taken


if __name__ == "__main__":
    main()
