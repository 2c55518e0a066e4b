"""Queries in files: what a header may contain, and what is said if it contains something else."""

import shutil

import pytest

from scraper.database.describe import compose
from scraper.database.query_file import Query, read_query
from scraper.errors import ConfigurationError
from tests.helpers.machine import ROOT

GOOD = """-- title: How many?
-- description: Counted: those that exist,
--   in "open" organisations.
-- parameters: since, organisation

select count(*), ':no' -- not yet
from repositories
where organisation = :organisation and created_at > :since
"""


def test_a_header_says_what_is_asked(tmp_path):
    path = tmp_path / "x.sql"
    path.write_text(GOOD)
    assert read_query(path) == Query(
        "How many?",
        'Counted: those that exist, in "open" organisations.',
        ("since", "organisation"),
        GOOD.partition("\n\n")[2].strip(),
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("-- title: How many?\n", "", "x.sql, line 1: a query must begin with its title"),
        ("-- title:", "-- titel:", "x.sql, line 1: `-- key: text` was expected, once for each of title, desc"),
        ("-- title: How many?", "-- How many?", "x.sql, line 1: `-- key: text` was expected"),
        ("-- title: How many?", "--title: How many?", "x.sql, line 1: `-- key: text` was expected"),
        ("-- title: How many?", "-- title:", "x.sql, line 1: `-- key: text` was expected"),
        ("--   in ", "-- in ", "x.sql, line 3: `-- key: text` was expected"),
        ("-- parameters", "-- title", "x.sql, line 4: `-- key: text` was expected, once for each"),
        ("select", "delete", "x.sql, line 5: a SELECT was expected below the header"),
        (":since\n", ":since;\n", "x.sql: the SQL ends with a semicolon: remove it"),
        ("since, ", "", "x.sql: the SQL uses organisation, since, but the header names organisation"),
        ("since, ", "since, month, ", "x.sql: the SQL uses organisation, since, but the header names since, month"),
        ("> :since", "> 2", "x.sql: the SQL uses organisation, but the header names since, organisation"),
    ],
)
def test_another_header_is_refused_with_its_line(tmp_path, old, new, message):
    path = tmp_path / "x.sql"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ConfigurationError) as caught:
        read_query(path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda folder: (folder / "queries" / "new.sql").write_text("-- title: New\n\nselect 1\n"),
            "add `- new` in ",
        ),
        (
            lambda folder: (folder / "charts" / "growth.sql").unlink(),
            "names growth, but .*charts has no such file",
        ),
        (
            lambda folder: (folder / "filters" / "year.sql").write_text("-- title: Y\n\nselect 1\n"),
            "add `- year` in ",
        ),
        (
            lambda folder: edit(folder / "datasette.yml", "\n  topics:\n", "\n  tropics:\n"),
            "datasette.yml does not describe topics: add it under `tables`",
        ),
        (lambda folder: edit(folder / "datasette.yml", "\ntables:", "\ntabels:"), "datasette.yml lacks `tables:`"),
        (
            lambda folder: edit(folder / "datasette.yml", "title: ", "title: ["),
            "datasette.yml, line 5: not valid YAML",
        ),
        (lambda folder: edit(folder / "charts/growth.vl.json", "{", "{,"), "growth.vl.json, line 1: not valid JSON"),
        (
            lambda folder: edit(folder / "charts/growth.vl.json", "$schema", "schema"),
            'growth.vl.json lacks "\\$schema": copy',
        ),
    ],
)
def test_what_is_in_one_place_only_is_named(tmp_path, change, message):
    folder = shutil.copytree(ROOT / "metadata", tmp_path / "metadata")
    assert compose(folder)
    change(folder)
    with pytest.raises(ConfigurationError, match=message):
        compose(folder)


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
