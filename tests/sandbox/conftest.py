"""Worlds, servers, and GitHub's own descriptions, for the tests of the sandbox."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from sandbox import Estate, Recordings, Sandbox
from tests.helpers.estate import FULL_PAGE, LARGE

RECORDED = date(2024, 11, 3)


@pytest.fixture(scope="session")
def estate(world: Estate) -> Estate:
    return world


@pytest.fixture(scope="session")
def recordings(world: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of recorded answers: those of two accounts of the estate."""
    folder = tmp_path_factory.mktemp("recordings")
    for account in world.accounts(RECORDED):
        if account.login in (LARGE, FULL_PAGE):
            records = [world.write(each, account) for each in world.repositories(account, RECORDED)]
            (folder / f"{account.login}.json").write_bytes(orjson.dumps(records))
    return folder


@pytest.fixture(scope="session")
def recorded(recordings: Path) -> Recordings:
    """A world of recorded answers."""
    return Recordings(recordings)


@pytest.fixture(params=["small", "official"])
def running(request: pytest.FixtureRequest, estate: Estate) -> Iterator[Sandbox]:
    """A server that answers by our schema, and one that answers by GitHub's own."""
    sdl = request.getfixturevalue("official_graphql") if request.param == "official" else None
    with Sandbox(estate, graphql_schema=sdl) as github:
        yield github


@pytest.fixture
def get() -> Iterator[Callable[..., requests.Response]]:
    """GET, redirects not followed; `token=None` asks anonymously."""
    with requests.Session() as session:
        session.trust_env = False

        def ask(url: str, token: str | None = "any", **settings: Any) -> requests.Response:
            headers = settings.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
            return session.get(url, headers=headers, **{"allow_redirects": False, "timeout": 10} | settings)

        yield ask


@pytest.fixture
def github(world: Estate) -> Iterator[Sandbox]:
    with Sandbox(world) as running:
        yield running
