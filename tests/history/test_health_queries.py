"""Datasette answers the health queries of metadata.json as plain Python does from all observations."""

import json

import pytest

from tests.helpers import health_by_hand
from tests.helpers.built import built
from tests.helpers.datasette_pages import opened
from tests.helpers.machine import METADATA

QUERIES = json.loads(METADATA.read_text(encoding="utf-8"))["databases"]["open-source-health"]["queries"]
ASKED = (
    {},
    {"organisation": "ALDER"},
    {"organisation": "birch", "check": "readme", "since": "2021-02-03", "until": "2021-05-30", "year": "2021"},
    {"check": "maintained", "since": "2021-03-01", "until": "2021-04-03"},
    {"organisation": "nobody", "check": "nothing", "since": "2031-01-01", "until": "2001-01-01", "year": "2001"},
)


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    states = health_by_hand.life(seed=4)
    exceptions = {"exceptions": [each._asdict() for each in health_by_hand.exceptions()]}
    file = built(tmp_path_factory.mktemp("health"), *states, exceptions=json.dumps(exceptions))
    with opened(file, states[-1]) as site:
        yield site, states


@pytest.mark.parametrize("query", health_by_hand.ANSWERS)
def test_queries_answer_right(lived, query):
    site, states = lived
    takes, empty = QUERIES[query].get("params", []), 0
    for asked in ASKED:
        taken = {name: value for name, value in asked.items() if name in takes}
        expected = health_by_hand.ANSWERS[query](states, **taken)
        rows = site.rows(query, **taken)
        names = expected[0].keys() if expected else []
        assert [{name: row[name] for name in names} for row in rows] == expected, taken
        empty += not expected
    assert empty <= 2
