"""Attacks on the history: through the dates of the dataset, and through the database that is committed beside it."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox import Estate, Sandbox
from scraper import clock, dataset
from scraper.config import Listed
from scraper.errors import ConfigurationError, DatasetError
from scraper.github_api import GitHubApi
from scraper.scrape import scrape
from tests.examples import make_account, repository

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def machine(monkeypatch):
    """This machine's clock stands still."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def dated(data, date):
    """A dataset of one organisation, which says that it was observed then."""
    dataset.save(data, {"alder": make_account("alder", repository(1), id=1, observed_at=date)})


def observe(url, data):
    api = GitHubApi(url, "a-token")
    return scrape(
        api, [Listed("alder", "Alder")], data, whole_list=True, workers=1, notify=print, progress=lambda outcome: None
    )


@pytest.mark.parametrize("date", ["2999-01-01T00:00:00Z", "2026-11-02T12:00:01Z"])
def test_a_dataset_from_the_future_is_not_observed_onto_and_the_sentence_says_how_to_mend_it(tmp_path, machine, date):
    dated(tmp_path / "data", date)
    with Sandbox(Estate("nhs")) as github:
        with pytest.raises(DatasetError, match=f"{date}.* 2026-11-01T12:00:00Z.*`git log -S{date} .*`git revert`"):
            observe(github.url, tmp_path / "data")
        assert github.requests == []


def test_clocks_that_differ_by_less_than_a_day_are_nobodys_fault(tmp_path, machine):
    dated(tmp_path / "data", "2026-11-02T12:00:00Z")
    with Sandbox(Estate("nhs"), on=NOW.date() + timedelta(days=1)) as github:
        observe(github.url, tmp_path / "data")
        assert github.requests


def test_the_clock_can_be_set_for_the_sandbox(monkeypatch):
    monkeypatch.setenv(clock.SETTING, "2024-11-03T12:00:00Z")
    assert clock.now() == datetime(2024, 11, 3, 12, tzinfo=UTC)
    monkeypatch.setenv(clock.SETTING, "yesterday")
    with pytest.raises(ConfigurationError, match="OSS_HEALTH_CLOCK: 'yesterday' is not a time"):
        clock.now()
