"""How long Explore takes in Chromium: to its first page, compared with Pyodide alone, and its pages with a server's.

    python -m benchmarks.explore

Everything comes from a server on this machine, so a first visit measures work rather than the network.
"""

import asyncio
import functools
import gzip
import http.server
import json
import random
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.estate import REPOSITORIES, estate
from scraper.database.build import build
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import save
from scraper.serving.datasette_app import application
from scraper.site.explore.build import explore

METADATA = Path(__file__).parents[1] / "metadata.json"
TABLE = f"/{Path(DATABASE_FILE).stem}/repositories"
PAGES = {
    "table with 5 facets": f"{TABLE}?_facet=created_year",
    "search": f"{TABLE}?_search=lantern+river",
    "JSON, 100 rows": f"{TABLE}.json?_nofacet=1&_size=100",
}
ROUNDS = 3
WAIT = 300_000
BARE = """<!DOCTYPE html><script type="module">
import { loadPyodide } from './pyodide.mjs';
await loadPyodide();
document.body.append('started');
</script>"""
ASK = """async address => {
    const begun = performance.now();
    const answer = await fetch(address);
    await answer.arrayBuffer();
    return answer.ok ? performance.now() - begun : NaN;
}"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Print two tables: the loading of the page, and the pages of Datasette."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(folder / "data", estate(random.Random(1)))
        build(folder / "data", folder / DATABASE_FILE)
        explore(folder / DATABASE_FILE, json.loads(METADATA.read_text(encoding="utf-8")), folder)
        (folder / "explore" / "bare.html").write_text(BARE, encoding="utf-8")
        on_server = asyncio.run(_on_a_server(folder / DATABASE_FILE))
        with http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(_Quiet, directory=folder / "explore")
        ) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            with sync_playwright() as playwright:
                chromium = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                _measure(browser, f"http://127.0.0.1:{server.server_port}/", _sizes(folder / "explore"), on_server)
                browser.close()
            server.shutdown()


def _sizes(folder: Path) -> tuple[float, float]:
    """Megabytes that a visit loads, and megabytes if the host compresses them."""
    files = [path.read_bytes() for path in folder.iterdir() if path.name != "bare.html"]
    return sum(map(len, files)) / 1e6, sum(min(len(file), len(gzip.compress(file))) for file in files) / 1e6


def _measure(browser: Browser, address: str, sizes: tuple[float, float], on_server: dict[str, float]) -> None:
    bare, cold, warm = [], [], []
    for _ in range(ROUNDS):  # in turn, so that a machine that is slow for a moment is slow for all of them
        with browser.new_context() as context:
            page = context.new_page()
            begin = time.perf_counter()
            page.goto(f"{address}bare.html")
            page.get_by_text("started").wait_for(timeout=WAIT)
            bare.append(time.perf_counter() - begin)
        with browser.new_context() as context:
            cold.append(_opened(context.new_page(), address))
            page = context.new_page()
            warm.append(_opened(page, address))
            asked = {what: _asked(page, f"{address}app{path}") for what, path in PAGES.items()}
    bound = statistics.median(bare)
    print(f"Explore over {REPOSITORIES:,} repositories, {sizes[0]:.1f} MB to load, {sizes[1]:.1f} MB gzipped")
    print(f"{'to the first page':<28}{'seconds':>10}{'ratio':>8}")
    for what, seconds in {"Pyodide alone, first visit": bare, "first visit": cold, "second visit": warm}.items():
        print(f"{what:<28}{statistics.median(seconds):>10.1f}{statistics.median(seconds) / bound:>8.1f}")
    print(f"{'page, milliseconds':<28}{'server':>10}{'Explore':>10}{'ratio':>8}")
    for what, milliseconds in asked.items():
        print(f"{what:<28}{on_server[what]:>10.0f}{milliseconds:>10.0f}{milliseconds / on_server[what]:>8.1f}")


def _opened(page: Page, address: str) -> float:
    """Seconds until Datasette shows its first page."""
    begin = time.perf_counter()
    page.goto(address)
    page.frame_locator("iframe").locator("h1").first.wait_for(timeout=WAIT)
    return time.perf_counter() - begin


def _asked(page: Page, address: str) -> float:
    """Median milliseconds of a page that was requested before."""
    [frame] = [frame for frame in page.frames if frame.parent_frame]
    return statistics.median([frame.evaluate(ASK, address) for _ in range(ROUNDS + 1)][1:])


async def _on_a_server(database: Path) -> dict[str, float]:
    """The same of Datasette in this process."""
    datasette = application(database, METADATA)
    measured = {}
    for what, path in PAGES.items():
        taken = []
        for _ in range(ROUNDS + 1):
            begin = time.perf_counter()
            answer = await datasette.client.get(path)
            assert answer.status_code == 200, answer.text
            taken.append(1000 * (time.perf_counter() - begin))
        measured[what] = statistics.median(taken[1:])
    for each in [*datasette.databases.values(), datasette.get_database("_internal")]:
        each.close()
    return measured


if __name__ == "__main__":
    main()
