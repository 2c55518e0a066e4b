"""A GraphQL query as it was sent: what it asks, whether the schema allows it, and what it will cost."""

from base64 import b64decode, urlsafe_b64decode
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLError, GraphQLSchema, build_schema, parse, validate

from sandbox import cost
from sandbox.cost import Bill

SDL = Path(__file__).with_name("schema.graphql")


@lru_cache(maxsize=2)
def schema(sdl: str | None) -> GraphQLSchema:
    # GitHub's own schema breaks small rules (deprecations), which need not concern us.
    return build_schema(sdl or SDL.read_text(encoding="utf-8"), assume_valid=True, assume_valid_sdl=True)


@lru_cache(maxsize=64)
def document_of(sdl: str | None, query: str) -> DocumentNode | list[GraphQLError]:
    """A query that the schema allows, or what is wrong with it."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return [error]
    return validate(schema(sdl), document) or document


def ids_asked(payload: bytes) -> list[str]:
    """The node ids in a query's variables."""
    question = question_of(payload)
    ids = question[1].get("ids") if question else None
    return [each for each in ids if isinstance(each, str)] if isinstance(ids, list) else []


def question_of(payload: bytes) -> tuple[str, dict[str, Any]] | None:
    try:
        question = orjson.loads(payload)
        query, variables = question["query"], question.get("variables") or {}
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    return (query, variables) if isinstance(query, str) and isinstance(variables, dict) else None


def bill(payload: bytes, sdl: str | None) -> Bill:
    """What a query will cost; the minimum if it cannot be understood."""
    question = question_of(payload)
    document = document_of(sdl, question[0]) if question else []
    return cost.bill(schema(sdl), document, question[1]) if question and not isinstance(document, list) else Bill()


def repository_id(node: str) -> int | None:
    """The id of a repository in its node id, in the new or the old form."""
    kind, _, packed = node.partition("_")
    try:
        if kind == "R":
            return int.from_bytes(urlsafe_b64decode(packed + "=" * (-len(packed) % 4))[3:], "big")
        return int(b64decode(node).decode().removeprefix("010:Repository"))
    except ValueError:
        return None
