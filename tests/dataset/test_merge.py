"""Two runs that did not know about each other: for each organisation, the later observation counts."""

from dataclasses import replace

from scraper.dataset.merge import merge
from scraper.model.accounts import Account
from scraper.model.health_answers import TABLES
from scraper.model.kinds import UNKNOWN
from scraper.model.records import pending
from tests.helpers.examples import make_account, repository

OLD, NEW = "2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"


def test_the_later_observation_of_each_organisation():
    older = {"a": make_account("a", observed_at=OLD), "b": make_account("b", repository(1), observed_at=NEW)}
    newer = {"a": make_account("a", observed_at=NEW), "b": make_account("b", observed_at=OLD)}
    merged = merge(older, newer, {"a", "b"})
    assert merged == merge(newer, older, {"a", "b"}) == {"a": newer["a"], "b": older["b"]}


def test_at_equal_dates_ours_counts_because_it_knows_why_it_failed():
    theirs = make_account("a", observed_at=OLD)
    ours = replace(theirs, record=theirs.record | {"status": "kept", "reason": "why"})
    assert merge({"a": theirs}, {"a": ours}, {"a"}) == {"a": ours}


def test_the_list_decides_who_is_there():
    known, waiting = make_account("a"), Account("b", pending("b", "B"))
    assert merge({"a": known}, {"b": waiting}, {"b", "c"}) == {"b": waiting}
    assert merge({"b": waiting}, {"b": make_account("b")}, {"b"}) == {"b": make_account("b")}


def looked_at(account, date, **facts):
    """The account, with what the second look at its repositories found on a day."""
    unknown = {name: {field.name: UNKNOWN for field in fields} for name, fields in TABLES.items()}
    found = {name: [] for name in TABLES}
    for each in account.repositories:
        identity = {"id": each["id"], "name": each["name"]}
        found["health"].append(unknown["health"] | identity | facts)
        found["activity"].append(unknown["activity"] | identity | {"files_observed_at": date})
    return replace(account, records={**account.records, **found})


def test_the_later_look_at_health_counts_even_if_the_account_was_observed_earlier():
    account = make_account("alder", repository(1), id=7)
    ours = looked_at(account.with_record(observed_at="2026-11-03T00:00:00Z"), "2026-10-01T00:00:00Z", readme=False)
    theirs = looked_at(account.with_record(observed_at="2026-11-02T00:00:00Z"), "2026-11-02T00:00:00Z", readme=True)
    merged = merge({"alder": theirs}, {"alder": ours}, {"alder"})["alder"]
    assert merged.record["observed_at"] == "2026-11-03T00:00:00Z"
    assert merged.by_id("health")[1]["readme"] is True
    assert merged.by_id("activity")[1]["files_observed_at"] == "2026-11-02T00:00:00Z"


def test_what_only_one_of_the_two_looked_at_stays_known():
    account = make_account("alder", repository(1), id=7)
    ours = account.with_record(observed_at="2026-11-03T00:00:00Z")
    merged = merge({"alder": looked_at(account, "2026-11-02T00:00:00Z", readme=True)}, {"alder": ours}, {"alder"})
    assert merged["alder"].by_id("health")[1]["readme"] is True
