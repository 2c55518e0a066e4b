"""The dashboards of metadata.json: queries are right, and in a browser charts appear and the filter works."""

import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from datasette_dashboards import replace_opts_in_query
from playwright.sync_api import Browser, Page

from scraper.model.accounts import Dataset
from scraper.serving.datasette_app import SETTINGS
from tests.helpers import health_by_hand
from tests.helpers.built import built
from tests.helpers.examples import HOSTILE, make_account, repository
from tests.helpers.machine import METADATA, WAIT
from tests.helpers.running import program

DASHBOARDS = json.loads(METADATA.read_text(encoding="utf-8"))["plugins"]["datasette-dashboards"]
ESTATE = DASHBOARDS["estate"]
EVERY = {name: chart for dashboard in DASHBOARDS.values() for name, chart in dashboard["charts"].items()}
CHARTS = {name: chart for name, chart in EVERY.items() if chart["library"] == "vega-lite"}
FIGURES = {name: chart for name, chart in EVERY.items() if chart["library"] == "metric"}


@pytest.fixture(scope="module")
def dataset(invented: Dataset) -> Dataset:
    hostile = repository(90, language=HOSTILE, license=HOSTILE, name="odd", stargazers_count=1200)
    return invented | {"fir": make_account("fir", hostile, id=13, name=HOSTILE)}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Path:
    return built(tmp_path_factory.mktemp("dashboards"), dataset)


