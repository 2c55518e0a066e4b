"""Explore in a real browser: Datasette answers in it, without a network, as on a server."""

import asyncio
import csv
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from scraper.dataset.layout import DATABASE_FILE
from scraper.model.accounts import Dataset
from scraper.serving.datasette_app import application
from scraper.site.explore import packages
from scraper.site.explore.build import explore, explore_address
from tests.helpers.built import built
from tests.helpers.examples import HOSTILE, make_account, repository
from tests.helpers.machine import METADATA, ROOT, WAIT, missing
from tests.helpers.static_files import serving

DESCRIBED = json.loads(METADATA.read_text(encoding="utf-8"))
QUERIES = DESCRIBED["databases"]["open-source-health"]["queries"]
DASHBOARD = DESCRIBED["plugins"]["datasette-dashboards"]["estate"]
AXE = ROOT / "tests/contracts/node_modules/axe-core/axe.min.js"
TITLE = DESCRIBED["title"]


def made(folder: Path, dataset: Dataset) -> Path:
    """A site with nothing but Explore, below a path as on GitHub Pages."""
    site = folder / "root" / "project"
    explore(built(folder, dataset), DESCRIBED, site)
    return site.parent


@pytest.fixture(scope="module")
def root(tmp_path_factory, invented, parts_folder) -> Path:
    return made(tmp_path_factory.mktemp("explore"), invented)


@pytest.fixture
def compiled_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compiled for the browser is the same for every site, and takes longest to make."""
    packed = (root / "project/explore/site-packages.zip").read_bytes()
    monkeypatch.setattr(packages, "compiled", lambda pyodide: packed)


class Opened(NamedTuple):
    page: Page
    address: str

    @property
    def frame(self) -> Frame:
        [frame] = [frame for frame in self.page.frames if frame.parent_frame]
        return frame

    def go(self, path: str) -> Frame:
        """Open an address as if typed, and wait until Datasette shows it."""
        self.page.goto(self.address + explore_address(path))
        return self.shown(path)

    def shown(self, path: str) -> Frame:
        self.page.locator("main[data-state=running]").wait_for(timeout=WAIT)
        self.frame.wait_for_url(f"{self.address}explore/app{path}", timeout=WAIT)
        self.page.wait_for_url(self.address + explore_address(path), timeout=WAIT)
        return self.frame

    def fetch(self, path: str) -> tuple[int, str]:
        """Datasette's answer, requested from one of its own pages."""
        base = f"{self.address}explore/app"
        ask = "address => fetch(address).then(async answer => [answer.status, await answer.text()])"
        status, text = self.frame.evaluate(ask, base + path)
        return status, text


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as context:
        context.set_default_timeout(WAIT)
        yield context


