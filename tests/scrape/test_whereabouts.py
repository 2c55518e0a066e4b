"""Repositories that are no longer listed: looked up by id, believed only if GitHub is consistent, and reported."""

from datetime import date, timedelta

import pytest

from sandbox import Closing, Closure, Estate, Fault
from scraper.config import ListedAccount
from scraper.dataset import store
from scraper.model.events import compare
from scraper.threshold import DEFAULT, Threshold
from tests.helpers.estate import LARGE, PERSON, files

OTHER = "LarkmereData"
EVE, NIGHT = date(2024, 10, 31), date(2024, 11, 1)
FATES = ("private", "moved", "blocked")


def days(number):
    return NIGHT + timedelta(days=number)


@pytest.fixture(scope="session")
def estate():
    return Estate("nhs")


@pytest.fixture
def world(estate, request):
    return Closing(estate, *getattr(request, "param", ()))


@pytest.fixture
def live(github, run, held):
    """Scrape on a day, with faults; return the report."""

    def live(day, *faults, **settings):
        github.date, github.faults = day, list(faults)
        return run(LARGE, OTHER, PERSON, **{"timeout": 2, "workers": 2, **settings})

    return live


def expected(world, number, on, owner):
    """What should be recorded about a repository, if it is true."""
    true = world.whereabouts(number, on)
    if true.blocked:
        return "blocked", None
    if true.full_name is None:
        return "not_public", None
    return ("unlisted", None) if true.full_name.startswith(f"{owner}/") else ("moved", true.full_name)


def recorded(account):
    return {id_: (each["whereabouts"], each["moved_to"]) for id_, each in account.whereabouts.items()}


def closure(*closures):
    return pytest.mark.parametrize("world", [closures], indirect=True, ids=[""])


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
@closure(Closure(OTHER, NIGHT, share=0.8, fates=FATES))
def test_each_repository_of_a_closure_is_looked_up_and_dated(live, held, world, truth, github, token):
    live(EVE, token="t")
    before = truth(OTHER, EVE)
    github.requests.clear()
    report = live(NIGHT, token=token)
    gone = before.keys() - truth(OTHER, NIGHT).keys()
    assert report.exit_code == 0
    assert len(gone) > len(before) / 2 > 10
    found = recorded(held(OTHER))
    if token is None:  # the list's rules removed some of the sixty, and the closure is larger than the rest
        found = {id_: fate for id_, fate in found.items() if fate[0]}
        assert 3 < len(found) <= len(gone)
    else:
        assert found.keys() == gone
        assert held(OTHER).whereabouts[min(gone)]["checked_at"].startswith(str(NIGHT))
    assert found == {id_: expected(world, id_, NIGHT, OTHER) for id_ in found}
    assert {fate for fate, _ in found.values()} == {"not_public", "moved", "blocked"}
    assert {record["missing_since"][:10] for record in held(OTHER).whereabouts.values()} == {str(NIGHT)}


@closure(Closure(OTHER, NIGHT, until=days(30)))
def test_what_is_public_again_after_a_month_is_listed_and_no_longer_missed(live, held, truth):
    live(EVE)
    live(NIGHT)
    assert held(OTHER).repositories == []
    assert {fate for fate, _ in recorded(held(OTHER)).values()} == {"not_public"}
    live(days(30))
    assert held(OTHER).facts.keys() == truth(OTHER, days(30)).keys()
    assert not held(OTHER).whereabouts.keys() & held(OTHER).facts.keys()


@closure(Closure(OTHER, NIGHT, share=0.5), Closure(OTHER, days(20), share=0.5, fates=("moved",)))
def test_what_becomes_of_it_later_is_seen_within_a_month(live, held, world):
    live(EVE)
    live(NIGHT)
    first = held(OTHER).whereabouts
    live(days(21))
    moved = {id_ for id_ in first if world.whereabouts(id_, days(21)).full_name}
    assert moved
    assert {held(OTHER).whereabouts[id_]["whereabouts"] for id_ in moved} == {"not_public"}
    live(days(31))
    assert {held(OTHER).whereabouts[id_]["whereabouts"] for id_ in moved} == {"moved"}


