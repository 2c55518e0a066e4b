"""The site as files: complete or not at all, the same bytes each time, and sensible for every database."""

import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import expect

from benchmarks.estate import estate
from scraper.cli import main
from scraper.database.metadata import default_metadata
from scraper.dataset.layout import DATABASE_FILE
from scraper.errors import ConfigurationError
from scraper.site import charts, queries
from scraper.site.build import MARKER, address_in_datasette, build, check_output, content_of
from scraper.site.colours import contrast, for_dark_mode
from scraper.site.configuration import Link, read_configuration
from scraper.site.explore.build import explore_address
from scraper.site.pages import pages
from tests.helpers.built import built
from tests.helpers.examples import EXCEPTIONS, HOSTILE, lively, make_account, repository

pytestmark = pytest.mark.usefixtures("pictures_of_another_site")

PROGRAM = Path(sys.executable).with_name("oss-health")


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    return built(tmp_path_factory.mktemp("lively"), *lively(), exceptions=EXCEPTIONS)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["site", *map(str, arguments)])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_database_makes_the_same_bytes_anywhere(database, parts_folder, tmp_path):
    for number in (1, 2):
        output = tmp_path / f"{number}" / "public"
        command = [PROGRAM, "site", "--database", database, "--output", output, "--no-explore"]
        chance = {"PYTHONHASHSEED": str(number), "TZ": ("UTC", "Asia/Tokyo")[number - 1]}
        subprocess.run([*command, "--url", "https://example.org/x"], env=os.environ | chance, check=True)
    first, second = contents(tmp_path / "1" / "public"), contents(tmp_path / "2" / "public")
    assert first == second
    assert {
        "index.html",
        "feed.xml",
        "feeds/Alder.xml",
        "sitemap.xml",
        "charts/growth.svg",
        f"downloads/{DATABASE_FILE}",
    } <= {*first}
    assert first[f"downloads/{DATABASE_FILE}"] == database.read_bytes()


def test_only_a_site_or_nothing_is_replaced(database, parts_folder, tmp_path):
    output = tmp_path / "public"
    output.mkdir()
    (output / "precious.txt").write_text("mine")
    done = run("--database", database, "--output", output, "--no-explore")
    assert (done.exit_code, contents(output)) == (2, {"precious.txt": b"mine"})
    assert done.stderr.startswith(
        f"Error: --output {output} contains something other than a site made by this program"
    )

    (output / "precious.txt").unlink()
    assert run("--database", database, "--output", output, "--no-explore").exit_code == 0
    (output / "left-over.html").write_text("")
    assert run("--database", database, "--output", output, "--no-explore").exit_code == 0
    assert (output / MARKER).is_file()
    assert not (output / "left-over.html").exists()
    assert [each.name for each in tmp_path.iterdir()] == ["public"]


def test_a_failure_leaves_the_site_as_it_was(database, parts_folder, tmp_path, monkeypatch):
    output = tmp_path / "public"
    configuration, metadata = read_configuration(None, default_metadata(), None)
    build(database, configuration, metadata, output, with_explore=False)
    before = contents(output)
    monkeypatch.setattr("scraper.site.build.pages", lambda *arguments, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build(database, configuration, metadata, output, with_explore=False)
    assert contents(output) == before
    assert [each.name for each in tmp_path.iterdir()] == ["public"]


def test_impossible_requests_are_one_sentence(tmp_path, database):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ConfigurationError, match="is a file: name a folder"):
        check_output(file)
    for name, wrong in (("none.db", "There is no database"), ("file", "was not built by this version")):
        done = run("--database", tmp_path / name, "--output", tmp_path / "public", "--no-explore")
        assert (done.exit_code, done.stdout) == (2, "")
        assert wrong in done.stderr
        assert done.stderr.count("\n") <= 2
    assert not (tmp_path / "public").exists()


def test_a_login_that_leads_out_of_the_folder_is_refused(database, tmp_path):
    odd = tmp_path / "odd.db"
    odd.write_bytes(database.read_bytes())
    with closing(sqlite3.connect(odd)) as connection, connection:
        connection.execute("UPDATE organisations SET login = '../../out' WHERE login = 'dogwood'")
    done = run("--database", odd, "--output", tmp_path / "public", "--no-explore")
    assert (done.exit_code, "cannot be a login" in done.stderr) == (2, True)


