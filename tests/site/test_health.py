"""The page Health, what each organisation should act on, and the badges: the database's numbers, and no score."""

import csv
import io
from contextlib import closing
from xml.etree import ElementTree

import pytest

from scraper.database.metadata import default_metadata
from scraper.site import health, queries
from scraper.site.configuration import read_configuration
from scraper.site.exports import FAILED, downloads, own_file
from scraper.site.health import Point
from scraper.site.pages import pages
from tests.helpers.built import built
from tests.helpers.examples import EXCEPTIONS, asked, lively, make_account, repository

TITLE = "{http://www.w3.org/2000/svg}title"


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    file = built(tmp_path_factory.mktemp("health"), *lively(), exceptions=EXCEPTIONS)
    with closing(queries.connect(file)) as connection:
        yield connection


def html(connection, page="health.html"):
    site, _ = read_configuration(None, default_metadata(), None)
    return pages(connection, site, explore=None, pictures=(), downloads={})[page].decode()


def test_each_check_shows_its_denominator_and_what_is_unknown(connection):
    [readme] = [each for each in health.checks(connection) if each["name"] == "readme"]
    [numbers] = connection.execute(
        "SELECT count(*), sum(result = 'passed'), sum(result = 'failed'), sum(result = 'excepted'),"
        " sum(result = 'unknown'), min(observed_at)"
        " FROM check_results WHERE check_name = 'readme'"
    ).fetchall()
    assert tuple(readme[name] for name in (*health.COUNTS, "oldest_observed_at")) == numbers
    page = html(connection)
    passed, known = readme["passed"], readme["passed"] + readme["failed"]
    assert f"<strong>{health.percent(passed / known)}</strong> {passed} of {known} passed" in page
    assert f"<li>{readme['unknown']} unknown</li>" in page
    assert f"the oldest was observed on {readme['oldest_observed_at'][:10]}" in page
    assert all(f'<a href="{each["standard_url"]}"' in page for each in health.checks(connection))


def test_organisations_are_in_order_of_their_names_and_have_no_score(connection):
    page = html(connection)
    places = [page.index(f">{name}</a>") for name in ("The Alder", "The birch")]
    assert places == sorted(places)
    assert "sortable" not in page
    assert "There is no score" in page


def test_each_share_of_licences_says_what_it_counts_and_gives_the_other(connection):
    share = health.percent(queries.headline(queries.organisations(connection))["license_share"])
    [check] = [each for each in health.checks(connection) if each["name"] == "license"]
    approved = health.percent(check["share"])
    assert share != approved
    words = {
        "index.html": (f"<strong>{share}</strong><span>any", f'{approved} with <a href="health.html#check-license">'),
        "licences.html": (
            f"found one in {share} of",
            f"{approved} have one that the Open Source Initiative approved, as <a href",
        ),
        "health.html": (f"<strong>{approved}</strong>", f"cannot identify: {share} of the open repositories, on the"),
        "organisations/Alder.html": (
            "<span>any that GitHub found, ",
            ' with <a href="#checks">an open-source one</a>',
        ),
    }
    for page, said in words.items():
        text = html(connection, page)
        assert [each for each in said if each not in text] == []


def test_what_is_excepted_is_listed_with_its_state(connection):
    page = html(connection).partition('id="exceptions"')[2]
    states = ("holds", "not needed", "expired", "does not apply")
    assert [page.count(f">{state}</span>") for state in states] == [2, 0, 1, 1]
    assert "nowhere" not in page
    assert "It is a mirror." in page


def test_if_nothing_was_checked_the_page_says_so_and_nothing_looks_like_no(tmp_path):
    raw = [repository(n, archived=n == 3, license="MIT", topics=["a"]) for n in range(1, 4)]
    with closing(queries.connect(built(tmp_path, {"alder": make_account("Alder", *raw)}))) as connection:
        page = html(connection)
        assert page.count("Health has not been checked yet") == 1
        drawn = health.badges(connection)
        assert {each["name"]: each["share"] for each in health.checks(connection) if each["share"] is not None} == {
            "license": 1.0,
            "description": 0.0,
        }
        assert "0 failed" not in page.partition('id="check-readme"')[2].partition("</section>")[0]
        assert html(connection, "organisations/Alder.html").count("Nothing at present.") == 1
    for path, badge in drawn.items():
        if not path.endswith(("/license.svg", "/description.svg")):
            assert ElementTree.fromstring(badge).find(TITLE).text.endswith(": unknown")
            assert (b"#1f6f8b" in badge, b"%" in badge) == (False, False)


def test_nothing_to_check_is_reported(tmp_path):
    with closing(queries.connect(built(tmp_path, {"alder": make_account("Alder")}))) as connection:
        page = html(connection)
        assert "There is nothing to show until" in page
        assert health.badges(connection)["badges/checks/readme.svg"].count(b"unknown") == 2


