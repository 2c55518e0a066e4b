"""A simulated GitHub, a scrape of it, and the truth about it."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from sandbox import Sandbox
from sandbox.clock import now
from scraper import clock
from scraper.config import NO_BUDGET, ListedAccount
from scraper.dataset import store
from scraper.github import responses
from scraper.github.client import GitHubApi
from scraper.scrape import scrape
from scraper.threshold import DEFAULT
from tests.helpers.estate import FULL_PAGE, LARGE, NONE, PERSON, TOKEN


@pytest.fixture
def github(world, monkeypatch):
    # A secondary limit that does not say how long: a test should not wait the documented minute.
    monkeypatch.setattr(responses, "SECONDARY_LIMIT_SECONDS", 1)
    with Sandbox(world) as running:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(now(running.date), UTC))
        yield running


@pytest.fixture
def run(github, tmp_path, said):
    """Scrape the sandbox into `tmp_path/data`; return the report, with the log in `notices`."""

    def run(
        *logins,
        token=TOKEN,
        whole_list=True,
        workers=4,
        max_wait=30,
        timeout=5,
        names=None,
        url=None,
        lookups=300,
        budget=NO_BUDGET,
        threshold=DEFAULT,
    ):
        said()
        api = GitHubApi(
            url or github.url,
            token,
            workers=workers,
            max_wait=max_wait,
            timeout=timeout,
            backoff=0.01,
        )
        report = scrape(
            api,
            [
                login if isinstance(login, ListedAccount) else ListedAccount(login, (names or {}).get(login, login))
                for login in logins or (LARGE, PERSON, FULL_PAGE, NONE)
            ],
            tmp_path / "data",
            whole_list=whole_list,
            workers=workers,
            progress=lambda outcome: None,
            lookups=lookups,
            budget=budget,
            threshold=threshold,
        )
        return SimpleNamespace(**vars(report), exit_code=report.exit_code, notices=said())

    return run


@pytest.fixture
def held(tmp_path):
    """What the dataset in `tmp_path/data` has for a login."""
    return lambda login: store.load(tmp_path / "data")[login.casefold()]


@pytest.fixture
def truth(world):
    """The full names, by id, of a login's repositories in the world on a day."""

    def truth(login, on):
        account = next(account for account in world.accounts(on) if account.login.casefold() == login.casefold())
        return {record["id"]: f"{account.login}/{record['name']}" for record in world.repositories(account, on)}

    return truth