@closure(Closure(OTHER, NIGHT, share=0.8, fates=FATES))
def test_what_a_budget_does_not_reach_is_unknown_and_looked_up_in_the_next_run(live, held, world, github):
    live(EVE)
    report = live(NIGHT, lookups=0)
    found = recorded(held(OTHER))
    sampled = [id_ for id_, fate in found.items() if fate[0]]
    assert 1 <= len(sampled) <= 3 < len(found)
    assert "the rest will follow" in " ".join(report.notices)
    github.requests.clear()
    live(days(1), lookups=10)
    assert sum("/repositories/" in request.path for request in github.requests) <= 10 + 4
    live(days(2))
    assert all(fate for fate, _ in recorded(held(OTHER)).values())


LIES = {
    "lists and counts are cut": ["cut-list:login=LarkmereData,keep=20"],
    "lists and counts are empty": ["cut-list:login=LarkmereData,keep=0"],
    "lists are cut, and GraphQL's ids are lost": ["cut-list:login=LarkmereData,keep=20", "lost-id:path=graphql"],
    "lists are cut, and all ids are lost": ["cut-list:login=LarkmereData,keep=20", "lost-id"],
    "lists are cut, and ids are refused": ["cut-list:login=LarkmereData,keep=20", "refused-id"],
    "lists are cut, and ids are answered with others": ["cut-list:login=LarkmereData,keep=20", "other-id"],
    "the account is gone": ["suspended:login=LarkmereData"],
    "the first list is cut": ["cut-list:login=LarkmereData,keep=20,times=3"],
}


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
@pytest.mark.parametrize("lies", LIES.values(), ids=LIES)
@pytest.mark.parametrize("lookups", [300, 0])
def test_no_outage_is_reported_as_a_closure(live, held, lies, token, lookups, tmp_path):
    live(EVE)
    before = files(tmp_path / "data")[f"repositories/{OTHER}.json"]
    live(NIGHT, *lies, token=token, lookups=lookups)
    found = held(OTHER)
    assert found.record["status"] in ("kept", "not_found") or len(found.repositories) > 20
    assert found.record["status"] == "ok" or files(tmp_path / "data")[f"repositories/{OTHER}.json"] == before
    assert not found.whereabouts
    live(days(1))
    assert held(OTHER).record["status"] == "ok"


@closure(Closure(OTHER, NIGHT, share=0.1))
def test_the_same_answer_after_a_month_is_no_reason_to_write(live, held, world, monkeypatch):
    live(EVE)
    live(NIGHT)
    monkeypatch.setattr("scraper.departures.RECHECK", timedelta(days=5))
    monkeypatch.setattr(
        Closing, "repositories", lambda self, account, on, of=Closing.repositories: of(self, account, NIGHT)
    )
    asked = live(days(6))
    assert asked.files == [], "only looked up again"


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
def test_small_losses_add_up_to_a_closure_so_each_is_looked_up_whatever_the_budget(live, held, token):
    live(EVE)
    before = held(OTHER).facts.keys()
    for number, missing in enumerate((3, 6, 9)):
        live(days(number), f"cut-list:login={OTHER},keep={len(before) - missing}", token=token, lookups=0)
        assert (held(OTHER).record["status"], held(OTHER).facts.keys()) == ("kept", before)
    live(days(4))
    assert (held(OTHER).record["status"], dict(held(OTHER).whereabouts)) == ("ok", {})


@closure(Closure(OTHER, NIGHT, share=0.1, fates=("private",)))
@pytest.mark.parametrize("threshold, lists", [(DEFAULT, 1), (Threshold(1, 0.05), 2)])
def test_what_the_list_calls_a_closure_is_listed_twice(live, github, threshold, lists):
    live(EVE)
    github.requests.clear()
    live(NIGHT, threshold=threshold)
    assert [each.path for each in github.requests].count(f"/orgs/{OTHER}/repos") == lists


