"""Two runs that did not know of each other: of each organisation the later observation counts."""

from dataclasses import replace

from scraper.dataset.merge import merge
from scraper.model.accounts import Account
from scraper.model.records import pending
from tests.helpers.examples import make_account, repository

OLD, NEW = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"


def test_the_later_observation_of_each_organisation():
    older = {"a": make_account("a", observed_at=OLD), "b": make_account("b", repository(1), observed_at=NEW)}
    newer = {"a": make_account("a", observed_at=NEW), "b": make_account("b", observed_at=OLD)}
    merged = merge(older, newer, {"a", "b"})
    assert merged == merge(newer, older, {"a", "b"}) == {"a": newer["a"], "b": older["b"]}


def test_at_equal_dates_ours_for_it_knows_why_it_failed():
    theirs = make_account("a", observed_at=OLD)
    ours = replace(theirs, record=theirs.record | {"status": "kept", "reason": "why"})
    assert merge({"a": theirs}, {"a": ours}, {"a"}) == {"a": ours}


def test_the_list_decides_who_is_there():
    known, waiting = make_account("a"), Account("b", pending("b", "B"))
    assert merge({"a": known}, {"b": waiting}, {"b", "c"}) == {"b": waiting}
    assert merge({"b": waiting}, {"b": make_account("b")}, {"b"}) == {"b": make_account("b")}
