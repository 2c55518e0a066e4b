"""Losses are shown completely and once, on a page, in files and in a feed, and claim no more than is known."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from scraper.database.metadata import default_metadata
from scraper.dataset import earlier
from scraper.dataset.earlier import EarlierCount
from scraper.errors import ConfigurationError
from scraper.model.events import Event
from scraper.site import closures, queries
from scraper.site.build import address_in_datasette, content_of
from scraper.site.configuration import read_configuration
from scraper.site.rendering import environment
from tests.helpers.built import built
from tests.helpers.examples import HOSTILE, make_account, repository, whereabouts
from tests.helpers.git import git
from tests.site.conftest import drawn

pytestmark = pytest.mark.usefixtures("pictures_of_another_site")

SOURCE = "The <b>Times</b> & Co"
ATOM = "{http://www.w3.org/2005/Atom}"


def states():
    """Elm loses most of its repositories, then oak all; ash loses two in different years, one of them hostile."""
    elm = [
        repository(n, name=f"elm-{n}", full_name=f"elm/elm-{n}", license="MIT", language="R") for n in range(1, 13)
    ]
    oak = [repository(n, name=f"oak-{n}", full_name=f"oak/oak-{n}", archived=True) for n in range(20, 26)]
    ash = [
        repository(30, name="lantern", full_name="ash/lantern", description=HOSTILE, stargazers_count=1234),
        repository(31, name="lamp", full_name="ash/lamp", fork=True, description="A light, forked", language=None),
        repository(32, name="stays", full_name="ash/stays"),
    ]
    return [
        {
            "elm": make_account("elm", *elm[:left], id=1, observed_at=day, name="Elm & sons"),
            "oak": make_account("oak", *oak[: 6 if number < 3 else 0], id=2, observed_at=day),
            "ash": make_account("ash", *ash[number > 0 and 1 :][number > 1 and 1 :], id=3, observed_at=day),
        }
        for number, (day, left) in enumerate(
            [
                ("2023-05-01T12:00:00Z", 12),
                ("2023-12-30T12:00:00Z", 12),
                ("2024-01-31T12:00:00Z", 3),
                ("2024-02-28T12:00:00Z", 3),
            ]
        )
    ]


def counted(*numbers, organisation="elm"):
    return [
        EarlierCount(f"202{n // 12}-{1 + n % 12:02}-01", organisation, number, SOURCE, f"{n:040}")
        for n, number in enumerate(numbers)
    ]


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lost") / "repository"
    counts = counted(*[30] * 20, *[9] * 40) + counted(*[4] * 60, organisation="elsewhere.example/x")
    earlier.save(folder / "earlier" / "times.csv", sorted(counts, key=lambda count: count.observed_on))
    return built(folder, *states())


@pytest.fixture(scope="module")
def site(make_site, file) -> tuple[Path, str]:
    return make_site(file=file)


@pytest.fixture
def gone(file):
    with closing(queries.connect(file)) as connection:
        yield queries.rows(connection, "SELECT * FROM no_longer_public ORDER BY repository_id")


def test_it_is_on_the_page_in_the_files_and_in_the_feed(site, gone):
    folder, address = site
    expected = [30, 31, *range(4, 13), *range(20, 26)]
    assert sorted(each["repository_id"] for each in gone) == sorted(expected)
    listed = json.loads((folder / "downloads" / "no-longer-public.json").read_bytes())
    assert {each["repository_id"]: each["description"] for each in listed} == {
        each["repository_id"]: each["description"] for each in gone
    }
    rows = list(csv.DictReader(io.StringIO((folder / "downloads" / "no-longer-public.csv").read_bytes().decode())))
    assert sorted(int(each["repository_id"]) for each in rows) == sorted(expected)
    assert list(rows[0]) == list(gone[0])
    page = (folder / "no-longer-public.html").read_text()
    for each in gone:
        origin = f"https://github.com/{each['full_name']}"
        link = f"https://archive.softwareheritage.org/browse/origin/?origin_url={quote(origin, safe='')}"
        assert f' href="{link}" rel="nofollow noopener">archive<' in page
    feed = ElementTree.parse(folder / "no-longer-public.xml").getroot()
    titles = [each.findtext(f"{ATOM}title") for each in feed.iter(f"{ATOM}entry")]
    assert len(titles) == len(set(titles)) == len(expected) + 3
    assert titles[:2] == ["100% of The oak disappeared", "oak/oak-20: not looked up yet"]
    assert {"75% of Elm & sons disappeared", f"According to {SOURCE}, 70% of Elm & sons disappeared"} <= set(titles)
    ids = [each.findtext(f"{ATOM}id") for each in feed.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)
    assert f'href="{address}no-longer-public.html"' in page


def test_years_and_organisations_add_up(file, gone):
    with closing(queries.connect(file)) as connection:
        listed = queries.organisations(connection)
        table = closures.by_year(closures.no_longer_public(connection, archive_links=True), listed)
    assert table["years"] == ["2023", "2024"]
    assert [(row["name"], row["counts"], row["total"]) for row in table["rows"]] == [
        ("Elm & sons", [0, 9], 9),
        ("The oak", [0, 6], 6),
        ("The ash", [1, 1], 2),
    ]
    assert (table["totals"], table["total"]) == ([1, 16], len(gone))
    moved = [each | {"whereabouts": "moved"} for each in gone[:2]] + gone[2:]
    assert closures.by_year(moved, listed)["total"] == len(gone) - 2


def test_no_page_or_file_says_more_than_is_known(site):
    for path in (each for each in site[0].rglob("*") if each.suffix in (".html", ".xml", ".csv")):
        assert (path, "delete" in path.read_text(encoding="utf-8").casefold()) == (path, False)


def test_links_to_the_archive_can_be_left_out(file, tmp_path):
    with closing(queries.connect(file)) as connection:
        for text, expected in (("archive_links: true", True), ("archive_links: false", False)):
            (tmp_path / "site.yml").write_text(f"{text}\nurl: https://example.org/\n")
            configuration, metadata = read_configuration(tmp_path / "site.yml", default_metadata(), None)
            files = content_of(connection, file, configuration, metadata, partial(address_in_datasette, "x"))
            assert any(b"softwareheritage" in content for content in files.values()) is expected
    assert b"explore/#/x/no_longer_public" in files["no-longer-public.html"]


def test_closures_that_nobody_else_counted_make_a_page_too(tmp_path):
    file = built(tmp_path / "repository", *states())
    configuration, metadata = read_configuration(None, default_metadata(), "https://example.org/x")
    with closing(queries.connect(file)) as connection:
        page = content_of(connection, file, configuration, metadata, None)["no-longer-public.html"].decode()
    assert "The counts of others before us say" not in page


def test_a_companys_own_server_is_in_no_public_archive(tmp_path):
    server = "https://github.example.org"
    repositories = [
        repository(n, full_name=f"oak/{n}", name=str(n), html_url=f"{server}/oak/{n}") for n in range(1, 4)
    ]
    days = ("2024-01-01T12:00:00Z", "2024-01-02T12:00:00Z")
    file = built(
        tmp_path / "r",
        *(
            {"oak": make_account("oak", *repositories[n:], id=1, observed_at=day)}
            for n, day in enumerate(days)
        ),
    )  # fmt: skip
    with closing(queries.connect(file)) as connection:
        [row] = closures.no_longer_public(connection, archive_links=True)
    assert (row["html_url"], row["archive_url"]) == (f"{server}/oak/1", None)


def test_it_says_how_to_cite_it(file, tmp_path):
    configuration, metadata = read_configuration(None, default_metadata(), "https://example.org/x")

    def page() -> str:
        with closing(queries.connect(file)) as connection:
            return content_of(connection, file, configuration, metadata, None)["no-longer-public.html"].decode()

    with closing(sqlite3.connect(file)) as connection:
        [[digest]] = connection.execute("SELECT files FROM provenance").fetchall()
    assert f"Data as of 28 February 2024, files <code>{digest[:16]}</code>. https://example.org/x/no-longer" in page()
    folder = file.parents[1]
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "The last")
    commit = git(folder, "rev-parse", "HEAD")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Something else")
    assert f"Data as of 28 February 2024, commit <code>{commit}</code>." in page()


def test_charts_have_dashed_lines_up_to_our_own_and_marks_with_names(site):
    chart = json.loads((site[0] / "charts" / "growth.json").read_bytes())["variants"]["observed"]
    [line] = [trace for trace in chart["data"] if trace["meta"] == -2]
    assert (line["name"], line["line"]["dash"], "stackgroup" in line) == (f"According to {SOURCE}", "dash", False)
    assert (line["x"][0], line["x"][-1]) == ("2020-01-01", "2023-04-01")
    assert line["y"] == [34, 13, 13]
    assert [(mark["x"], mark["name"], mark["gone"]) for mark in chart["marks"]] == [
        ("2021-09-01", "Elm & sons", 21),
        ("2024-01-31", "Elm & sons", 9),
        ("2024-02-28", "The oak", 6),
    ]
    own = json.loads((site[0] / "charts" / "organisations" / "elm.json").read_bytes())["variants"]["created"]
    assert [(trace["name"], trace["y"]) for trace in own["data"]][1:] == [
        ("As observed", [12, 12, 3, 3]),
        (f"According to {SOURCE}", [30, 9, 9]),
    ]
    assert [mark["x"] for mark in own["marks"]] == ["2021-09-01", "2024-01-31"]


def test_an_organisation_with_nothing_left_has_its_past(site, visit):
    page = drawn(visit(f"{site[1]}organisations/oak.html"))
    expect(page.locator("main")).to_contain_text("There are no open repositories.")
    expect(page.locator("#no-longer-public")).to_be_visible()
    expect(page.locator(".closures")).to_contain_text(
        "6 of 6 repositories disappeared (100%) between 31 January 2024"
    )
    expect(page.locator(".closures")).to_contain_text("none remained. Of those lost: 6 not looked up")
    expect(page.get_by_role("row", name="oak-20")).to_contain_text("archived")


def test_a_visitor_searches_by_words_organisation_and_year(site, visit):
    page = visit(f"{site[1]}no-longer-public.html?organisation=ash")
    found, rows = page.get_by_role("status"), page.locator("#gone tbody tr")
    expect(found).to_have_text("2 of 17.")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(HOSTILE[:30])
    expect(rows.nth(1)).to_contain_text("1,234")
    page.get_by_label("First missing in").select_option("2024")
    expect(found).to_have_text("1 of 17.")
    expect(rows).to_contain_text("lamp")
    expect(rows.locator("td").nth(1)).to_have_text("2024-01-31")
    page.get_by_label("Organisation", exact=True).select_option("")
    page.get_by_label("First missing in").select_option("")
    search = page.get_by_label("Words in name or description")
    search.fill("FORKED light")
    expect(found).to_have_text("1 of 17.")
    search.fill("nothing of the kind")
    expect(found).to_have_text("0 of 17.")
    expect(rows).to_have_count(0)
    search.fill("")
    search.press("Enter")
    expect(rows).to_have_count(17)
    assert page.url.endswith("?organisation=ash")


def test_a_visitor_searches_by_month_or_by_any_days_with_the_keyboard_alone(site, visit):
    page = visit(f"{site[1]}no-longer-public.html?missed=2024-02")
    expect(page.get_by_text("The search needs JavaScript.")).to_be_hidden()
    found, rows = page.get_by_role("status"), page.locator("#gone tbody tr")
    month, since, until = (page.get_by_label(f"First missing {word}") for word in ("in", "from", "until"))
    expect(found).to_have_text("6 of 17.")
    expect(since).to_have_value("2024-02-01")
    expect(until).to_have_value("2024-02-29")
    expect(month.locator("option:checked")).to_have_text("February 2024 (6)")
    month.focus()
    page.keyboard.press("ArrowDown")
    expect(month.locator("option:checked")).to_have_text("January 2024 (10)")
    expect(found).to_have_text("10 of 17.")
    expect(until).to_have_value("2024-01-31")
    page.keyboard.press("Tab")
    page.keyboard.type("12/30/2023")
    expect(since).to_have_value("2023-12-30")
    expect(found).to_have_text("11 of 17.")
    expect(rows).to_have_count(11)
    expect(month.locator("option:checked")).to_have_text("Chosen days")
    until.fill("2023-12-01")
    expect(found).to_have_text("0 of 17: the first day is after the last.")
    until.fill("2023-12-31")
    since.fill("2023-12-01")
    expect(month.locator("option:checked")).to_have_text("December 2023 (1)")
    since.fill("")
    until.fill("")
    expect(month).to_have_value("")
    expect(found).to_have_text("17 of 17.")


def test_an_organisation_that_ended_was_missing_before_that_was_confirmed(make_site, visit):
    missed = [f"2024-03-{day:02}T12:00:00Z" for day in (1, 2, 4)]
    raw = [repository(n, name=f"r{n}", full_name=f"oak/r{n}") for n in range(3)]
    fern = [make_account("fern", repository(9), id=9, observed_at=day) for day in ("2024-02-01T12:00:00Z", missed[2])]
    oak = make_account("oak", *raw, id=1, observed_at="2024-02-01T12:00:00Z")
    ended = make_account("oak", id=1, status="gone", missing=missed, observed_at=missed[2])
    answers = [whereabouts(n, name=f"r{n}", full_name=f"oak/r{n}", missing_since=missed[0]) for n in range(3)]
    ended = replace(ended, records=ended.records | {"whereabouts": answers})
    folder, address = make_site({"oak": oak, "fern": fern[0]}, {"oak": ended, "fern": fern[1]})
    listed = json.loads((folder / "downloads" / "no-longer-public.json").read_bytes())
    assert {(row["missing_at"], row["vanished_at"]) for row in listed} == {(missed[0], missed[2])}
    header, row, *_ = (folder / "downloads" / "no-longer-public.csv").read_text().splitlines()
    assert ",missing_at,vanished_at," in header
    assert f",{missed[0]},{missed[2]}," in row
    feed = ElementTree.parse(folder / "no-longer-public.xml").getroot()
    assert {each.text for each in feed.iter(f"{ATOM}updated")} == {missed[2]}
    assert "missing from 2024-03-01 on, which was confirmed on 2024-03-04." in "".join(feed.itertext())
    page = visit(f"{address}no-longer-public.html")
    cell = page.locator("#gone tbody tr").first.locator("td").nth(1)
    expect(cell).to_have_text("2024-03-01 confirmed 2024-03-04")
    page.get_by_label("First missing in").select_option("2024-03")
    expect(page.get_by_role("status")).to_have_text("3 of 3.")
    expect(cell).to_have_text("2024-03-01 confirmed 2024-03-04")


def test_without_a_script_the_page_has_the_newest_and_no_form(site, visit):
    page = visit(f"{site[1]}no-longer-public.html", java_script_enabled=False)
    expect(page.get_by_role("searchbox")).to_have_count(0)
    expect(page.locator("#gone tbody tr")).to_have_count(17)
    expect(page.get_by_text("The search needs JavaScript.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_a_phone(site, visit, axe, scheme):
    page = visit(site[1], color_scheme=scheme, viewport={"width": 360, "height": 800})
    for path in ("no-longer-public.html?organisation=ash", "organisations/oak.html", "organisations/elm.html"):
        page.goto(site[1] + path)
        drawn(page)
        if "ash" in path:
            expect(page.get_by_role("status")).to_have_text("2 of 17.")
        page.evaluate(axe)
        violations = page.evaluate(
            "async () => (await axe.run()).violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`)"
        )
        assert (path, violations) == (path, [])
        assert (path, page.evaluate("document.documentElement.scrollWidth")) == (path, 360)


def test_its_pages_are_valid_html(site, html_validate):
    assert html_validate(site[0]) == ""


@pytest.mark.parametrize("text", ["archive_links: maybe", "archive_links: [true]", "archive_links: 'no'"])
def test_links_to_an_archive_can_be_switched_off(tmp_path, text):
    (tmp_path / "site.yml").write_text(text)
    with pytest.raises(ConfigurationError, match="line 1: archive_links is either true or false"):
        read_configuration(tmp_path / "site.yml", default_metadata(), None)


@pytest.mark.parametrize(
    "word, old, new, shown",
    [
        ("traced", None, "moved: b/lamp", "lamp (public as b/lamp)"),
        ("traced", None, "not_public", "lamp (no longer public)"),
        ("moved", "not_public", "moved: b/lamp", "lamp (to b/lamp)"),
        ("moved", "not_public", "moved", "lamp\n"),
    ],
)
def test_events_say_what_became_of_a_repository_that_vanished(word, old, new, shown):
    templates = environment("https://github.com")
    templates.globals["pages_of"] = set()
    event = Event("traced", "ash", 31, "ash/lamp", "whereabouts", old, new)
    news = templates.get_template("macros.html").module.news([("2024-01-01", [("ash", [(word, [event])])])], "")
    assert shown in str(news).replace("</span></li>", "\n")
