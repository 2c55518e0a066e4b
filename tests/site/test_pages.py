"""The pages in a real browser: charts appear, tables sort, a keyboard is enough, and nothing leaves the site."""

import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from playwright.sync_api import expect

from tests.site.conftest import drawn

PAGES = (
    "index.html",
    "languages.html",
    "licences.html",
    "activity.html",
    "health.html",
    "events.html",
    "no-longer-public.html",
    "downloads.html",
    "methodology.html",
    "404.html",
    "organisations/Fir-Tree.html",
    "organisations/birch.html",
    "organisations/cedar.html",
    "organisations/elder.html",
)
NONE = "\N{EN DASH}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_phone(lively_site, visit, axe, scheme):
    page = visit(lively_site[1], color_scheme=scheme, viewport={"width": 360, "height": 800})
    for path in PAGES:
        page.goto(lively_site[1] + path)
        drawn(page)
        page.evaluate(axe)
        violations = page.evaluate(
            "async () => (await axe.run()).violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`)"
        )
        assert (path, violations) == (path, [])
        assert (path, page.evaluate("document.documentElement.scrollWidth")) == (path, 360)


def test_pages_are_valid_html(lively_site, html_validate):
    assert html_validate(lively_site[0]) == ""


def test_the_growth_chart_has_legend_ranges_and_both_ways_to_count(lively_site, visit):
    chart = drawn(visit(lively_site[1], viewport={"width": 1200, "height": 900})).locator(".chart")
    bands = chart.locator(".scatterlayer .trace")
    entries = chart.get_by_role("button")
    expect(entries).to_have_count(3)
    expect(bands).to_have_count(3)
    everything = chart.locator(".xtick").all_text_contents()

    entries.first.click()
    expect(entries.first).to_have_attribute("aria-pressed", "false")
    expect(bands).to_have_count(2)
    expect(entries.first).to_be_focused()

    chart.get_by_label("6 months").check()
    expect(chart.locator(".xtick").first).not_to_have_text(everything[0])
    expect(chart.get_by_text("Repositories that are public today")).to_be_visible()
    chart.get_by_label("As observed").check()
    expect(chart.get_by_text("As counted on each day")).to_be_visible()
    expect(chart.get_by_text("Repositories that are public today")).to_be_hidden()
    assert not chart.page.locator(".plot style").count()


def test_charts_take_dark_colours_at_once(lively_site, visit):
    page = drawn(visit(lively_site[1], color_scheme="light"))
    tick = page.locator(".chart .xtick text").first
    light = tick.evaluate("each => getComputedStyle(each).fill")
    page.emulate_media(color_scheme="dark")
    expect(tick).not_to_have_css("fill", light)


def test_hovering_shows_the_numbers_and_names_stay_text(lively_site, visit):
    page = drawn(visit(lively_site[1], viewport={"width": 1200, "height": 900}))
    box = page.locator(".chart .nsewdrag").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 40)
    hover = page.locator(".chart .hoverlayer .legend")
    expect(hover).to_contain_text("<script>alert")
    expect(page.locator(".chart .legend button").nth(2)).to_contain_text("<script>alert")