def test_without_an_address_nothing_pretends_to_one(database, parts_folder, tmp_path):
    done = run("--database", database, "--output", tmp_path / "public", "--no-explore")
    assert "feeds, sitemap and link previews are left out" in done.stderr
    files = contents(tmp_path / "public")
    assert not {"feed.xml", "sitemap.xml", "robots.txt"} & {*files}
    assert b"canonical" not in files["index.html"]
    assert b"ld+json" not in files["index.html"]
    assert b"feed" not in files["events.html"]


def test_search_engines_and_previews_find_what_they_need(lively_site):
    folder, address = lively_site
    page = (folder / "index.html").read_text()
    described = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    assert (described["@type"], described["url"]) == ("Dataset", address)
    assert described["dateModified"] == "2024-02-28"
    assert described["temporalCoverage"] == "2010-02-11/2024-02-28"
    assert 50 <= len(described["description"]) <= 5000
    for each in described["distribution"]:
        assert (folder / each["contentUrl"].removeprefix(address)).is_file()
    assert f'<meta property="og:image" content="{address}charts/social.png">' in page
    places = [each.text for each in ElementTree.parse(folder / "sitemap.xml").iter() if each.tag.endswith("loc")]
    assert {address, f"{address}organisations/Fir-Tree.html"} <= set(places)
    assert all((folder / (place.removeprefix(address) or "index.html")).is_file() for place in places)
    feed = ElementTree.parse(folder / "feeds" / "Alder.xml").getroot()
    titles = [each.text for each in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert "somebody/repository-1 was archived" in titles


def test_pages_lead_into_explore_by_its_own_addresses(database):
    configuration, metadata = read_configuration(None, default_metadata(), None)
    with closing(queries.connect(database)) as connection:
        with_it = content_of(connection, database, configuration, metadata, partial(address_in_datasette, "trees"))
        without = content_of(connection, database, configuration, metadata, None)
    page = with_it["organisations/Fir-Tree.html"].decode()
    assert f'href="../{explore_address("/")}"' in page
    gap = explore_address("/trees/without_license?organisation=birch")
    assert f'href="../{gap}"' in with_it["organisations/birch.html"].decode()
    assert f'href="../{explore_address("/trees/repositories?organisation=Fir-Tree")}"' in page
    assert not [path for path, content in without.items() if path.endswith(".html") and b"explore/" in content]


def test_the_growth_chart_and_its_table_say_what_the_database_says(database):
    with closing(queries.connect(database)) as connection:
        listed = queries.organisations(connection)
        total = queries.headline(listed)
        created, until = queries.growth(connection), total["newest"][:10]
        chart = charts.growth(created, queries.growth_as_observed(connection), listed, until)
        table = charts.growth_table(created, listed, until)
        (counted,) = connection.execute("SELECT count(*) FROM repositories WHERE fork = 0").fetchone()
        observed = connection.execute("SELECT open_repositories FROM observations ORDER BY observed_at").fetchall()
    assert total["open_repositories"] == counted == table["total"][-1] == 75
    bands = chart["variants"]["created"]["data"]
    assert sum(band["y"][-1] for band in bands) == counted
    assert {band["name"]: band["y"][-1] for band in bands} == {name: numbers[-1] for name, numbers in table["lines"]}
    assert all(band["y"] == sorted(band["y"]) and band["y"][0] == 0 for band in bands)
    sums = [
        sum(numbers) for numbers in zip(*(band["y"] for band in chart["variants"]["observed"]["data"]), strict=True)
    ]
    assert sums == [number for (number,) in observed]


def test_many_organisations_make_nine_bands_and_one_for_the_others():
    listed = [
        {"login": f"o{n}", "name": f"O {n}", "open_repositories": 100 - n, "observed_at": "2024-01-01T00:00:00Z"}
        for n in range(40)
    ]
    created = [
        {"organisation": each["login"], "date": "2020-01-01", "created": each["open_repositories"]} for each in listed
    ]
    bands = charts.growth(created, [], listed, "2024-01-01")["variants"]["created"]["data"]
    assert [band["name"] for band in bands] == [*(f"O {n}" for n in range(9)), "31 others"]
    assert bands[-1]["y"][-1] == sum(100 - n for n in range(9, 40))


def test_a_long_history_is_thinned_to_the_last_count_of_each_week():
    listed = [{"login": "alder", "name": "Alder", "open_repositories": 500}]
    days = [f"{2020 + n // 336}-{1 + n // 28 % 12:02}-{1 + n % 28:02}" for n in range(500)]
    observed = [{"organisation": "alder", "date": day, "open_repositories": n} for n, day in enumerate(days)]
    band = charts.growth([], observed, listed, days[-1])["variants"]["observed"]["data"][0]
    assert (band["x"][-1], band["y"][-1]) == (days[-1], 499)
    assert len(band["x"]) < 110


@pytest.mark.parametrize("listed", [0, 1, 2])
def test_pages_make_sense_before_anything_was_observed(make_site, database, browser, html_validate, tmp_path, listed):
    state = {
        f"pine-{n}": make_account(
            f"pine-{n}", status="not_found", reason=HOSTILE, observed_at=None, repositories=None, type=None
        )
        for n in range(max(listed, 1))
    }
    file = built(tmp_path / "repository", state)
    if not listed:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("DELETE FROM organisations")
    folder, address = make_site(file=file)
    assert html_validate(folder) == ""
    page = browser.new_page()
    page.goto(address)
    expected = "No organisation is listed yet" if not listed else "none has been observed so far"
    expect(page.locator("main")).to_contain_text(expected)
    expect(page.locator("#by-organisation tbody tr")).to_have_count(listed)
    for name in ("languages", "licences", "activity"):
        page.goto(f"{address}{name}.html")
        expect(page.locator("main")).to_contain_text("There is nothing to show until")
    page.close()


def test_a_single_repository_makes_a_whole_site(make_site, browser, html_validate):
    folder, address = make_site({"oak": make_account("oak", repository(1, license="MIT", language="R"), id=1)})
    assert html_validate(folder) == ""
    page = browser.new_page()
    page.goto(f"{address}organisations/oak.html")
    expect(page.locator(".chart")).to_have_attribute("data-drawn", "")
    expect(page.locator("main")).to_contain_text("GitHub found a licence in every open repository.")
    page.goto(address)
    expect(page.locator(".chart")).to_have_attribute("data-drawn", "")
    # It was observed once, and one point makes no line.
    expect(page.get_by_role("radio", name="As observed")).to_have_count(0)
    page.close()


def test_the_configuration_is_what_metadata_says_unless_site_yml_says_otherwise(tmp_path):
    metadata = json.loads(default_metadata().read_text())
    found, described = read_configuration(None, default_metadata(), None)
    assert (found.title, found.url, described) == (metadata["title"], None, metadata)
    assert found.description.startswith("Every public repository of a list of GitHub organisations")
    file = tmp_path / "site.yml"
    file.write_text(
        "title: Trees\ndescription: All of them.\naccent: '#7A0019'\nurl: https://example.org/trees\n"
        "publisher: {name: The forest, url: https://example.org}\ndata_licence: {name: CC0-1.0}\n"
    )
    found, _ = read_configuration(file, default_metadata(), None)
    assert (found.title, found.description, found.accent) == ("Trees", "All of them.", "#7a0019")
    assert (found.url, found.publisher) == ("https://example.org/trees/", Link("The forest", "https://example.org"))
    assert found.data_licence == Link("CC0-1.0")
    assert read_configuration(file, default_metadata(), "http://127.0.0.1:1/x")[0].url == "http://127.0.0.1:1/x/"


@pytest.mark.parametrize(
    "text, wrong",
    [
        ("titel: x", "line 1: the key 'titel' is unknown"),
        ("title: ''", "line 1: the site needs `title: ...`"),
        ("title: ~", "line 1: the site needs `title: ...`, and '~' means nothing"),
        ("publisher: {name: null}", "line 1: publisher needs `name: ...`, and 'null' means nothing"),
        ("title: x\naccent: '#abc'", "line 2: the accent '#abc' is not a colour"),
        ("accent: '#7fc4d8'", "too light to read: its contrast with the page is 1.8 to 1"),
        ("url: javascript:alert(1)", "is not an address"),
        ("url: https://example.org/?a=b", "has a query"),
        ("url: https://example.org/a<b", "is not an address"),
        ('url: "https://example.org/a\\nDisallow: /"', "url"),
        ("publisher: {url: https://example.org}", "publisher needs `name: ...`"),
        ("publisher: {name: x, url: 'javascript:alert(1)'}", "is not an address"),
        ("contact: 'javascript:alert(1)'", "the contact 'javascript:alert(1)' is neither an e-mail address nor"),
        ("contact: 'a@example.org?bcc=b@example.org'", "is neither an e-mail address nor"),
        ("- x", "`title:` was expected"),
        ("title: [", "not valid YAML"),
    ],
)
def test_mistakes_in_site_yml_are_one_sentence(tmp_path, text, wrong):
    file = tmp_path / "site.yml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(file, default_metadata(), None)
    assert wrong in str(caught.value)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("key", ["title", "description", "description_html", "license", "license_url"])
def test_metadata_without_text_where_needed_is_one_sentence(tmp_path, key):
    file = tmp_path / "metadata.json"
    file.write_text(json.dumps({"license": "MIT", key: ["x"]}))
    with pytest.raises(ConfigurationError, match=f"metadata.json: {key} is not text"):
        read_configuration(None, file, None)


def test_a_sitemap_is_xml_whatever_the_address(database):
    configuration, metadata = read_configuration(None, default_metadata(), "https://example.org/a&b")
    with closing(queries.connect(database)) as connection:
        files = content_of(connection, database, configuration, metadata, None)
    places = [place.text for url in ElementTree.fromstring(files["sitemap.xml"]) for place in url]
    assert "https://example.org/a&b/" in places


@pytest.mark.parametrize(
    ("contact", "link"),
    [("data@example.org", "mailto:data@example.org"), ("https://example.org/contact", "https://example.org/contact")],
)
def test_the_contact_is_in_every_footer_and_on_the_method_page(tmp_path, contact, link):
    (tmp_path / "site.yml").write_text(f"contact: {contact}\n")
    site, _ = read_configuration(tmp_path / "site.yml", default_metadata(), None)
    with closing(
        queries.connect(built(tmp_path / "repository", {"alder": make_account("alder", repository(1), id=1)}))
    ) as connection:
        html = pages(connection, site, explore=None, pictures=(), downloads={})
    assert all(f'<a href="{link}" rel="noopener">Contact</a>'.encode() in page for page in html.values())
    assert f'<a href="{link}" rel="noopener">write to the publisher</a>'.encode() in html["methodology.html"]


def test_an_empty_site_yml_changes_nothing(tmp_path):
    (tmp_path / "site.yml").write_text("# nothing yet\n")
    found = read_configuration(tmp_path / "site.yml", default_metadata(), None)
    assert found == read_configuration(None, default_metadata(), None)


@pytest.mark.parametrize("colour", ["#000000", "#0b5a72", "#7a0019", "#0000ff", "#5c5c00"])
def test_every_accent_is_readable_in_dark_mode_too(colour):
    assert contrast(for_dark_mode(colour), "#1a2129") >= 4.5
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_real_proportions_stay_light(make_site, tmp_path, browser):
    # The real number of organisations; six times as many repositories would make no page 2% larger.
    folder, address = make_site(estate(random.Random(1), 4_000))
    first = ("index.html", "static/site.css", "static/tables.js", "static/charts.js", "static/favicon.svg")
    assert sum((folder / name).stat().st_size for name in first) < 300_000
    listed = orjson.loads((folder / "downloads" / "organisations.json").read_bytes())
    assert len(listed) == 186
    for path in folder.rglob("*.html"):
        assert path.stat().st_size < 300_000, path
    page = browser.new_page()
    page.goto(address)
    page.locator(".chart").scroll_into_view_if_needed()
    expect(page.locator(".chart")).to_have_attribute("data-drawn", "")
    expect(page.locator(".legend button")).to_have_count(10)
    expect(page.locator("#by-organisation tbody tr")).to_have_count(186)
    page.close()
