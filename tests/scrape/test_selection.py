"""What the list excludes or names one by one is recorded as such, and excluding or including it is not an event."""

import datetime
import time

import pytest

from scraper.config import ListedAccount
from scraper.dataset import store
from scraper.github.miscount import DAYS
from scraper.model.events import compare
from tests.helpers.estate import LARGE, NONE, PERSON, TOKEN, names

BEFORE, AFTER = datetime.date(2024, 6, 1), datetime.date(2026, 11, 1)
DAY = datetime.timedelta(days=1)
BOTH = pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "anonymous"])


@pytest.fixture
def observe(github, run, tmp_path):
    """Scrape on a day; return the report, the new dataset, and by id the kind of the first event since."""

    def observe(on, *entries, token=TOKEN):
        github.date = on
        before = store.load(tmp_path / "data")
        report = run(*entries, token=token)
        after = store.load(tmp_path / "data")
        return report, after, {event.repository_id: event.kind for event in reversed(compare(before, after))}

    return observe


@pytest.fixture
def happened(world):
    """The id and the old and new names of a repository of LARGE to which this happened between the two days."""

    def happened(kind):
        account = next(each for each in world.accounts(BEFORE) if each.login == LARGE)
        was = {each["id"]: each["name"] for each in world.repositories(account, BEFORE)}
        now = {each["id"]: each["name"] for each in world.repositories(account, AFTER)}
        if kind == "renamed":
            return next((id_, was[id_], now[id_]) for id_ in was.keys() & now.keys() if was[id_] != now[id_])
        return next((id_, was[id_], None) for id_ in was.keys() - now.keys())

    return happened


def large(*exclude):
    return ListedAccount(LARGE, LARGE, exclude=exclude)


def only(*repositories):
    return ListedAccount(LARGE, LARGE, only=repositories)


@BOTH
def test_what_is_excluded_is_neither_in_data_nor_in_events_and_recorded(observe, truth, token):
    whole = truth(LARGE, AFTER)
    _, before, _ = observe(AFTER, large(), token=token)
    assert names(before[LARGE.casefold()]) == whole
    out = {id_ for id_, name in whole.items() if name.casefold().partition("/")[2].startswith("a")}
    named = next(id_ for id_ in whole if id_ not in out)
    report, after, events = observe(AFTER, large("A*", whole[named].partition("/")[2].upper()), token=token)
    account = after[LARGE.casefold()]
    assert report.exit_code == 0
    assert out
    assert names(account).keys() == whole.keys() - out - {named}
    assert account.record["excluded"] == sorted({*out, named})
    assert account.record["repositories"] == len(whole) - len(out) - 1
    assert events == {}
    assert report.comparison.tally(LARGE.casefold()).vanished == 0
    report, after, events = observe(AFTER, large(), token=token)
    assert names(after[LARGE.casefold()]) == whole
    assert after[LARGE.casefold()].record["excluded"] is None
    assert events == {}
    assert report.comparison.tally(LARGE.casefold()).appeared == 0


@BOTH
def test_the_count_is_judged_with_what_is_excluded(github, observe, token):
    """A short list is recognised as short, and a complete one as complete, whatever is excluded from it."""
    observe(AFTER, large("a*"), token=token)
    github.faults = [f"empty-list:login={LARGE},page=3"]
    report, after, _ = observe(AFTER, large("a*"), token=token)
    assert report.exit_code == 1
    assert after[LARGE.casefold()].record["status"] == "kept"
    github.faults = []
    assert observe(AFTER, large("a*"), token=token)[0].exit_code == 0


def test_a_loss_during_an_exclusion_is_no_event(observe, happened):
    id_, name, _ = happened("vanished")
    observe(BEFORE, large())
    observe(BEFORE, large(name))
    assert id_ not in observe(AFTER, large(name))[2]
    assert id_ not in observe(AFTER, large())[2]


def test_repositories_that_are_not_excluded_vanish_as_usual(observe, happened):
    id_, _, _ = happened("vanished")
    observe(BEFORE, large("zzz"))
    assert observe(AFTER, large("zzz"))[2][id_] == "vanished"


@BOTH
def test_single_repositories_are_observed_and_nothing_else_of_their_owner(observe, truth, token):
    wanted = dict(list(truth(LARGE, AFTER).items())[:2])
    short = [name.partition("/")[2] for name in wanted.values()]
    report, after, _ = observe(AFTER, only(short[0].upper(), short[1]), PERSON, token=token)
    account = after[LARGE.casefold()]
    assert report.exit_code == 0
    assert names(account) == wanted
    assert account.record["selected"] == dict(zip([short[0].upper(), short[1]], wanted, strict=True))
    assert account.record["repositories"] == 2


def test_listing_more_or_fewer_repositories_of_an_owner_is_no_event(observe, truth):
    first, second = list(truth(LARGE, AFTER).values())[:2]
    first, second = first.partition("/")[2], second.partition("/")[2]
    for entry in (only(first), only(first, second), only(second), large(), only(first)):
        report, _, events = observe(AFTER, entry)
        assert (report.exit_code, events) == (0, {})