@closure(Closure(OTHER, NIGHT, share=0.1, fates=("private",)))
@pytest.mark.parametrize("fault", ["refused-id", "lost-id"])
def test_a_loss_without_lookups_is_believed_once_it_has_been_the_same_for_a_week(live, held, truth, fault):
    live(EVE)
    before = held(OTHER).facts.keys()
    for number in (0, 1, 3, 6):
        live(days(number), fault)
        assert held(OTHER).record["status"] == "kept", number
        assert held(OTHER).facts.keys() == before
    assert "the loss will be believed once it has lasted for 7 days" in held(OTHER).record["reason"]
    live(days(7), fault)
    assert (held(OTHER).record["status"], held(OTHER).record["mismatch"]) == ("ok", None)
    there = truth(OTHER, days(7)).keys()
    assert held(OTHER).facts.keys() == there
    assert recorded(held(OTHER)) == dict.fromkeys(before - there, (None, None))
    assert {each["missing_since"][:10] for each in held(OTHER).whereabouts.values()} == {str(NIGHT)}
    live(days(8))
    assert {fate for fate, _ in recorded(held(OTHER)).values()} == {"not_public"}


@closure(Closure(OTHER, NIGHT, share=0.1, fates=("private",)))
def test_once_anything_can_be_looked_up_nobody_waits(live, held):
    live(EVE)
    live(NIGHT, "refused-id")
    assert held(OTHER).record["status"] == "kept"
    live(days(1))
    assert held(OTHER).record["status"] == "ok"
    assert {fate for fate, _ in recorded(held(OTHER)).values()} == {"not_public"}


INTERRUPTED = {
    "it was listed in between": ["refused-id"],
    "another one was missing too": ["cut-list:login=LarkmereData,keep=20", "refused-id"],
    "its id was found": ["cut-list:login=LarkmereData,keep=21"],
}


@pytest.mark.parametrize("faults", INTERRUPTED.values(), ids=INTERRUPTED)
def test_a_week_in_which_githubs_answer_changed_does_not_count(live, held, faults):
    outage = ["cut-list:login=LarkmereData,keep=21", "refused-id"]
    live(EVE)
    before = held(OTHER).facts.keys()
    for number in (0, 1, 2, 3):
        live(days(number), *outage, lookups=0)
    live(days(4), *faults, lookups=0)
    for number in (5, 6, 7, 11):
        live(days(number), *outage, lookups=0)
        assert held(OTHER).record["status"] == "kept"
        assert held(OTHER).facts.keys() >= before


@closure(Closure(OTHER, NIGHT, share=0.1), Closure(LARGE, NIGHT, share=0.1), Closure(PERSON, NIGHT, share=0.1))
def test_a_token_without_lookups_does_not_keep_old_data_for_ever(live, held):
    """If all of them wait for the same thing, that is not an outage: each of them was listed and counted."""
    live(EVE)
    for number in (0, 1, 2, 7):
        live(days(number), "refused-id")
    assert [held(login).record["status"] for login in (OTHER, LARGE, PERSON)] == ["ok"] * 3


@closure(Closure(OTHER, days(8), ends=True))
def test_days_on_which_an_account_was_missing_before_it_was_seen_again_do_not_count(live, held):
    live(EVE)
    live(NIGHT, f"suspended:login={OTHER}")
    assert held(OTHER).record["missing"]
    live(days(1), f"server-error:login={OTHER}")
    assert held(OTHER).record["missing"], "nobody saw it"
    live(days(2), f"cut-list:login={OTHER},keep=20")
    assert (held(OTHER).record["status"], held(OTHER).record["missing"]) == ("kept", None)
    for number in (8, 9, 10):
        live(days(number))
        assert held(OTHER).record["status"] == "not_found"
    live(days(11))
    assert held(OTHER).record["status"] == "gone"
    assert {each["missing_since"][:10] for each in held(OTHER).whereabouts.values()} == {str(days(8))}


