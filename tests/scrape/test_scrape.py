"""One run: it finds what is there; what it costs; and what it replaces, keeps and removes."""

import datetime
import os
import re

import pytest

from sandbox import Limits, Sandbox
from scraper import clock
from scraper.dataset.store import load
from scraper.errors import DatasetError
from scraper.github.owners import Owner
from scraper.github.plan import order
from scraper.model.accounts import Account
from tests.helpers.estate import FULL_PAGE, LARGE, NONE, PERSON, files, names

BEFORE, AFTER = datetime.date(2026, 6, 1), datetime.date(2026, 11, 1)


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
def test_what_is_found_is_what_is_there(run, held, truth, token):
    report = run(token=token)
    assert report.exit_code == 0
    for login in (LARGE, PERSON, FULL_PAGE, NONE):
        assert names(held(login)) == truth(login, AFTER)
        record = held(login).record
        assert record["repositories"] == len(truth(login, AFTER))
        assert (record["status"], record["reason"], record["login"]) == ("ok", None, login)
        assert record["type"] == ("User" if login == PERSON else "Organization")
        assert [repository["id"] for repository in held(login).repositories] == sorted(truth(login, AFTER))
        assert [line["id"] for line in held(login).metrics] == sorted(truth(login, AFTER))


def test_the_second_run_changes_no_byte(run, tmp_path):
    run()
    before = files(tmp_path / "data")
    assert run().files == []
    assert run(token=None).files == []
    assert files(tmp_path / "data") == before


def test_with_a_token_it_costs_the_pages_and_one_pre_flight(github, run):
    report = run()
    lists = [request for request in github.requests if request.path.endswith("/repos")]
    assert len(lists) == 3 + 1 + 1 + 1
    assert [request.path for request in github.requests if request not in lists] == ["/graphql", "/rate_limit"]
    assert report.requests == len(github.requests) == 8


def test_without_a_token_the_whole_list_fits_in_60_requests(world, run, github):
    report = run(*(account.login for account in world.accounts(AFTER)), token=None)
    assert len(report.outcomes) == 26
    assert report.exit_code == 0
    assert report.requests <= 60


def test_too_small_an_allowance_is_announced_and_what_is_complete_is_kept(world, run, github, held, truth):
    with Sandbox(world, limits=Limits(anonymous=3)) as small:
        github._service = small._service
        report = run(PERSON, FULL_PAGE, LARGE, NONE, token=None, max_wait=5, workers=1)
    assert report.exit_code == 3
    assert re.search(
        r"GitHub allows 3 more requests until \d\d:\d\d UTC, and the list needs at least 4: about 3 of 4"
        r" organisations will be asked for in this run. The rest .* come first in the next run, after \d\d:\d\d UTC.",
        report.notices[0],
    )
    for login in (PERSON, LARGE):
        if held(login).record["status"] == "ok":
            assert names(held(login)) == truth(login, AFTER)
        else:
            assert "rate limit is used up" in held(login).record["reason"]


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
def test_a_quota_smaller_than_the_list_reaches_every_organisation_within_days(world, run, github, tmp_path, token):
    logins = [account.login for account in world.accounts(BEFORE)]
    waiting = []
    for day in range(4):
        with Sandbox(world, on=BEFORE + datetime.timedelta(day), limits=Limits(anonymous=20, token=20)) as small:
            github.date = small.date
            assert run(*logins, token=token, max_wait=5, url=small.url).exit_code == 3
        dataset = load(tmp_path / "data")
        waiting.append({login for login, account in dataset.items() if account.record["observed_at"] is None})
    assert len(waiting[0]) > 10
    assert waiting[-1] == set()


def test_those_that_waited_longest_come_first_and_those_gone_come_last():
    def held(login, observed_at, status="ok", repositories=1, missing=None):
        record = {"status": status, "observed_at": observed_at, "repositories": repositories, "missing": missing}
        return Account(login, record)

    accounts = [
        held("gone", "2026-01-01", "not_found"),
        held("missed", "2026-01-15", "not_found", missing=["2026-03-01T00:00:00Z"]),
        held("new", None, "pending", None),
        held("old", "2026-02-01"),
        held("small", "2026-03-01"),
        held("large", "2026-03-01", repositories=101),
    ]
    asked = order({account.listed_login: account for account in accounts}, {"new": Owner(1, "new", "User", 250)})
    assert asked == {"new": 3, "missed": 1, "old": 1, "large": 2, "small": 1, "gone": 1}
    assert list(asked) == ["new", "missed", "old", "large", "small", "gone"]


