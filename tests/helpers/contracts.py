"""GitHub's own descriptions of its API, and where answers differ from them."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson
import requests

from tests.helpers.machine import ROOT, missing

CONTRACTS = ROOT / "tests/contracts/node_modules/@octokit"


class Description:
    """GitHub's OpenAPI description, loaded as far as needed."""

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

    def exchange_errors(self, path: str, method: str, query: dict[str, str], sent: Any, said: Any) -> list[str]:
        """What is wrong with a request and its answer, which may leave fields out."""
        operation = self.paths[path][method.lower()]
        parameters = {each["name"]: each for each in map(self._resolved, operation.get("parameters", ()))}
        errors = [f"no parameter {name}" for name in query if name not in parameters]
        if sent is not None:
            errors += self.schema_errors(operation["requestBody"]["content"]["application/json"]["schema"], sent)
        answers = operation["responses"]
        described = self._resolved(answers.get("200") or answers["201"])
        return errors + self.schema_errors(described["content"]["application/json"]["schema"], said, partial=True)

    def schema_errors(self, schema: dict[str, Any], instance: Any, *, partial: bool = False) -> list[str]:
        key = orjson.dumps((schema, partial))
        if key not in self.validators:
            root = _plain(schema) | {"components": {"schemas": self._reachable(schema)}}
            root = _optional(root) if partial else root
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


def _optional(node: Any) -> Any:
    """A schema that requires no field."""
    if isinstance(node, list):
        return [_optional(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {key: _optional(value) for key, value in node.items() if key != "required" or isinstance(value, dict)}


def _plain(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in terms of JSON Schema."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _plain(value) for key, value in node.items() if key not in ("example", "examples")}
    return {"anyOf": [plain, {"type": "null"}]} if plain.pop("nullable", False) is True else plain


def contract(name: str) -> bytes:
    path = CONTRACTS / name
    if not path.is_file():
        missing("npm packages are not installed: run `make test`")
    return path.read_bytes()
