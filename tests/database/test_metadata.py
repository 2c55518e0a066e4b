"""Datasette with metadata.json: pages open, columns are described, and every canned query gives the right answer."""

import csv
import io
import json
from collections.abc import Iterator

import pytest

from scraper.database import describe, tables
from scraper.database.views import VIEWS
from tests.helpers import by_hand, health_by_hand, history_by_hand
from tests.helpers.datasette_pages import DATABASE, Pages, published
from tests.helpers.estate import LARGE, NONE, PERSON
from tests.helpers.examples import HOSTILE
from tests.helpers.machine import METADATA

METADATA_TEXT = METADATA.read_text(encoding="utf-8")
HELD = json.loads(METADATA_TEXT)["databases"]["open-source-health"]


@pytest.fixture(scope="module")
def site(tmp_path_factory, invented) -> Iterator[Pages]:
    with published(tmp_path_factory.mktemp("invented"), invented) as site:
        yield site


@pytest.fixture(scope="module")
def estate_site(tmp_path_factory, estate_dataset) -> Iterator[Pages]:
    with published(tmp_path_factory.mktemp("estate"), estate_dataset) as site:
        yield site


def test_it_is_what_make_docs_writes():
    assert describe.rendered(describe.compose(METADATA.parent / "metadata")) == METADATA_TEXT, "run `make docs`"


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.name)
def test_every_column_of_every_table_is_described_and_nothing_else(table):
    described = HELD["tables"][table.name]
    assert tuple(described["columns"]) == table.column_names
    assert all(described["columns"].values())
    named = [described[key] for key in ("label_column", "sort", "sort_desc") if key in described]
    assert {*named, *described.get("facets", [])} <= set(table.column_names)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_column_of_every_view_is_described_and_nothing_else(site, view):
    [row] = [*site.rows(view.name, _size="1"), dict.fromkeys(view.meanings)][:1]
    described = HELD["tables"][view.name]
    assert tuple(described["columns"]) == tuple(row)
    assert {described.get("sort_desc") or described["sort"], *described.get("facets", [])} <= set(row)
    assert described["title"]
    assert described["description"]


def test_nothing_is_described_that_is_not_there():
    assert HELD["tables"].keys() == {each.name for each in (*tables.TABLES, *VIEWS)}


def test_every_query_has_an_answer_by_hand():
    answered = [each.ANSWERS.keys() for each in (by_hand, history_by_hand, health_by_hand)]
    assert HELD["queries"].keys() == set().union(*answered) | {
        "search",
        "closures_by_any_count",
    }
    assert all(query["title"] and query["description"] for query in HELD["queries"].values())


@pytest.mark.parametrize("organisation", ["", "ALDER", "birch", "cedar", HOSTILE])
@pytest.mark.parametrize("query", by_hand.ANSWERS)
def test_queries_answer_right(site, query, organisation):
    check(site, query, organisation)


@pytest.mark.parametrize("organisation", ["", LARGE.upper(), PERSON, NONE])
@pytest.mark.parametrize("query", by_hand.ANSWERS)
def test_queries_answer_right_about_an_estate(estate_site, query, organisation):
    check(estate_site, query, organisation)


def check(site: Pages, query: str, organisation: str) -> None:
    takes = HELD["queries"][query].get("params", [])
    parameters = {"organisation": organisation} if takes and organisation else {}
    expected = by_hand.ANSWERS[query](site.dataset, parameters.get("organisation", ""))
    rows = site.rows(query, **parameters)
    names = expected[0].keys() if expected else []
    assert [{name: row[name] for name in names} for row in rows] == expected


@pytest.mark.parametrize("words", ["lantern", "nhs", "LANTERN forked", "nowhere"])
def test_search_finds_words(site, words):
    assert {row["name"] for row in site.rows("search", words=words)} == by_hand.search(site.dataset, words)


@pytest.mark.parametrize("words", ["dashboard", "bed occupancy", "notebooks"])
def test_search_finds_words_in_an_estate(estate_site, words):
    found = {row["name"] for row in estate_site.rows("search", words=words)}
    assert found >= by_hand.search(estate_site.dataset, words) > set()


@pytest.mark.parametrize("words", ["", " ", '"', "*", "AND", "NOT x", "(", "name:", "^", "a*", "NEAR(", "☃", HOSTILE])
def test_no_search_is_an_error(site, words):
    assert site.get(f"{DATABASE}/search", words=words).status_code == 200
    assert site.get(f"{DATABASE}/repositories", _search=words).status_code == 200


def test_a_search_for_a_single_quotation_mark_finds_nothing(site):
    response = site.get(f"{DATABASE}/repositories", _search='"')
    assert response.status_code == 200
    assert "0 rows" in response.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "/",
        DATABASE,
        f"{DATABASE}/repositories/6",
        f"{DATABASE}/organisations/Alder",
        f"{DATABASE}/growth/Alder,2020-05-01",
        f"{DATABASE}/repositories?_search=lantern",
        f"{DATABASE}/repositories?_facet=created_year&_facet_array=topics",
        f"{DATABASE}/repositories.csv?_labels=on",
        f"{DATABASE}.db",
        *(f"{DATABASE}/{each.name}{suffix}" for each in (*tables.TABLES, *VIEWS) for suffix in ("", ".json", ".csv")),
        *(f"{DATABASE}/{query}{suffix}" for query in HELD["queries"] for suffix in ("", ".csv")),
    ],
)
def test_pages_open_and_hostile_text_stays_text(site, path):
    response = site.get(path)
    assert response.status_code == 200
    if "text/html" in response.headers["content-type"]:
        assert "<script>alert" not in response.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    ["/", DATABASE, *(f"{DATABASE}/{name}" for name in [*(table.name for table in tables.TABLES), *HELD["queries"]])],
)
def test_each_level_has_licence_source_and_about(site, path):
    page = site.get(path).text
    for words in ("Data license:", "Data source:", "About:", "<a href"):
        assert words in page


def test_hostile_text_comes_through_as_data(site):
    response = site.get(f"{DATABASE}/repositories.csv", name="hostile")
    [row] = csv.DictReader(io.StringIO(response.text))
    assert row["description"] == row["homepage"] == HOSTILE


def test_labels_facets_and_search_are_offered(site):
    page = site.get(f"{DATABASE}/repositories").text
    assert ">The Alder</a>&nbsp;<em>Alder</em>" in page
    assert 'name="_search"' in page
    answer = site.get(f"{DATABASE}/repositories.json").json()
    assert set(answer["facet_results"]) == {"organisation", "language", "license", "archived"}


def test_canned_queries_show_their_rows_and_hide_their_sql(site):
    page = site.get(f"{DATABASE}/most_starred").text
    assert "<textarea" not in page
    assert 'id="sql-query"' not in page
    assert all(query["hide_sql"] for query in HELD["queries"].values())


@pytest.mark.slow
def test_the_hint_for_an_empty_database_is_on_no_other(site):
    for path in ("/", DATABASE):
        assert "make scrape" not in site.get(path).text


@pytest.mark.slow
def test_before_anything_was_observed_the_front_page_says_what_to_do(tmp_path, invented):
    with published(tmp_path, {"dogwood": invented["dogwood"]}) as site:
        for path in ("/", DATABASE):
            page = site.get(path).text
            assert "<code>make scrape</code>" in page
            assert "<code>make demo</code>" in page
        for query in HELD["queries"]:
            rows = site.rows(query)
            assert [row["login"] for row in rows] == (["dogwood"] if query == "could_not_be_observed" else [])