@closure(Closure(OTHER, NIGHT, ends=True))
def test_an_owner_of_single_repositories_ends_too(live, held, truth, run, github):
    name = min(truth(OTHER, EVE).values()).partition("/")[2]
    listed = (LARGE, ListedAccount(OTHER, OTHER, only=(name,)), PERSON)
    for day in (EVE, NIGHT, days(1), days(4)):
        github.date, github.faults = day, []
        run(*listed, timeout=2, workers=2)
    assert held(OTHER).record["status"] == "gone"
    assert {fate for fate, _ in recorded(held(OTHER)).values()} == {"not_public"}


@closure(Closure(OTHER, NIGHT, ends=True))
def test_an_organisation_ends_after_several_days_and_not_before(live, held, truth):
    live(EVE)
    before = truth(OTHER, EVE).keys()
    for number in (0, 0, 1, 2):
        live(days(number))
        assert held(OTHER).record["status"] == "not_found"
        assert held(OTHER).facts.keys() == before
    assert live(days(3)).exit_code == 0
    account = held(OTHER)
    assert account.record["status"] == "gone"
    assert account.record["missing"] == sorted(account.record["missing"])
    assert f"no such account since {NIGHT}" in account.record["reason"]
    assert (account.repositories, account.whereabouts.keys()) == ([], before)
    assert {each["missing_since"][:10] for each in account.whereabouts.values()} == {str(NIGHT)}
    assert {fate for fate, _ in recorded(account).values()} == {"not_public"}
    live(days(4))
    assert held(OTHER).record["status"] == "gone"
    assert held(OTHER).record["missing"] == account.record["missing"]


@closure(Closure(OTHER, NIGHT, until=days(10), ends=True))
def test_an_organisation_that_comes_back_is_observed_again(live, held, truth):
    for day in (EVE, NIGHT, days(1), days(4)):
        live(day)
    assert held(OTHER).record["status"] == "gone"
    live(days(5), "server-error")
    assert held(OTHER).record["status"] == "gone"
    live(days(11))
    assert (held(OTHER).record["status"], held(OTHER).record["missing"]) == ("ok", None)
    assert held(OTHER).facts.keys() == truth(OTHER, days(11)).keys()
    assert not held(OTHER).whereabouts.keys() & held(OTHER).facts.keys()


def test_an_account_is_not_gone_because_everything_is(live, held):
    """Days of 404 for all but one in the list: GitHub's fault, as long as their repositories are found by id."""
    faults = [f"suspended:login={login}" for login in (OTHER, PERSON)]
    live(EVE)
    for number in (0, 1, 13, 14, 15, 30):
        live(days(number), *faults)
        assert held(OTHER).record["status"] in ("not_found", "kept")
        assert held(OTHER).repositories


@closure(Closure(OTHER, NIGHT, ends=True), Closure(PERSON, NIGHT, ends=True))
def test_most_of_the_list_ends_after_a_fortnight(live, held):
    live(EVE)
    for number in (0, 1, 4, 13, 14):
        live(days(number))
        assert [held(login).record["status"] for login in (OTHER, PERSON)] == ["not_found"] * 2
        assert held(OTHER).repositories
    live(days(15))
    assert [held(login).record["status"] for login in (OTHER, PERSON)] == ["gone"] * 2


NOBODY_ELSE = {
    "two weeks passed": ([], "gone"),
    "none is found": (["not-found"], "not_found"),
    "it is another GitHub": ([], "not_found"),
}