@pytest.fixture(scope="module")
def opened(root: Path, context: BrowserContext) -> Iterator[Opened]:
    """Explore once it has loaded: its server is gone, and nothing was requested from elsewhere."""
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("dialog", lambda dialog: (failures.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    with ExitStack() as server:
        address = server.enter_context(serving(root)) + "project/"
        opened = Opened(page, address)
        opened.go("/")
        server.close()
        yield opened
    assert failures == []
    assert [url for url in asked if not url.startswith((f"{address}explore/", "data:", "blob:"))] == []


def test_the_first_page_is_that_of_datasette_and_the_date_is_that_of_the_data(opened):
    frame = opened.go("/")
    expect(frame.locator("h1")).to_have_text(TITLE)
    expect(opened.page.locator("header")).to_contain_text("Data as of 2023-12-31 to 2024-01-31")
    expect(opened.page).to_have_title(f"{TITLE} - Explore - {TITLE}")


def test_facets_are_counted_and_narrow(opened):
    frame = opened.go("/open-source-health/repositories?_facet=created_year")
    frame.locator(".facet-info a", has_text="2021").first.click()
    frame = opened.shown("/open-source-health/repositories?_facet=created_year&created_year=2021")
    expect(frame.locator("table.rows-and-columns tbody tr")).to_have_count(1)


def test_the_search_box_finds(opened):
    frame = opened.go("/open-source-health/repositories")
    frame.locator("input[name=_search]").fill("lantern")
    frame.locator("input[name=_search]").press("Enter")
    expect(frame.locator("table.rows-and-columns tbody tr")).to_have_count(2)
    expect(opened.page).to_have_url(re.compile("_search=lantern"))


def on_a_server(root: Path, path: str) -> object:
    datasette = application(root.parent / "data" / DATABASE_FILE, METADATA)
    answer = asyncio.run(datasette.client.get(path))
    for database in [*datasette.databases.values(), datasette.get_database("_internal")]:
        database.close()
    return answer.json()


@pytest.mark.parametrize("query", QUERIES)
def test_canned_queries_answer_as_on_a_server(opened, root, query):
    opened.go("/")
    words = "?_shape=array&words=lantern" if query == "search" else "?_shape=array"
    path = f"/open-source-health/{query}.json{words}"
    status, text = opened.fetch(path)
    assert status == 200, text
    with ThreadPoolExecutor(1) as beside_playwright:
        assert json.loads(text) == beside_playwright.submit(on_a_server, root, path).result()


def test_the_dashboard_draws_and_filters(opened):
    frame = opened.go("/-/dashboards/estate")
    charts = [each for each in DASHBOARD["charts"].values() if each["library"] == "vega-lite"]
    expect(frame.locator(".dashboard-card svg.marks, .dashboard-card canvas.marks")).to_have_count(len(charts))
    frame.locator("select").first.select_option("Alder")
    frame.locator("form button, form input[type=submit]").first.click()
    opened.shown("/-/dashboards/estate?organisation=Alder")
    expect(frame.locator("body")).to_contain_text("Alder")


def test_no_search_is_an_error(opened):
    opened.go("/")
    assert opened.fetch("/open-source-health/repositories?_search=%22")[0] == 200


def test_a_csv_is_downloaded_and_the_page_stays(opened):
    frame = opened.go("/open-source-health/most_starred")
    with opened.page.expect_download(timeout=WAIT) as download:
        frame.locator("a", has_text="CSV").first.click()
    assert download.value.suggested_filename == "most_starred.csv"
    rows = csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines())
    assert [row["name"] for row in rows][:2] == ["hostile", "repository-1"]
    assert opened.page.url.endswith("#/open-source-health/most_starred")


def test_links_lead_on_and_the_back_button_back(opened):
    frame = opened.go("/open-source-health")
    frame.locator("a", has_text=re.compile("^licenses$|^Licen[cs]es$")).first.click()
    expect(opened.shown("/open-source-health/licenses").locator("h1")).to_contain_text("icen")
    opened.page.go_back()
    expect(opened.shown("/open-source-health").locator("form.sql")).to_be_visible()


def test_hostile_text_stays_text(opened):
    frame = opened.go("/open-source-health/repositories/6")
    expect(frame.locator("body")).to_contain_text("<script>alert('1')</script>")
    assert not any("alert('1')" in text for text in frame.locator("script").all_text_contents())
    assert frame.locator("a[href^='javascript:']").count() == 0


def test_a_link_to_elsewhere_opens_a_new_tab(opened):
    frame = opened.go("/open-source-health/repositories/6")
    link = frame.locator("a[href='https://github.com/somebody/hostile']").first
    link.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    link.click()
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")


def test_datasettes_pages_may_contact_nothing_else(opened):
    opened.go("/")
    refused = opened.frame.evaluate("fetch('http://127.0.0.1:9/').catch(error => error.name)")
    assert refused == "TypeError"
    policy = opened.frame.evaluate("fetch(location).then(answer => answer.headers.get('content-security-policy'))")
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy


def test_missing_things_are_reported(opened):
    opened.go("/")
    assert opened.fetch("/nothing")[0] == 404
    assert opened.fetch("/open-source-health/")[0] == 200  # redirected to the address without the slash


def test_an_address_cannot_lead_the_frame_out(opened):
    opened.page.goto(opened.address + "explore/#/../../elsewhere")
    assert opened.shown("/").url == f"{opened.address}explore/app/"


def test_a_direct_address_a_reload_and_a_new_deployment(browser, tmp_path, invented, compiled_once):
    root = made(tmp_path / "first", invented)
    with browser.new_context() as context, serving(root) as server:
        opened = Opened(context.new_page(), server + "project/")
        frame = opened.go("/open-source-health/repositories?language=R")
        expect(frame.locator("table.rows-and-columns tbody tr")).to_have_count(1)
        more = invented | {"fir": make_account("fir", repository(90, language="R"), id=13)}
        (root / "project").rename(tmp_path / "old")
        made(tmp_path / "second", more).joinpath("project").rename(root / "project")
        # Like a Datasette link opened in a new tab: the service worker leads to the page around it.
        opened.page.goto(opened.address + "explore/app/open-source-health/repositories?language=R")
        frame = opened.shown("/open-source-health/repositories?language=R")
        expect(frame.locator("table.rows-and-columns tbody tr")).to_have_count(2)


LACKING = {
    "service workers": "delete Navigator.prototype.serviceWorker",
    "unpacking of compressed data": "delete window.DecompressionStream",
    "refuses service workers": "ServiceWorkerContainer.prototype.register = async () => { throw new Error('no') }",
}


@pytest.mark.parametrize("what", LACKING)
def test_an_unsuitable_browser_says_why_and_where_else_to_find_the_data(browser, root, what):
    with browser.new_context() as context, serving(root) as server:
        context.add_init_script(LACKING[what])
        page = context.new_page()
        page.goto(server + "project/explore/")
        expect(page.locator("#reason")).to_contain_text(what)
        expect(page.locator("section.failed a")).to_have_attribute("href", "../")
        assert accessible(page) == []


def test_a_part_that_is_missing_on_the_server_is_named(browser, root, tmp_path):
    (tmp_path / "project").symlink_to(root / "project")
    with browser.new_context() as context, serving(tmp_path) as server:
        context.route("**/*.db.gz*", lambda route: route.fulfill(status=404))
        page = context.new_page()
        page.goto(server + "project/explore/")
        expect(page.locator("#reason")).to_contain_text("open-source-health.db.gz is missing")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_while_it_loads_it_is_accessible_and_fits_a_phone(browser, root, scheme):
    size = {"width": 360, "height": 740}
    with browser.new_context(color_scheme=scheme, viewport=size) as context, serving(root) as server:
        context.route("**/pyodide.asm.wasm", lambda route: None)  # never answered
        page = context.new_page()
        page.goto(server + "project/explore/")
        expect(page.locator("[role=status]")).to_have_text("Fetching Python and Datasette …")
        assert accessible(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_when_it_runs_its_page_is_accessible(opened):
    opened.go("/")
    assert accessible(opened.page) == []


def accessible(page: Page) -> list[str]:
    """What axe finds wrong with the page around Datasette; others maintain Datasette itself."""
    if not AXE.is_file():
        missing("axe-core is missing, which `make test` installs with npm")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ exclude: ['iframe'] })")
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]]


def test_the_address_of_a_page_is_below_explore():
    assert explore_address() == explore_address("/") == "explore/#/"
    assert explore_address("/open-source-health/growth?organisation=a") == (
        "explore/#/open-source-health/growth?organisation=a"
    )


def test_the_same_database_gives_the_same_bytes(root, tmp_path, parts_folder, compiled_once):
    explore(root.parent / "data" / DATABASE_FILE, DESCRIBED, tmp_path)
    written = sorted((tmp_path / "explore").iterdir())
    assert len(written) == 14
    for path in written:
        assert path.read_bytes() == (root / "project" / "explore" / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    ("login", "said"), [("alder", "Data as of <time>2024-01-31</time></p>"), ("dogwood", "No data yet")]
)
def test_the_page_says_the_dates_that_there_are(tmp_path, invented, login, said, compiled_once):
    page = made(tmp_path, {login: invented[login]}) / "project/explore/index.html"
    assert said in page.read_text(encoding="utf-8")


def test_a_title_is_text(root, tmp_path, compiled_once):
    explore(root.parent / "data" / DATABASE_FILE, DESCRIBED | {"title": HOSTILE}, tmp_path)
    page = (tmp_path / "explore/index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
