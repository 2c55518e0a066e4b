"""Two states give events: everything that happened is one event, and nothing else is."""

import datetime
from dataclasses import replace

import pytest

from sandbox import Estate
from scraper.model.accounts import Account
from scraper.model.events import Event, compare
from scraper.model.fields import METRICS, REPOSITORY
from scraper.model.records import pending, read
from tests.helpers.examples import make_account, repository

FIRST, LATER = "2024-01-31T12:00:00Z", "2024-02-29T12:00:00Z"


def of(*accounts):
    return {account.listed_login.casefold(): account for account in accounts}


def later(account, *raw, **changes):
    """The account in the next observation, with these repositories."""
    fresh = make_account(account.listed_login, *raw, **{"id": account.record["id"], "observed_at": LATER, **changes})
    return replace(fresh, record=account.record | fresh.record)


ALDER, BIRCH = make_account("alder", repository(1), repository(2), id=10), make_account("birch", repository(3), id=11)


def kinds(before, after, **formerly):
    return [(event.kind, event.repository_id) for event in compare(before, after, **formerly)]


def test_nothing_happened():
    assert compare(of(ALDER, BIRCH), of(ALDER, BIRCH)) == []
    assert compare(of(ALDER), of(later(ALDER, repository(1, stargazers_count=9), repository(2)))) == []


def test_appeared_vanished_reappeared():
    after = of(later(ALDER, repository(2), repository(4)))
    assert compare(of(ALDER), after) == [
        Event("vanished", "alder", 1, "somebody/repository-1"),
        Event("appeared", "alder", 4, "somebody/repository-4"),
    ]
    assert kinds(of(ALDER), after, formerly={4: "alder"}) == [("vanished", 1), ("reappeared", 4)]


ONE = {
    "renamed": (
        {"name": "new", "full_name": "alder/new"},
        Event("renamed", "alder", 1, "alder/new", "name", "repository-1", "new"),
    ),
    "archived": ({"archived": True}, Event("archived", "alder", 1, "somebody/repository-1", "archived", False, True)),
    "relicensed": (
        {"license": "MIT"},
        Event("relicensed", "alder", 1, "somebody/repository-1", "license", None, "MIT"),
    ),
    "changed": ({"language": "R"}, Event("changed", "alder", 1, "somebody/repository-1", "language", None, "R")),
}


@pytest.mark.parametrize("changes, event", ONE.values(), ids=ONE)
def test_one_thing_happened(changes, event):
    assert compare(of(ALDER), of(later(ALDER, repository(1, **changes), repository(2)))) == [event]


def test_unarchived():
    archived = make_account("alder", repository(1, archived=True), id=10)
    assert kinds(of(archived), of(later(archived, repository(1)))) == [("unarchived", 1)]


def test_transferred_and_renamed_are_two_events():
    after = of(later(ALDER, repository(2)), later(BIRCH, repository(3), repository(1, name="new")))
    assert [(event.kind, event.organisation, event.old, event.new) for event in compare(of(ALDER, BIRCH), after)] == [
        ("transferred", "birch", "alder", "birch"),
        ("renamed", "birch", "repository-1", "new"),
    ]


def test_a_transfer_from_an_organisation_that_could_not_be_observed():
    kept = replace(ALDER, record=ALDER.record | {"status": "kept", "reason": "rate limit"})
    after = of(kept, later(BIRCH, repository(3), repository(1)))
    assert kinds(of(ALDER, BIRCH), after) == [("transferred", 1)]
    assert kinds(after, of(later(ALDER, repository(2)), after["birch"])) == []


def test_a_transfer_to_an_organisation_that_could_not_be_observed_is_reported_late():
    lost = later(ALDER, repository(2))
    found = later(BIRCH, repository(3), repository(1))
    [back, moved] = compare(of(lost, BIRCH), of(lost, found), formerly={1: "alder"})
    assert (back.kind, back.organisation) == ("reappeared", "birch")
    assert (moved.kind, moved.organisation, moved.old, moved.new) == ("transferred", "birch", "alder", "birch")
    assert kinds(of(BIRCH), of(found), formerly={1: "alder"}) == [("reappeared", 1)], "alder is no longer listed"
    renamed = replace(lost, record=lost.record | {"id": BIRCH.record["id"]})
    assert kinds(of(renamed, BIRCH), of(renamed, found), formerly={1: "alder"}) == [("reappeared", 1)]


@pytest.mark.parametrize("status", ["kept", "not_found", "replaced"])
def test_what_could_not_be_observed_makes_no_event(status):
    kept = replace(ALDER, record=ALDER.record | {"status": status, "reason": "why"})
    assert compare(of(ALDER, BIRCH), of(kept, BIRCH)) == []
    assert compare(of(kept, BIRCH), of(ALDER, BIRCH)) == []


def test_the_list_is_not_the_world():
    newcomer = Account("birch", pending("birch", "Birch"))
    assert compare(of(ALDER, newcomer), of(ALDER, BIRCH)) == [], "observed for the first time"
    assert compare(of(ALDER, BIRCH), of(ALDER)) == [], "no longer listed"
    assert compare({}, of(ALDER, BIRCH)) == []


def test_what_becomes_known_or_unknown_is_no_event():
    known = repository(1, is_template=False, topics=["new"], license="MIT", description="text")
    unknown = {k: v for k, v in known.items() if k not in ("is_template", "topics", "license", "description")}
    before = make_account("alder", unknown, id=10)
    after = later(before, known)
    assert compare(of(before), of(after)) == []
    assert compare(of(after), of(later(after, unknown))) == []


def test_a_null_that_means_nothing_is_unknown():
    before = make_account("alder", repository(1, is_template=None, topics=None), id=10)
    assert compare(of(before), of(later(before, repository(1, is_template=False, topics=["new"])))) == []


def test_a_change_of_case_in_the_list_is_no_event():
    assert compare(of(ALDER), of(replace(ALDER, listed_login="ALDER"))) == []


@pytest.fixture(scope="module")
def estate():
    return Estate("nhs")


def observed(estate, on):
    """The dataset of a perfect observation on a day."""
    accounts = []
    for account in estate.accounts(on):
        raw = [estate.write(record, account) for record in estate.repositories(account, on)]
        record = pending(account.login, account.name)
        record |= {"id": account.id, "status": "ok", "observed_at": f"{on}T12:00:00Z", "repositories": len(raw)}
        accounts.append(
            Account(
                account.login,
                record,
                {"repositories": [read(REPOSITORY, r) for r in raw], "metrics": [read(METRICS, r) for r in raw]},
            )
        )
    return of(*accounts)


@pytest.mark.slow
def test_over_half_a_year_the_events_are_what_the_estate_did(estate):
    day, end = datetime.date(2026, 4, 1), datetime.date(2026, 10, 1)
    state, found, gone = (
        observed(estate, day),
        [],
        {e.repository: e.organisation for e in estate.events(datetime.date(2014, 1, 1), day) if e.kind == "vanished"},
    )
    start = day
    while day < end:
        day += datetime.timedelta(days=14)
        after = observed(estate, day)
        events = compare(state, after, formerly=gone)
        gone |= {event.repository_id: event.organisation for event in events if event.kind == "vanished"}
        found += [(e.kind, e.repository_id, e.organisation) for e in events if e.kind != "changed"]
        state = after
    truth = [(e.kind, e.repository, e.organisation) for e in estate.events(start, day)]
    assert sorted(found) == sorted(truth)
    assert len(truth) > 100