@closure(Closure(OTHER, NIGHT, ends=True))
@pytest.mark.parametrize("faults, status", NOBODY_ELSE.values(), ids=NOBODY_ELSE)
def test_the_only_organisation_of_a_dataset_ends_after_a_fortnight(
    run, held, truth, github, tmp_path, request, faults, status
):
    def live(day, *faults):
        github.date, github.faults = day, list(faults)
        return run(OTHER, timeout=2, workers=2)

    live(EVE)
    if "another" in request.node.callspec.id:
        path = tmp_path / "data" / "repositories" / f"{OTHER}.json"
        path.write_text(path.read_text().replace("https://github.com/", "https://github.example.org/"))
    before = held(OTHER).facts.keys()
    for number in (0, 7, 13, 14):
        assert live(days(number), *faults).exit_code == 1
        assert (held(OTHER).record["status"], held(OTHER).facts.keys()) == ("not_found", before)
    report = live(days(15), *faults)
    assert (held(OTHER).record["status"], report.exit_code) == (status, 0 if status == "gone" else 1)
    if status == "gone":
        assert held(OTHER).whereabouts.keys() == before
        assert {each["missing_since"][:10] for each in held(OTHER).whereabouts.values()} == {str(NIGHT)}
        assert {fate for fate, _ in recorded(held(OTHER)).values()} == {"not_public"}
        assert live(days(16)).exit_code == 0


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
@pytest.mark.parametrize("claimed", [False, True])
def test_a_renamed_organisation_is_followed_although_its_login_is_claimed(live, held, truth, world, token, claimed):
    world.closures = (Closure(OTHER, NIGHT, share=0, renamed="larkmere-new", claimed=claimed),)
    live(EVE)
    live(NIGHT, token=token)
    account = held(OTHER)
    assert account.record["status"] == "ok"
    assert account.record["reason"] == "It is now called larkmere-new on GitHub: list it under that login."
    assert account.facts.keys() == truth("larkmere-new", NIGHT).keys()
    assert not account.whereabouts


def test_a_repository_that_is_there_and_never_listed_is_believed_after_some_days(live, held):
    """A permanent fault of GitHub's list: the organisation is observed again, and the repository is still known."""
    live(EVE)
    [victim] = [max(held(OTHER).facts)]
    lie = Fault("cut-list", {"login": OTHER, "keep": str(len(held(OTHER).facts) - 1)})
    statuses = []
    for number in range(5):
        live(NIGHT, lie) if number == 0 else live(days(number), lie)
        statuses.append(held(OTHER).record["status"])
    assert statuses == ["kept", "kept", "kept", "ok", "ok"]
    assert recorded(held(OTHER)) == {victim: ("unlisted", None)}


@closure(Closure(OTHER, NIGHT, share=0.5))
def test_what_vanished_and_is_excluded_then_is_neither_looked_up_nor_an_event(live, held, tmp_path, run, github):
    live(EVE)
    live(NIGHT)
    first, *rest = sorted(held(OTHER).whereabouts)
    name = held(OTHER).whereabouts[first]["name"]
    before = store.load(tmp_path / "data")
    github.date = days(40)  # when answers are due to be looked up again
    report = run(LARGE, ListedAccount(OTHER, OTHER, exclude=(name,)), PERSON)
    assert first not in held(OTHER).whereabouts
    assert held(OTHER).whereabouts.keys() >= set(rest)
    assert first not in {event.repository_id for event in compare(before, store.load(tmp_path / "data"))}
    assert first not in {event.repository_id for event in report.comparison.events}
    live(days(41))
    assert first not in held(OTHER).whereabouts


@closure(Closure(OTHER, NIGHT, share=0.5))
def test_a_repository_lost_while_first_excluded_does_not_vanish(live, held, run, github, truth):
    live(EVE)
    [first, *_] = sorted(truth(OTHER, EVE).keys() - truth(OTHER, NIGHT).keys())
    github.date = NIGHT
    report = run(LARGE, ListedAccount(OTHER, OTHER, exclude=(truth(OTHER, EVE)[first].partition("/")[2],)), PERSON)
    assert first not in held(OTHER).whereabouts
    assert first in held(OTHER).record["excluded"]
    assert first not in {event.repository_id for event in report.comparison.events}