def test_a_renamed_repository_is_followed_and_the_new_name_reported(observe, happened):
    id_, old, new = happened("renamed")
    observe(BEFORE, only(old))
    report, after, events = observe(AFTER, only(old))
    account = after[LARGE.casefold()]
    assert names(account) == {id_: f"{LARGE}/{new}"}
    assert events == {id_: "renamed"}
    assert (
        account.record["reason"] == f"{LARGE}/{old} is now called {LARGE}/{new} on GitHub: list it under that name."
    )
    assert account.record["reason"] in report.outcomes[0].warnings
    assert observe(AFTER, only(new))[2] == {}


def test_a_repository_that_moved_to_another_owner_is_reported_there(observe, world):
    def everything(on):
        return {
            record["id"]: (account.login, record["name"])
            for account in world.accounts(on)
            for record in world.repositories(account, on)
        }

    was, now = everything(BEFORE), everything(AFTER)
    id_ = next(id_ for id_, (owner, _) in was.items() if now.get(id_, (owner,))[0] != owner)
    (owner, name), (new_owner, new_name) = was[id_], now[id_]
    entry, new_entry = (ListedAccount(*2 * (at,), only=(name,)) for at, name in (was[id_], now[id_]))
    observe(BEFORE, entry)
    report, after, _ = observe(AFTER, entry)
    account = after[owner.casefold()]
    assert report.exit_code == 0
    assert account.repositories == []
    said = f"{owner}/{name} is now called {new_owner}/{new_name} on GitHub: list it under that name."
    assert account.record["reason"] == said
    _, after, events = observe(AFTER, new_entry)
    assert names(after[new_owner.casefold()]) == {id_: f"{new_owner}/{new_name}"}
    assert events == {}


def test_a_repository_that_moved_and_is_listed_there_at_once_is_transferred(observe, world):
    event = next(each for each in world.events(BEFORE, AFTER) if each.kind == "transferred")
    on = event.date
    name = next(
        record["name"]
        for account in world.accounts(on - DAY)
        for record in world.repositories(account, on - DAY)
        if record["id"] == event.repository
    )
    observe(on - DAY, ListedAccount(event.old, event.old, only=(name,)))
    events = observe(on, ListedAccount(event.organisation, event.organisation, only=(name,)))[2]
    assert events == {event.repository: "transferred"}


@BOTH
def test_a_lost_repository_is_believed_to_be_gone_after_several_days(
    github, observe, happened, truth, monkeypatch, token
):
    id_, name, _ = happened("vanished")
    other, other_id = next(
        (full.partition("/")[2], each)
        for each, full in truth(LARGE, BEFORE).items()
        if truth(LARGE, AFTER).get(each) == full
    )
    observe(BEFORE, only(name, other), PERSON, token=token)
    for day in range(DAYS + 1):
        monkeypatch.setattr("sandbox.clock.time", lambda day=day: time.time() + day * 86_400)
        report, after, events = observe(AFTER, only(name, other), PERSON, token=token)
        assert events.get(id_) == ("vanished" if day == DAYS else None)
        if day < DAYS:
            assert after[LARGE.casefold()].record["reason"] == f"GitHub cannot find {LARGE}/{name}."
            assert report.exit_code == 3
    account = after[LARGE.casefold()]
    assert names(account).keys() == {other_id}
    assert account.record["selected"] == {name: id_, other: other_id}
    assert account.record["reason"] == f"GitHub has no public repository {LARGE}/{name}."
    github.date = BEFORE
    monkeypatch.setattr("sandbox.clock.time", lambda: time.time() + 2_000 * 86_400)
    assert observe(BEFORE, only(name, other), PERSON, token=token)[2][id_] == "appeared"


def test_an_outage_of_the_owner_or_of_all_is_never_reported_as_vanished(github, observe, truth, monkeypatch):
    name = next(iter(truth(LARGE, AFTER).values())).partition("/")[2]
    observe(AFTER, only(name), PERSON)
    for day, fault in enumerate([f"suspended:login={LARGE}", "server-error:status=502"] * (DAYS + 1)):
        monkeypatch.setattr("sandbox.clock.time", lambda day=day: time.time() + day * 86_400)
        github.faults = [fault]
        _, after, events = observe(AFTER, only(name), PERSON)
        assert events == {}
        assert len(after[LARGE.casefold()].repositories) == 1


def test_an_unknown_name_is_reported_and_the_others_are_observed(observe, truth):
    name = next(iter(truth(LARGE, AFTER).values())).partition("/")[2]
    report, after, _ = observe(AFTER, only(name, "no-such"), NONE)
    assert report.exit_code == 0
    assert after[LARGE.casefold()].record["reason"] == f"GitHub has no public repository {LARGE}/no-such."
    assert after[LARGE.casefold()].record["selected"]["no-such"] is None
    report, after, _ = observe(AFTER, ListedAccount(PERSON, PERSON, only=("no-such",)), NONE)
    assert after[PERSON.casefold()].record["status"] == "not_found"
