"""Files of the past: however little of a file is parsed, the result is the same as for the whole file."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.history import files
from scraper.history.content import KEPT, Content, read_content
from scraper.history.files import ABSENT, File, read_file
from scraper.model.collections import WITH_COUNTERS, WITH_EVENTS
from scraper.model.forgotten import NOTHING_FORGOTTEN
from tests.helpers.examples import repository

FACTS, METRICS = WITH_EVENTS[0], WITH_COUNTERS[0]
versions = st.lists(
    st.dictionaries(st.integers(1, 6), st.fixed_dictionaries({"stargazers_count": st.integers(0, 2)}), max_size=5),
    min_size=2,
    max_size=4,
)


def content(collection, held):
    raws = [
        {field.name: raw[field.name] for field in collection.fields if field.name in raw}
        for raw in (repository(id_, **changes) for id_, changes in held.items())
    ]
    return b"\n".join(map(orjson.dumps, raws)) if collection is METRICS else orjson.dumps(raws)


@pytest.mark.parametrize("collection", [FACTS, METRICS], ids=lambda each: each.name)
@given(versions=versions, left_out=st.sets(st.integers(1, 6), max_size=2))
def test_a_file_says_the_same_whatever_was_read_before(collection, versions, left_out):
    last: File = ABSENT
    for number, held in enumerate(versions):
        alone, last = (
            read_file(collection, str(number), content(collection, held), before).without(left_out)
            for before in (ABSENT, last)
        )

        assert alone == last
        assert list(alone.by_id) == list(last.by_id) == [id_ for id_ in held if id_ not in left_out]


def test_a_line_that_stays_is_not_parsed_again(monkeypatch):
    parsed, decode = [], files.decode_lines
    monkeypatch.setattr(
        files, "decode_lines", lambda fields, lines: parsed.append(len(lines)) or decode(fields, lines)
    )
    held = {id_: {"stargazers_count": 1} for id_ in range(1, 9)}
    last = read_file(METRICS, "first", content(METRICS, held), ABSENT)

    now = read_file(METRICS, "second", content(METRICS, held | {3: {"stargazers_count": 2}}), last)

    assert parsed == [8, 1]
    assert [id_ for id_ in held if now.by_id[id_] is not last.by_id[id_]] == [3]


@pytest.mark.parametrize(
    "text, why",
    [
        (b"{1}, {2}", "trailing|unexpected"),
        (b"{1}\n{1}", "1 appears twice"),
        (b"{1}\n{1, with: 2}", "1 appears twice"),
        (b"{1}\n\n", "empty|zero-length"),
        (b'{2}, {"odd": [{}\n{}], "id": 3, "name": "odd", "pushed_at": null}', "trailing|unexpected"),
        (b"[]", r"a record is \[\], not an object"),
    ],
)
@pytest.mark.parametrize("before", [b"", b"{1}"])
def test_a_file_that_is_damaged_says_so(text, why, before):
    before, text = (each.replace(b"{1}", line(1)).replace(b"{2}", line(2)) for each in (before, text))
    text = text.replace(b"{1, with: 2}", line(1, stargazers_count=2))
    last = read_file(METRICS, "last", before, ABSENT)

    with pytest.raises(ValueError, match=why):
        read_file(METRICS, "now", text, last)


def line(id_, **changes):
    return content(METRICS, {id_: changes})


def test_records_that_leave_a_file_are_dropped_whatever_was_read_before():
    facts = read_file(FACTS, "facts", content(FACTS, {1: {}}), ABSENT).by_id
    counters = read_file(METRICS, "metrics", content(METRICS, {1: {}}), ABSENT).by_id
    sources = tuple(each.name if each in (FACTS, METRICS) else None for each in KEPT)

    now = read_content(sources, {"repositories": b"[]", "metrics": b""}, Content(facts, counters), NOTHING_FORGOTTEN)

    assert (now.facts, now.counters) == ({}, {})


@pytest.mark.parametrize("value", [0, 1, 0.0, None, "no"])
def test_an_equal_number_after_a_boolean_is_still_refused(value):
    good = content(FACTS, {1: {"fork": bool(value)}})
    last = read_file(FACTS, "last", good, ABSENT)

    with pytest.raises(ValueError, match="fork"):
        read_file(FACTS, "now", content(FACTS, {1: {"fork": value}}), last)
