"""Worlds, servers, and GitHub's own descriptions, for the tests of the sandbox."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import Estate, Recordings, Sandbox


@pytest.fixture(scope="session")
def estate(world: Estate) -> Estate:
    return world


@pytest.fixture(scope="session")
def recorded(recordings: Path) -> Recordings:
    """A world of recorded answers."""
    return Recordings(recordings)


@pytest.fixture(params=["small", "official"])
def running(request: pytest.FixtureRequest, estate: Estate) -> Iterator[Sandbox]:
    """A server with our schema, and one with GitHub's own."""
    sdl = request.getfixturevalue("official_graphql") if request.param == "official" else None
    with Sandbox(estate, graphql_schema=sdl) as github:
        yield github


@pytest.fixture
def get() -> Iterator[Callable[..., requests.Response]]:
    """Send a GET request without following redirects; `token=None` sends it anonymously."""
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