def test_text_and_tables_need_no_script_and_the_folded_languages_no_script_either(lively_site, visit):
    page = visit(lively_site[1], java_script_enabled=False)
    expect(page.locator("#by-organisation tbody tr")).to_have_count(6)
    expect(page.locator("#by-organisation thead button")).to_have_count(0)
    expect(page.locator(".figures").get_by_text("75", exact=True)).to_be_visible()
    page.goto(lively_site[1] + "languages.html")
    expect(
        page.get_by_role("cell", name="Jupyter Notebook").or_(page.get_by_role("rowheader", name="Jupyter Notebook"))
    ).to_be_hidden()
    page.get_by_label("Separately").check()
    expect(page.get_by_role("rowheader", name="Jupyter Notebook")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Markup and notebooks")).to_be_hidden()
    expect(page.get_by_text("“Markup and notebooks” stands for HTML, Jupyter Notebook.")).to_be_visible()


def test_a_table_can_be_sorted_with_the_keyboard_alone(lively_site, visit):
    page = visit(lively_site[1], viewport={"width": 1400, "height": 900})
    table = page.locator("#by-organisation")
    names = table.locator("tbody th a")
    header = table.get_by_role("columnheader", name="Stars")
    before = names.all_text_contents()

    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    expect(page.get_by_text("Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    for _ in range(40):
        page.keyboard.press("Tab")
        if header.get_by_role("button").evaluate("each => each === document.activeElement"):
            break
    outline = header.get_by_role("button").evaluate("each => getComputedStyle(each).outlineWidth")
    assert outline == "3px"

    page.keyboard.press("Enter")
    expect(header).to_have_attribute("aria-sort", "descending")
    page.keyboard.press("Enter")
    expect(header).to_have_attribute("aria-sort", "ascending")
    expect(table.locator("[aria-sort]")).to_have_count(1)
    stars = table.locator("tbody tr").locator("td:nth-child(4)").all_text_contents()
    known = [int(each.replace(",", "")) for each in stars if each != NONE]
    assert known == sorted(known)
    assert stars[len(known) :] == [NONE] * (len(stars) - len(known))
    assert sorted(names.all_text_contents()) == sorted(before)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_table_shows_that_it_continues_until_its_end_is_visible(lively_site, visit, scheme):
    page = visit(lively_site[1], color_scheme=scheme, viewport={"width": 375, "height": 800})
    region = page.get_by_role("region", name="Table by organisation")
    region.evaluate(
        """each => { each.firstElementChild.remove();
            for (const [name, value] of [["width", "60rem"], ["height", "4rem"]])
                each.appendChild(each.firstElementChild ?? document.createElement("div")).style[name] = value; }"""
    )
    region.focus()
    expect(region).to_be_focused()
    goes_on = region.screenshot()
    region.evaluate("each => { each.scrollLeft = 1e4 }")
    ends = region.screenshot()
    region.evaluate("each => { each.firstElementChild.style.width = 0 }")
    assert goes_on != ends == region.screenshot()


def test_tables_fit_a_laptop_with_all_their_columns(lively_site, visit):
    page = visit(lively_site[1], viewport={"width": 1280, "height": 800})
    for path in PAGES:
        page.goto(lively_site[1] + path)
        cut = page.locator(".scroll").evaluate_all(
            "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.ariaLabel)"
        )
        assert (path, cut) == (path, [])


def test_every_link_leads_to_something(lively_site):
    folder, address = lively_site
    for path in folder.rglob("*.html"):
        page = path.relative_to(folder).as_posix()
        for link in re.findall(r'(?:href|src|data-chart)="([^"]*)"', path.read_text()):
            target = urljoin(address + page, link.replace("&amp;", "&"))
            if target.startswith(address) and page != "404.html":
                place, _, anchor = target.removeprefix(address).partition("#")
                file = folder / (unquote(place) or "index.html")
                assert file.is_file(), (page, link)
                assert not anchor or f'id="{anchor}"' in file.read_text(), (page, link)
            else:
                assert urlsplit(target).scheme in ("http", "https"), (page, link)


def test_strangers_text_stays_text_in_every_file(lively_site):
    folder: Path = lively_site[0]
    for path in [*folder.rglob("*.html"), *folder.rglob("*.xml"), *folder.rglob("*.svg")]:
        text = path.read_text()
        assert "<script>alert" not in text, path
        assert not re.search(
            r'href="(?!https?:|\.\./|[a-z0-9./#-]*(\.html|\.css|\.svg|\.xml|\.csv|\.json|\.db)?["#])', text, re.I
        ), path
    assert "&lt;script&gt;alert" in (folder / "organisations" / "Fir-Tree.html").read_text()


def test_a_chart_that_cannot_be_loaded_says_so(lively_site, browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/plotly-basic.min.js", lambda route: route.abort())
        page.goto(lively_site[1] + "activity.html")
        page.locator(".chart").scroll_into_view_if_needed()
        expect(page.get_by_text("The chart could not be loaded")).to_be_visible()
        page.goto(lively_site[1])
        page.locator(".chart").scroll_into_view_if_needed()
        expect(page.locator(".chart img")).to_be_visible()


def test_the_page_says_how_fresh_each_organisation_is_and_why(lively_site, visit):
    page = visit(lively_site[1])
    expect(page.locator(".dated")).to_have_text("Data as of 31 December 2023 to 28 February 2024, by organisation")
    row = page.locator("#by-organisation tr", has_text="birch")
    expect(row).to_contain_text("2023-12-31")
    expect(row).to_contain_text("older data kept The network was down")
    expect(page.locator("#by-organisation tr", has_text="The dogwood")).to_contain_text("not observed yet")
    page.goto(lively_site[1] + "organisations/birch.html")
    expect(page.locator(".notice")).to_contain_text("The network was down")
    expect(page.locator(".notice")).to_contain_text("as of 31 December 2023")


def test_events_are_listed_by_day_and_organisation(lively_site, visit):
    page = visit(lively_site[1] + "events.html")
    day = page.locator(".day")
    expect(day).to_have_count(1)
    expect(day.get_by_role("heading")).to_have_text("28 February 2024")
    for words in (
        "renamed Alder: renamed (was repository-2)",
        "archived Alder: repository-1",
        "vanished Fir-Tree: work-0",
    ):
        expect(day.locator("li").filter(has_text=words.split(" ", 1)[1])).to_contain_text(words.split(" ", 1)[0])
    expect(day.locator("li").filter(has_text="gained a licence")).to_contain_text("work-1 (no licence → MIT)")