def rows(database: Path, chart: dict[str, str], **options: str) -> list[dict[str, object]]:
    """What the plugin would ask for this chart with these filters."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        query = replace_opts_in_query(chart["query"], options)
        return [dict(row) for row in connection.execute(query, options)]


def open_repositories(dataset: Dataset) -> list[dict[str, object]]:
    return [each for account in dataset.values() for each in account.repositories if not each["fork"]]


@pytest.mark.parametrize("options", [{}, {"organisation": "ALDER"}, {"organisation": HOSTILE}], ids=str)
@pytest.mark.parametrize("name", EVERY)
def test_each_query_gives_what_its_chart_reads(database, name, options):
    chart = EVERY[name]
    answer = rows(database, chart, **options)
    assert len(answer) <= SETTINGS["max_returned_rows"]
    if name in FIGURES:
        [figure] = answer
        assert set(figure) == {chart["display"]["field"]}
    else:
        assert read_by(chart["display"]) <= set(answer[0])
        assert HOSTILE not in options.values() or not any(
            row.get(counted) for row in answer for counted in ("open_repositories", "repositories", "known")
        )


def read_by(display: object) -> set[str]:
    """The fields that a specification names, at any depth."""
    if isinstance(display, dict):
        own = {display["field"]} if isinstance(display.get("field"), str) else set()
        return own.union(*map(read_by, display.values()))
    return set().union(*map(read_by, display)) if isinstance(display, list) else set()


def test_charts_ask_for_no_filter_that_the_dashboard_lacks():
    for dashboard in DASHBOARDS.values():
        charts = dashboard["charts"].values()
        named = {name for chart in charts for name in re.findall(r":([a-z_]+)", chart["query"])}
        assert named == set(dashboard["filters"])


def test_charts_count_every_open_repository_once(database, dataset):
    everything = len(open_repositories(dataset))
    assert rows(database, ESTATE["charts"]["open_repositories"]) == [{"figure": str(everything)}]
    for name in ("languages", "licences"):
        assert sum(row["open_repositories"] for row in rows(database, CHARTS[name])) == everything
    for name, when in (("growth", "date"), ("languages_through_time", "year")):
        answer = rows(database, CHARTS[name])
        last = max(row[when] for row in answer)
        assert sum(row["open_repositories"] for row in answer if row[when] == last) == everything
    assert sum(row["created"] for row in rows(database, CHARTS["created_per_year"])) == everything


@pytest.mark.parametrize("options", [{}, {"organisation": "BIRCH"}], ids=str)
def test_charts_of_checks_say_what_was_counted(tmp_path, options):
    states = health_by_hand.life(seed=4)
    exceptions = {"exceptions": [each._asdict() for each in health_by_hand.exceptions()]}
    database = built(tmp_path, *states, exceptions=json.dumps(exceptions))
    last = health_by_hand.checks_of_each_organisation(states, **options)
    results = {"passed": "passed", "failed": "failed", "excepted": "excepted", "unknown": "unknown"}
    for row in rows(database, CHARTS["checks"], **options):
        expected = [each[results[row["result"]]] for each in last if each["check_title"] == row["check_title"]]
        assert row["repositories"] == sum(expected)
    found = rows(database, CHARTS["checks_over_time"], **options)
    assert {row["date"][:7] for row in found} == {f"2021-0{month}" for month in range(1, 7)}
    for row in found:
        state = states[int(row["date"][5:7]) - 1]
        said = health_by_hand.regardless_of_exceptions(state, row["check_title"], **options)
        assert (row["passed"], row["known"]) == (said.count(True), said.count(True) + said.count(False))


def test_charts_of_many_organisations_stay_within_what_datasette_returns(tmp_path):
    months = [f"{year}-{month:02}-07T10:00:00Z" for year in range(2008, 2027) for month in range(1, 13)]
    accounts = [
        make_account(
            f"org-{number}", repository(number + 1, created_at=created, language=f"L{number % 40}"), id=number
        )
        for number, created in enumerate(months)
    ]
    database = built(tmp_path, {account.listed_login: account for account in accounts})
    for chart in CHARTS.values():
        assert 0 < len(rows(database, chart)) <= SETTINGS["max_returned_rows"]
    bands = {row["organisation"] for row in rows(database, CHARTS["growth"])}
    assert len(bands) == 10
    assert "all others" in bands


def test_nothing_that_datasette_dashboards_puts_into_the_page_as_html_is_a_strangers_text(database):
    assert {chart["library"] for chart in EVERY.values()} == {"vega-lite", "metric"}
    for figure in FIGURES.values():
        [row] = rows(database, figure)
        assert re.fullmatch(r"[0-9,]+%?|-", str(row["figure"]))


@pytest.fixture(scope="module")
def address(database: Path) -> Iterator[str]:
    command = [Path(sys.executable).with_name("oss-health"), "serve", "--port", "0"]
    command += ["--database", database, "--metadata", METADATA]
    with program(command) as process:
        assert process.stdout
        yield next(word for word in process.stdout.readline().split() if word.startswith("http")).rstrip(".")


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page on which every console message, every dialog and every request to another place is a failure."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(WAIT)
    amiss: list[str] = []
    page.on("console", lambda message: amiss.append(message.text))
    page.on("pageerror", lambda error: amiss.append(str(error)))
    page.on("dialog", lambda dialog: (amiss.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: amiss.append(request.url) if not request.url.startswith(ours) else None)
    ours = (address, "data:text/css,")
    yield page
    page.close()
    assert amiss == []


def drawn(page: Page, name: str) -> str:
    """The text of a chart, once it is drawn."""
    chart = page.locator(f"#chart-{name} svg.marks")
    chart.wait_for()
    return chart.text_content() or ""


@pytest.mark.parametrize("width", [1200, 360])
def test_every_chart_draws_within_the_page(page, address, dataset, width):
    page.set_viewport_size({"width": width, "height": 900})
    for dashboard in ("health", "estate"):
        page.goto(f"{address}/-/dashboards/{dashboard}")
        for name in DASHBOARDS[dashboard]["charts"].keys() & CHARTS.keys():
            assert drawn(page, name)
            assert page.locator(f"#chart-{name} svg.marks path[d]").count() > 3
        for name in DASHBOARDS[dashboard]["charts"].keys() & FIGURES.keys():
            page.locator(f"#chart-{name} p").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#chart-open_repositories").inner_text() == str(len(open_repositories(dataset)))
    assert "<script>alert" in drawn(page, "languages")


def test_the_filter_shows_one_organisation(page, address, dataset):
    page.goto(f"{address}/-/dashboards/estate")
    page.select_option("#organisation", "Alder")
    page.click("input[type=submit]")
    page.wait_for_url("**/estate?organisation=Alder")
    assert "Alder" in drawn(page, "growth")
    assert "birch" not in drawn(page, "growth")
    assert page.locator("#chart-open_repositories p").inner_text() == str(
        len([each for each in dataset["alder"].repositories if not each["fork"]])
    )


def test_without_any_repository_the_charts_say_so(page, address):
    for dashboard in ("health", "estate"):
        page.goto(f"{address}/-/dashboards/{dashboard}?organisation=cedar")
        for name in DASHBOARDS[dashboard]["charts"].keys() & CHARTS.keys():
            assert drawn(page, name)
    assert "no repositories" in drawn(page, "growth")
    assert page.evaluate("document.documentElement.scrollHeight") < 5_000


def test_on_a_phone_rows_come_before_descriptions(page, address):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{address}/open-source-health/repositories")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    top = {
        each: page.locator(each).bounding_box()["y"] for each in ("table.rows-and-columns", ".column-descriptions")
    }
    assert top["table.rows-and-columns"] < top[".column-descriptions"]
    cells = [
        page.locator("table.rows-and-columns tbody tr:first-child td").nth(each).bounding_box() for each in (0, 1)
    ]
    assert cells[0]["y"] == cells[1]["y"]


@pytest.mark.parametrize("query", ["check_results", "repositories_that_fail_a_check?check=license", "what_to_act_on"])
def test_what_to_do_can_be_read_and_a_table_shows_that_it_goes_on(page, address, query):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{address}/open-source-health/{query}")
    width = {name: page.locator(f"td.col-{name}").first.bounding_box()["width"] for name in ("remedy", "html_url")}
    assert width["remedy"] > 280 > width["html_url"]
    table = page.locator(".table-wrapper")
    table.evaluate("each => { each.replaceChildren(document.createElement('div')); each.style.height = '20px' }")
    pictures = []
    for size in ("1px", "3000px"):
        table.evaluate("(each, size) => { each.firstElementChild.style.width = size }", size)
        pictures.append(table.screenshot())
    table.evaluate("each => { each.scrollLeft = 3000 }")
    assert pictures[0] == table.screenshot() != pictures[1]


def test_a_chart_has_its_own_page(page, address):
    page.goto(f"{address}/-/dashboards/estate/licences")
    page.locator("#chart-estate svg.marks").wait_for()
    assert page.get_by_text("View and edit SQL").count() == 1
