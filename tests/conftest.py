"""What the tests share: datasets, a simulated GitHub, a repository that keeps a dataset, a browser."""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import settings

from sandbox import Estate, Sandbox
from sandbox.clock import now
from scraper import clock
from scraper.logs import PROGRAM
from scraper.model.accounts import Dataset
from tests.helpers import contracts, examples, git_server, recorded
from tests.helpers.estate import FULL_PAGE, LARGE, TOKEN, observed
from tests.helpers.git import git
from tests.helpers.machine import WAIT, missing

# If make runs these tests, it would share its jobs with the ones that they run.
for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(name, None)

# Examples may take any time, depending on the machine.
settings.register_profile("patient", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "40")))
settings.register_profile("quick", deadline=None, max_examples=10)
settings.load_profile("patient")

SLOW = {
    *("browser", "npm", "github", "estate_dataset", "origin", "life", "lived", "install", "choose"),
    "official_graphql",
}
"""Fixtures that are slow to start: a browser, a server, an estate, a repository, an installation."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that use any of these as slow; `make test-fast` leaves slow tests out."""
    for item in items:
        if SLOW & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def recordings(world: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of invented answers in the form of recorded ones."""
    folder = tmp_path_factory.mktemp("recordings")
    recorded.write_answers(world, folder)
    return folder


@pytest.fixture(params=recorded.ANSWERED)
def answers(request: pytest.FixtureRequest) -> Path:
    """The same, and GitHub's real answers of 2021-03-04 if available."""
    return recorded.ANSWERS if request.param == "real" else request.getfixturevalue("recordings")


@pytest.fixture(params=recorded.COUNTED)
def published(request: pytest.FixtureRequest) -> recorded.Published:
    """Invented published counts, and those of an earlier project if available."""
    return recorded.recorded_counts() if request.param == "real" else recorded.invented_counts()


@pytest.fixture(scope="session")
def official_graphql() -> str:
    """The SDL that GitHub publishes."""
    return contracts.contract("graphql-schema/schema.graphql").decode()


@pytest.fixture(scope="session")
def description() -> contracts.Description:
    return contracts.Description(orjson.loads(contracts.contract("openapi/generated/api.github.com.json")))


@pytest.fixture(scope="session")
def invented() -> Dataset:
    """A small dataset in which every odd thing happens once."""
    return examples.invented()


@pytest.fixture(scope="session")
def estate_dataset(world: Estate) -> Dataset:
    """The dataset of the sandbox's estate on a day: 890 repositories of 25 accounts, one observed months before.

    The last push to one repository was two years before, to the second.
    """
    dataset = observed(world, date(2021, 3, 4))
    dataset[LARGE.casefold()].record["observed_at"] = "2020-12-04T12:00:00Z"
    account = dataset[FULL_PAGE.casefold()]
    alive = {each["id"] for each in account.repositories if not each["fork"] and not each["archived"]}
    next(each for each in account.metrics if each["id"] in alive)["pushed_at"] = "2019-03-04T12:00:00Z"
    return dataset


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Chromium. Not for the whole session: while Playwright runs, no test in the process can use asyncio.run()."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        missing("Chromium is missing: on Debian and Ubuntu, apt install chromium")
    from playwright.sync_api import expect, sync_playwright  # takes half a second, and most tests do not need it

    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def world() -> Estate:
    """The sandbox's estate."""
    return Estate("nhs")


@pytest.fixture
def github(world, monkeypatch):
    """The sandbox, which accepts one token, and a clock that agrees with it."""
    with Sandbox(world, tokens=[TOKEN]) as running:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(now(running.date), UTC))
        yield running


@pytest.fixture
def origin(tmp_path):
    """A bare repository with one commit on main."""
    path = tmp_path / "origin.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", path)
    git(tmp_path, "clone", "--quiet", path, "first")
    git(tmp_path / "first", "checkout", "--quiet", "-B", "main")
    (tmp_path / "first" / "README.md").write_text("Somebody's repository\n")
    # The repository may have a package with our name, and settings for the tools that we use.
    (tmp_path / "first" / "scraper").mkdir()
    (tmp_path / "first" / "scraper" / "__init__.py").write_text("raise SystemExit('the wrong scraper')\n")
    (tmp_path / "first" / "uv.toml").write_text('index-url = "http://127.0.0.1:9"\n')
    git(tmp_path / "first", "add", ".")
    git(tmp_path / "first", "commit", "--quiet", "--message", "Begin")
    git(tmp_path / "first", "push", "--quiet", "origin", "main")
    return path


@pytest.fixture
def clone(tmp_path, origin):
    """Make a fresh checkout of the origin."""
    made = iter(range(100))

    def clone(*options, of=origin):
        path = tmp_path / f"checkout-{next(made)}"
        git(tmp_path, "clone", "--quiet", *options, of, path)
        return path

    return clone


@pytest.fixture
def backend(origin):
    """The address of the origin over HTTP."""
    git(origin, "config", "http.receivepack", "true")
    with git_server.serving(origin.parent) as address:
        yield address


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """A function that returns what modules have logged since the last call, without details."""
    caplog.set_level(logging.INFO, logger=PROGRAM)

    def said() -> list[str]:
        messages = [record.getMessage() for record in caplog.records if record.name.startswith(PROGRAM)]
        caplog.clear()
        return messages

    return said
