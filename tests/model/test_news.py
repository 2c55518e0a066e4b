"""Each event has a word, which has its place among the others, and each field a name that readers understand."""

import re
from dataclasses import replace

import pytest

from scraper.action.change_lines import changes
from scraper.model.collections import FACTS
from scraper.model.comparison import Comparison
from scraper.model.events import KINDS, RECOMMENDED, WHEREABOUTS_FIELD, Event, compare
from scraper.model.news import FATE_PHRASES, NAMES, TURNS, WORDS, field_name, word_for
from scraper.site.feeds import sentence
from tests.helpers.examples import asked, make_account, repository

DATE = "2026-11-01T12:00:00Z"
VALUES = {"boolean": (False, True), "integer": (1, 2), "timestamp": (DATE, "2026-11-02T12:00:00Z")} | {
    **dict.fromkeys(("text", "license"), ("a", "b")),
    **dict.fromkeys(("topics", "names"), (["a"], ["b"])),
}
"""Two values of each kind that a fact can have."""


def test_every_event_has_a_word_whose_place_is_known():
    values = (None, "MIT", *FATE_PHRASES, "moved: a/b")
    found = {
        word_for(
            Event(
                kind, "alder", 1, "alder/r", WHEREABOUTS_FIELD if kind in ("vanished", "traced") else None, old, new
            )
        )
        for kind in KINDS
        for old in values
        for new in values
    }
    assert found == set(WORDS)
    assert len(WORDS) == len(found)


def test_files_are_named_as_readers_write_them():
    assert field_name("license_file") == "licence file"
    assert field_name("security_policy") == "security policy"
    assert field_name("code_of_conduct") == "code of conduct"
    assert not any("_" in field_name(name) for name in RECOMMENDED)


@pytest.mark.parametrize("field", [each for each in FACTS[1:] if each.news], ids=lambda field: field.name)
def test_no_sentence_has_the_name_of_a_column(field):
    """Whatever changes: `changed its has wiki from yes to no` is not English."""

    def state(value):
        account = asked(make_account("alder", repository(1), id=10), {1: {}}, DATE)
        records = {
            name: [record | {field.name: value} if field.name in record else record for record in held]
            for name, held in account.records.items()
        }
        return {"alder": replace(account, records=records)}

    one, other = VALUES[field.kind]
    pairs = [(one, other), (other, one)] + [(one, None), (None, one)] * field.nullable
    prefixed = re.match("(is|has|allow)_", field.name)
    columns = ("_", field.name.replace("_", " ")) if prefixed else ("_",)
    for before, after in ((state(old), state(new)) for old, new in pairs):
        [event] = compare(before, after)
        [line] = changes(Comparison(before, after, [event]), most=9)
        for text in (sentence(event), line):
            assert text.startswith("somebody/repository-1")
            assert not [each for each in columns if each in text]
            assert not re.search(r"\b(yes|no)\b(?! longer)", text), "a fact is true or false, but nobody says so"


def test_only_fields_have_names_and_phrases():
    assert {*NAMES, *TURNS} <= {field.name for field in FACTS}
    assert {*NAMES} & {*TURNS} == set()
