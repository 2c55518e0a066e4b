"""GitHub's list, compared with what is known."""

import pytest

from scraper.github.listing import read_pages
from scraper.model.accounts import Account
from scraper.model.events import compare
from scraper.model.kinds import UNKNOWN
from tests.helpers.examples import make_account, repository

OWNER = {"id": 1, "login": "alder", "type": "Organization"}


def observe(previous: Account, **changes: object) -> tuple[Account, tuple[str, ...]]:
    """The result of the next list for an account with one repository, and its warnings."""
    raw = repository(1, owner=OWNER, **changes)
    for name in [name for name, value in changes.items() if value is UNKNOWN]:
        del raw[name]
    _, listing = read_pages(iter([[raw]]), previous)
    records = {"repositories": list(listing.repositories.values()), "metrics": list(listing.metrics.values())}
    return Account("alder", previous.record, previous.records | records), listing.warnings()


@pytest.mark.parametrize("odd", [7, [], UNKNOWN], ids=["a number", "a list", "nothing"])
def test_what_changes_around_an_odd_answer_has_changed(odd):
    first = make_account("alder", repository(1, license={"spdx_id": "MIT"}), observed_at="2024-01-01T12:00:00Z")
    second, warnings = observe(first, license=odd)
    third, _ = observe(second, license=None)
    days = [
        {"alder": each.with_record(observed_at=f"2024-01-0{day}T12:00:00Z")}
        for day, each in enumerate((first, second, third), 1)
    ]
    assert compare(days[0], days[1]) == []
    assert [(event.kind, event.old, event.new) for event in compare(days[1], days[2])] == [
        ("relicensed", "MIT", None)
    ]
    assert "No valid license in GitHub's answer about 1 repository; the last known is kept." in warnings


@pytest.mark.parametrize("odd", [-1, UNKNOWN])
def test_yesterdays_count_does_not_count_for_today(odd):
    account, warnings = observe(make_account("alder", repository(1, stargazers_count=5)), stargazers_count=odd)
    assert account.metrics[0]["stargazers_count"] is UNKNOWN
    assert not any("is kept" in each for each in warnings)
