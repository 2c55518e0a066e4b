"""What the tests of the site share: npm packages if available, sites, and a web server like that of a host."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from sqlite3 import Connection
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from scraper.database.metadata import default_metadata
from scraper.errors import OssHealthError
from scraper.model.accounts import Dataset
from scraper.site import pictures
from scraper.site.build import build
from scraper.site.configuration import read_configuration
from scraper.site.npm import cache, charts_script, pyodide
from tests.helpers.built import built
from tests.helpers.examples import EXCEPTIONS, lively
from tests.helpers.machine import WAIT, missing
from tests.helpers.static_files import serving


@pytest.fixture
def npm() -> None:
    if shutil.which("npm") is None:
        missing("npm is missing")


@pytest.fixture(scope="session")
def parts_folder() -> Path:
    """The cache with what `make` fetched from npm."""
    try:
        charts_script()
        pyodide()
        return cache()
    except OssHealthError as error:
        return missing(f"the npm packages of the site are missing ({error})")


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that judges a page."""
    return _of_npm("axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def html_validate() -> Callable[[Path], str]:
    """What html-validate says about the pages in a folder; empty if it finds no fault."""
    _of_npm("html-validate/package.json")
    script = Path(__file__).parents[1] / "contracts" / "validate.mjs"

    def judge(folder: Path) -> str:
        done = subprocess.run(["node", script, folder], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return judge


def _of_npm(name: str) -> Path:
    path = Path(__file__).parents[1] / "contracts" / "node_modules" / name
    if not path.is_file():
        missing(f"{name.partition('/')[0]} (npm) is missing")
    return path


@pytest.fixture(scope="session")
def draw_once() -> Callable[..., dict[str, bytes]]:
    """Draw the pictures of one site for all: they take three quarters of a build, and have tests of their own."""
    draw, drawn = pictures.pictures, dict[str, bytes]()

    def draw_once(connection: Connection, metadata: dict[str, Any]) -> dict[str, bytes]:
        drawn.update(drawn or draw(connection, metadata))
        return drawn

    return draw_once


@pytest.fixture
def pictures_of_another_site(draw_once, monkeypatch) -> None:
    monkeypatch.setattr(pictures, "pictures", draw_once)


@pytest.fixture(scope="session")
def make_site(parts_folder, tmp_path_factory, draw_once) -> Iterator[Callable[..., tuple[Path, str]]]:
    """The folder and address of a site of these states of a dataset, without Explore."""
    with ExitStack() as stack:

        def make(
            *states: Dataset, file: Path | None = None, exceptions: str | None = None, drawn: bool = False
        ) -> tuple[Path, str]:
            folder = tmp_path_factory.mktemp("site")
            file = file or built(folder / "repository", *states, exceptions=exceptions)
            address = stack.enter_context(serving(folder))
            configuration, metadata = read_configuration(None, default_metadata(), f"{address}public/")
            with pytest.MonkeyPatch.context() as patch:
                if not drawn:
                    patch.setattr(pictures, "pictures", draw_once)
                build(file, configuration, metadata, folder / "public", with_explore=False)
            return folder / "public", f"{address}public/"

        yield make


@pytest.fixture(scope="session")
def lively_site(make_site) -> tuple[Path, str]:
    return make_site(*lively(), exceptions=EXCEPTIONS, drawn=True)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, and checks at the end that nothing failed in them and nothing was requested from elsewhere."""
    opened, troubles, asked = [], [], []

    def visit(address: str, **options: object) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: said.type in ("error", "warning") and troubles.append(said.text))
        page.on("dialog", lambda dialog: troubles.append(dialog.message) or dialog.dismiss())
        page.on("request", lambda request: asked.append((address, request.url)))
        page.goto(address)
        opened.append(context)
        return page

    yield visit
    for context in opened:
        context.close()
    assert troubles == []
    assert [url for address, url in asked if urlsplit(url).netloc != urlsplit(address).netloc] == []


def drawn(page: Page) -> Page:
    """The page with all its charts."""
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_attribute("data-drawn", "")
    return page
