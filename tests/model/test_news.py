"""Each event has a word, and each word has its place among the others."""

from scraper.model.events import KINDS, RECOMMENDED, WHEREABOUTS_FIELD, Event
from scraper.model.news import FATE_PHRASES, FILES, WORDS, file_name, word_for


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
    assert file_name("license_file") == "licence file"
    assert file_name("security_policy") == "security policy"
    assert FILES.keys() <= set(RECOMMENDED)
    assert not any("_" in file_name(name) for name in RECOMMENDED)