def test_a_page_of_an_organisation_says_what_to_act_on_and_by_which_rule(connection):
    page = html(connection, "organisations/Fir-Tree.html").partition('id="act"')[2]
    work, _, rest = page.partition("</ol>")
    assert work.count("<li>") == health.FIRST == 10
    assert "At most ten things" in work
    assert (
        work.index("README lost, as observed on")
        < work.index("the exception from README ended")
        < work.index(": failed")
    )
    assert "Add a file SECURITY.md" in work
    assert 'id="checks"' in rest


def test_there_are_badges_for_all_and_for_each_organisation(connection):
    drawn = health.badges(connection)
    names = [each["name"] for each in health.checks(connection)]
    logins = queries.logins(connection)
    assert {*drawn} == {
        f"badges/checks/{folder}{name}.svg" for name in names for folder in ("", *(f"{login}/" for login in logins))
    }
    own = ElementTree.fromstring(drawn["badges/checks/Fir-Tree/readme.svg"]).find(TITLE).text
    [[passed, failed]] = connection.execute(
        "SELECT passed, failed FROM checks_by_organisation WHERE organisation = 'fir-tree' AND check_name = 'readme'"
    ).fetchall()
    assert own == f"README: {health.percent(passed / (passed + failed))} ({passed} of {passed + failed} known)"


def test_the_trend_is_of_what_was_counted_at_each_observation(connection):
    points = health.trends(connection)["security_policy"]
    assert [(point.passed, point.observed_at[:7]) for point in points] == [(0, "2024-01"), (1, "2024-02")]


def test_a_line_is_to_scale_and_needs_two_points():
    points = [Point(f"2026-01-{day:02}T00:00:00Z", passed, 4 - passed, 0) for day, passed in ((1, 0), (2, 1), (5, 4))]
    assert health.line(points) == "0.0,48.0 60.0,36.0 240.0,0.0"
    assert health.line(points[:1]) == ""
    unknown = Point("2025-12-01T00:00:00Z", 0, 0, 4)
    assert health.thinned([unknown, *points]) == points
    many = [Point(f"2026-01-{day:02}T00:00:00Z", day, 1, 0) for day in range(1, 29)]
    assert (len(health.thinned(many)), health.thinned(many)[0], health.thinned(many)[-1]) == (24, many[0], many[-1])


def test_failed_checks_are_a_file_with_what_to_do_and_each_organisation_has_its_part(connection):
    files = downloads(connection)

    def read(path):
        return list(csv.DictReader(io.StringIO(files[path].decode(), newline="")))

    rows = read(FAILED)
    for login in {row["organisation"] for row in rows}:
        path = own_file(FAILED, login)
        assert read(path) == [row for row in rows if row["organisation"] == login]
        assert f'href="../{path}" download' in html(connection, f"organisations/{login}.html")
    assert [*rows[0]] == ["repository", "organisation", "check", "result", "observed_at", "remedy", "html_url"]
    [[number]] = connection.execute("SELECT count(*) FROM check_results WHERE remedy IS NOT NULL").fetchall()
    assert len(rows) == number > 50
    assert {row["result"] for row in rows} == {"failed"}
    assert all(row["remedy"] and row["observed_at"] and row["html_url"] for row in rows)


def test_what_fails_but_cannot_be_acted_on_is_counted_and_not_listed(tmp_path):
    """An archived repository counts as not maintained, and that is how it should be."""
    now = "2026-11-01T12:00:00Z"
    raw = [repository(1, archived=True, license="MIT"), repository(2, license="MIT"), repository(3, archived=True)]
    only = make_account("Alder", *raw[:1], observed_at=now)
    states = (make_account("Alder", *raw, observed_at=now), only)
    for folder, account, listed in zip("ab", states, ([("somebody/repository-2", "maintained")], []), strict=True):
        held = asked(account, {each["id"]: {} for each in account.repositories}, now)
        with closing(queries.connect(built(tmp_path / folder, {"alder": held}))) as connection:
            [check] = [each for each in health.checks(connection) if each["name"] == "maintained"]
            assert check["failed"] == len(account.repositories)
            files = downloads(connection)
            rows = list(csv.DictReader(io.StringIO(files[FAILED].decode(), newline="")))
            assert [(row["repository"], row["check"]) for row in rows if row["check"] == "maintained"] == listed
            assert all(row["remedy"] for row in rows)
            path = own_file(FAILED, "Alder")
            assert (f'href="../{path}" download' in html(connection, "organisations/Alder.html")) == (path in files)
            assert (path in files) == bool(listed)
