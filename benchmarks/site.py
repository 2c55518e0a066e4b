"""How long the site takes to build and to show, for 24,500 repositories of 186 organisations, without Explore.

python -m benchmarks.site

The bound is what every site with these files must do: read every row of the database once, and write the same bytes
to as many files.
"""

import contextlib
import functools
import random
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.build import ROUNDS, in_own_process
from benchmarks.estate import ORGANISATIONS, REPOSITORIES, estate
from scraper.database import tables
from scraper.dataset import layout
from scraper.dataset.store import save

FIRST = ("index.html", "static/site.css", "static/tables.js", "static/charts.js")
PAINTED = """() => new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries()[0].startTime))
    .observe({type: "paint", buffered: true}))"""
DRAWN = "() => document.querySelector('.chart').dataset.drawn === undefined ? null : performance.now()"


def main() -> None:
    """Print what building costs compared with the bound, how large the first page is, and when Chromium shows it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(folder / "data", estate(random.Random(1)))
        in_own_process(_database, folder)
        ways = {"bound: read and write": _bound, "oss-health site": _site, " of it, the pages": _pages}
        in_own_process(_site, folder)  # the files that the bound writes
        rounds = [{way: in_own_process(function, folder) for way, function in ways.items()} for _ in range(ROUNDS)]
        measured = {way: [each[way] for each in rounds] for way in ways}
        files = [path for path in (folder / "public").rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        print(f"Site of {REPOSITORIES:,} repositories of {ORGANISATIONS} organisations: {len(files):,} files,")
        print(f"{size / 1e6:.1f} MB with all downloads, median of {ROUNDS}, without imports and without Explore")
        print(f"{'way':<26}{'seconds':>10}{'ratio':>8}{'peak MB':>10}")
        bound = statistics.median(wall for wall, _ in measured["bound: read and write"])
        for way, runs in measured.items():
            wall, peak = (statistics.median(values) for values in zip(*runs, strict=True))
            print(f"{way:<26}{wall:>10.2f}{wall / bound:>8.1f}{peak:>10.0f}")
        weight = sum((folder / "public" / each).stat().st_size for each in FIRST) / 1000
        print(f"First page before charts: {weight:.0f} KB, not compressed")
        _show(folder / "public")


def _database(folder: Path) -> float:
    from scraper.database.build import build

    build(folder / "data", folder / layout.DATABASE_FILE)
    return 0


def _site(folder: Path) -> float:
    from scraper.database.metadata import default_metadata
    from scraper.site import pictures  # noqa: F401 - its import is not what is measured
    from scraper.site.build import build
    from scraper.site.configuration import read_configuration

    configuration, metadata = read_configuration(None, default_metadata(), "https://example.org/")
    begin = time.perf_counter()
    build(folder / layout.DATABASE_FILE, configuration, metadata, folder / "public", with_explore=False)
    return time.perf_counter() - begin


def _pages(folder: Path) -> float:
    from scraper.database.metadata import default_metadata
    from scraper.site import exports, pages, queries
    from scraper.site.configuration import read_configuration
    from scraper.site.exports import downloads

    configuration, _ = read_configuration(None, default_metadata(), "https://example.org/")
    with contextlib.closing(queries.connect(folder / layout.DATABASE_FILE)) as connection:
        offered = exports.offers({**downloads(connection), **exports.as_json(connection)}, 0)
        begin = time.perf_counter()
        pages.pages(connection, configuration, explore=None, pictures=(), downloads=offered)
        return time.perf_counter() - begin


def _bound(folder: Path) -> float:
    contents = {path.relative_to(folder / "public"): path.read_bytes() for path in (folder / "public").rglob("*.*")
                if path.is_file()}  # fmt: skip
    shutil.rmtree(folder / "bound", ignore_errors=True)
    begin = time.perf_counter()
    with contextlib.closing(sqlite3.connect(folder / layout.DATABASE_FILE)) as connection:
        for table in tables.TABLES:
            connection.execute(f"SELECT * FROM {table.name}").fetchall()
    for path, content in contents.items():
        target = folder / "bound" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return time.perf_counter() - begin


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def _show(folder: Path) -> None:
    """Print when the first page appears, each time in a new profile, on a screen that shows the chart."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        print("Chromium is missing, so the time to the first page was not measured.")
        return
    times = []
    with _served(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        for _ in range(ROUNDS + 2):
            page = browser.new_page(viewport={"width": 1440, "height": 1400})
            page.goto(address)
            drawn = page.wait_for_function(DRAWN, timeout=120_000).json_value()
            times.append((page.evaluate(PAINTED), drawn))
            page.close()
        browser.close()
    text, charts = (statistics.median(values) / 1000 for values in zip(*times, strict=True))
    print(f"In Chromium, without cache: text after {text:.2f} s, charts drawn after {charts:.2f} s")


if __name__ == "__main__":
    main()
