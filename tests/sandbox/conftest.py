"""Worlds, servers, and GitHub's own descriptions, for the tests of the sandbox."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
import requests

from sandbox import Estate, Recordings, Sandbox
from tests.helpers.estate import FULL_PAGE, LARGE
from tests.helpers.machine import ROOT, missing

RECORDED = date(2024, 11, 3)
CONTRACTS = ROOT / "tests/contracts/node_modules/@octokit"


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


@pytest.fixture(scope="session")
def official_graphql() -> str:
    """The SDL that GitHub publishes."""
    return _contract("graphql-schema/schema.graphql").decode()


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


class Description:
    """GitHub's OpenAPI description, as far as asked for."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.paths = document["paths"]
        self.components = document["components"]
        self.validators: dict[bytes, jsonschema_rs.Draft4Validator] = {}

    def errors(self, path: str, response: requests.Response) -> list[str]:
        """What is wrong with this response to GET, in GitHub's own terms."""
        described = self.paths[path]["get"]["responses"].get(str(response.status_code))
        if described is None:
            return [f"{path} never answers {response.status_code}"]
        described = self._resolved(described)
        content = described.get("content", {})
        if not content:
            return [] if not response.content else ["a body where none belongs"]
        if response.headers["content-type"].partition(";")[0] not in content:
            return [f"content type {response.headers['content-type']}"]
        return self.schema_errors(content["application/json"]["schema"], response.json())

    def schema_errors(self, schema: dict[str, Any], instance: Any) -> list[str]:
        key = orjson.dumps(schema)
        if key not in self.validators:
            root = _plain(schema) | {"components": {"schemas": self._reachable(schema)}}
            self.validators[key] = jsonschema_rs.Draft4Validator(root, validate_formats=True)
        found = self.validators[key].iter_errors(instance)
        return [f"{list(error.instance_path)}: {error.message}" for error in found]

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        _, _, kind, name = node["$ref"].split("/")
        found: dict[str, Any] = self.components[kind][name]
        return found

    def _reachable(self, schema: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        waiting = list(_references(schema))
        while waiting:
            name = waiting.pop().rpartition("/")[2]
            if name not in found:
                found[name] = _plain(self.components["schemas"][name])
                waiting.extend(_references(self.components["schemas"][name]))
        return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _references(each)


def _plain(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _plain(value) for key, value in node.items() if key not in ("example", "examples")}
    return {"anyOf": [plain, {"type": "null"}]} if plain.pop("nullable", False) is True else plain


@pytest.fixture(scope="session")
def description() -> Description:
    return Description(orjson.loads(_contract("openapi/generated/api.github.com.json")))


def _contract(name: str) -> bytes:
    path = CONTRACTS / name
    if not path.is_file():
        missing("npm packages are not installed: run `make test`")
    return path.read_bytes()
