"""Counts, messages and tables agree about a step, because they come from one comparison."""

from dataclasses import replace

from scraper.action.commit_message import commit_message
from scraper.model.comparison import Comparison, Tally
from scraper.model.events import compare, formerly
from tests.helpers.examples import make_account, repository, whereabouts


def step(before, after) -> Comparison:
    before, after = ({account.listed_login: account for account in each} for each in (before, after))
    return Comparison(before, after, compare(before, after))


ALDER = make_account("alder", repository(1), repository(2), id=1)
BIRCH = make_account("birch", repository(3), id=2)


def later(account, *raw, **changes):
    fresh = make_account(account.listed_login, *raw, observed_at="2024-02-01T00:00:00Z")
    return replace(fresh.with_record(id=account.record["id"], **changes))


def test_a_transfer_is_one_change_in_the_new_organisation():
    after = step([ALDER, BIRCH], [later(ALDER, repository(1)), later(BIRCH, repository(2), repository(3))])
    assert after.tally("alder") == Tally()
    assert after.tally("birch") == Tally(changed=1)
    assert commit_message(after).startswith("1 repository transferred in 1 organisation")


def test_each_repository_is_counted_once_whatever_happened_to_it():
    changed = repository(1, name="renamed", archived=True, license="MIT", stargazers_count=9)
    after = step([ALDER, BIRCH], [later(ALDER, changed, repository(4)), BIRCH])
    assert after.tally("alder") == Tally(appeared=1, vanished=1, changed=1, counters_moved=1)
    assert after.tally("birch") == after.tally("nobody") == Tally()


def test_a_first_observation_brings_no_events_and_a_counter_that_becomes_known_did_not_move():
    unknown = repository(3)
    del unknown["stargazers_count"]
    after = step([later(BIRCH, unknown)], [ALDER, later(BIRCH, repository(3))])
    assert after.first_observed == ["alder"]
    assert after.tally("alder") == after.tally("birch") == Tally()
    assert step([ALDER, BIRCH], [ALDER]).no_longer_listed == ["birch"]


def test_lost_repositories_reappear_on_the_terminal_as_in_the_database():
    gone = {"id": 9, "name": "r", "full_name": "alder/r", "missing_since": "2024-01-01T00:00:00Z"}
    gone |= dict.fromkeys(("whereabouts", "moved_to", "blocked_for", "checked_at"))
    before = {"alder": replace(ALDER, records={**ALDER.records, "whereabouts": [gone]})}
    after = {"alder": later(ALDER, repository(1), repository(2), repository(9), repository(10))}
    kinds = {event.repository_id: event.kind for event in compare(before, after, formerly(before))}
    assert kinds == {9: "reappeared", 10: "appeared"}


def test_an_answer_about_what_vanished_earlier_is_news_but_no_change():
    def seen(*fates):
        return {"alder": replace(ALDER, records={**ALDER.records, "whereabouts": [whereabouts(9, *fates)]})}

    for before, after, expected in (
        (seen(), seen("not_public"), Tally()),
        (seen("unlisted"), seen("not_public"), Tally(changed=1)),
    ):
        compared = Comparison(before, after, compare(before, after, formerly(before)))
        assert [event.kind for event in compared.events] == ["traced"]
        assert compared.tally("alder") == expected
