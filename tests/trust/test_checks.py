"""What strangers write where checks show it: names, addresses, release tags, and reasons for exceptions."""

import csv
import io
import json
import re
from contextlib import closing

import pytest

from scraper.site import health, queries
from scraper.site.configuration import Configuration
from scraper.site.exports import downloads
from scraper.site.pages import pages
from tests.helpers.built import built
from tests.helpers.examples import asked, make_account, repository

SITE = Configuration("Trees", "Trees", "#005ea5", None, None, None)
NOW = "2026-11-01T12:00:00Z"
ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    '=HYPERLINK("https://evil.example")',
    "</details></main> & more",
)


@pytest.fixture(params=ATTACKS)
def attacked(request, tmp_path):
    """The attack, and a database that has it wherever strangers can write something about a check."""
    attack = request.param
    raw = [
        repository(1, name="one", full_name="alder/one", html_url=f"javascript:alert(1)//{attack}", topics=[attack]),
        repository(2, name="two", full_name="alder/two", description=attack, license="MIT"),
        repository(3, name="three", full_name=attack, html_url=attack),
    ]
    release = {"latest_release": attack, "latest_release_at": NOW}
    before, after = ({1: {"readme": True}, 2: {}}, {1: {"readme": False}, 2: release})
    dates = ("2026-10-01T12:00:00Z", NOW)
    states = [
        {"alder": asked(make_account("alder", *raw, observed_at=date), said, date)}
        for date, said in zip(dates, (before, after), strict=True)
    ]
    exceptions = [
        {"repository": f"alder/{name}", "check": check, "reason": attack, "until": until}
        for name, check, until in (
            ("one", "ci", "2026-11-20"),
            ("two", "readme", "2026-01-01"),
            ("no", "ci", "2027-01-01"),
        )
    ]
    path = built(tmp_path, *states, exceptions=json.dumps({"exceptions": exceptions}))
    with closing(queries.connect(path)) as connection:
        yield attack, connection


def test_pages_show_it_as_text_and_link_to_no_other_scheme(attacked):
    attack, connection = attacked
    found = pages(connection, SITE, explore=None, pictures=(), downloads={})
    for path in ("health.html", "organisations/alder.html", "events.html"):
        page = found[path].decode()
        assert not re.search(r"<img src=x|<script>alert|href=\"javascript|49\{|</details></main>", page), path
    assert "javascript:" not in found["health.html"].decode()
    assert f"{re.sub('[^a-zA-Z]', '', attack)}" in re.sub("&[#a-z0-9]+;|[^a-zA-Z]", "", found["health.html"].decode())


def test_no_cell_is_a_formula_and_no_badge_says_it(attacked):
    attack, connection = attacked
    text = downloads(connection)["downloads/failed-checks.csv"].decode()
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert all(attack.encode() not in badge for badge in health.badges(connection).values())