def test_life_goes_on_and_the_report_counts_it(github, run, held, truth):
    github.date = BEFORE
    run(LARGE)
    github.date = AFTER
    tally = run(LARGE).comparison.tally(LARGE.casefold())
    before, after = truth(LARGE, BEFORE), truth(LARGE, AFTER)
    assert tally.appeared == len(after.keys() - before.keys()) > 0
    assert tally.vanished == len(before.keys() - after.keys())
    assert tally.changed > 0
    assert tally.counters_moved > 0
    assert names(held(LARGE)) == after


def test_an_organisation_that_left_the_list_leaves_the_dataset_and_only_then(run, tmp_path, held):
    run(PERSON, FULL_PAGE)
    report = run(NONE, whole_list=False)
    assert report.comparison.no_longer_listed == []
    assert len(held(PERSON).repositories) > 0
    report = run(PERSON, NONE)
    assert report.comparison.no_longer_listed == [FULL_PAGE.casefold()]
    assert not any(FULL_PAGE in name for name in files(tmp_path / "data"))


def test_case_does_not_matter_and_githubs_spelling_is_kept(run, held, tmp_path):
    run(LARGE.upper())
    assert held(LARGE).record["login"] == LARGE
    assert f"repositories/{LARGE.upper()}.json" in files(tmp_path / "data")
    run(LARGE.lower())
    assert f"repositories/{LARGE.lower()}.json" in files(tmp_path / "data")
    assert f"repositories/{LARGE.upper()}.json" not in files(tmp_path / "data")


def test_a_new_display_name_is_written(run, held):
    run(NONE)
    run(NONE, names={NONE: "Somebody Else"})
    assert held(NONE).record["name"] == "Somebody Else"


def test_after_30_quiet_days_the_new_dates_alone_are_written(github, run, held, monkeypatch):
    run(PERSON, NONE)
    first = held(PERSON).record["observed_at"]

    def later(days):
        """The same repositories, although time has passed."""
        moment = datetime.datetime.fromisoformat(first) + datetime.timedelta(days)
        monkeypatch.setattr(clock, "now", lambda: moment)
        github.faults = [f"clock-skew:seconds={days * 86_400}"]

    later(29)
    assert run(PERSON, NONE).files == []
    later(31)
    assert run(PERSON, NONE).files == ["organisations.json"]
    assert held(PERSON).record["observed_at"] > first


def test_every_observed_organisation_gets_the_new_date_when_anything_is_written(github, run, held):
    github.date = BEFORE
    run(LARGE, NONE)
    github.date = AFTER
    run(LARGE, NONE)
    assert held(NONE).record["observed_at"] == held(LARGE).record["observed_at"]
    assert held(NONE).record["observed_at"].startswith(str(AFTER))


@pytest.fixture
def renamed(world):
    """The old and the new login of an account that was renamed."""
    old, identity = next(iter(world.former_logins(AFTER).items()))
    return old, next(account.login for account in world.accounts(AFTER) if account.id == identity)


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
def test_a_renamed_organisation_is_followed_and_its_new_login_reported(run, held, truth, renamed, token):
    old, new = renamed
    assert run(old, token=token).exit_code == 0
    assert names(held(old)) == truth(new, AFTER)
    assert held(old).record["login"] == old
    assert held(old).record["reason"] == f"It is now called {new} on GitHub: list it under that login."


def test_the_old_login_and_the_new_are_counted_once(run, held, renamed):
    old, new = renamed
    assert run(old, new).exit_code == 3
    assert held(new).record["status"] == "ok"
    assert held(old).record["status"] == "pending"
    assert held(old).record["reason"] == f"It is the same account as {new}: list one of the two."


def test_an_old_login_that_leads_nowhere_is_known_by_its_id(github, run, held, renamed):
    old, new = renamed
    run(old)
    github.faults = [f"not-found:login={old}"]
    assert run(old).exit_code == 0
    assert held(old).record["reason"] == f"It is now called {new} on GitHub: list it under that login."
    assert run(old, new).exit_code == 3
    assert held(old).record["reason"] == f"It is the same account as {new}: list one of the two."


def test_a_broken_dataset_is_found_before_github_is_asked(github, run, tmp_path):
    run(PERSON)
    os.truncate(tmp_path / "data" / "repositories" / f"{PERSON}.json", 500)
    before = files(tmp_path / "data")
    github.requests.clear()
    with pytest.raises(DatasetError, match=rf"{PERSON}\.json, line \d+: not valid JSON"):
        run(PERSON)
    assert github.requests == []
    assert files(tmp_path / "data") == before


def test_more_requests_than_workers_are_never_under_way(github, run, monkeypatch):
    github.latency = 0.02
    run(*(account.login for account in github.world.accounts(AFTER)), workers=3)
    assert github.most_at_once <= 3
