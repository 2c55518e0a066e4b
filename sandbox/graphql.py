"""The GraphQL answers: one set of resolvers, executed against our small schema or against GitHub's own."""

from base64 import b64decode, urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from sandbox import cost
from sandbox.cost import Bill
from sandbox.graphql_health import FIELDS
from sandbox.responses import Answer, as_json, refusal
from sandbox.rest import Ask
from sandbox.serializer import node_id
from sandbox.world import Account, Record, World, find_account

SDL = Path(__file__).with_name("schema.graphql")
MOST_NODES = 100


@dataclass(frozen=True)
class Context:
    """What resolvers may look at."""

    ask: Ask
    world: World

    def owner(self, login: str) -> Account | None:
        accounts = self.world.accounts(self.ask.on)
        successor = self.world.former_logins(self.ask.on).get(login.lower())
        return find_account(accounts, login) or (find_account(accounts, successor) if successor else None)


@dataclass(frozen=True)
class Repository:
    """A public repository, and whose it is."""

    account: Account
    record: Record
    type: str = "Repository"


@lru_cache(maxsize=2)
def schema(sdl: str | None) -> GraphQLSchema:
    # GitHub's own schema breaks small rules (deprecations): it is not ours to judge.
    return build_schema(sdl or SDL.read_text(encoding="utf-8"), assume_valid=True, assume_valid_sdl=True)


@lru_cache(maxsize=64)
def _document(sdl: str | None, query: str) -> DocumentNode | list[GraphQLError]:
    """A query that the schema allows, or what is wrong with it."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return [error]
    return validate(schema(sdl), document) or document


def ids_asked(payload: bytes) -> list[str]:
    """The node ids in a query's variables."""
    question = _question(payload)
    ids = question[1].get("ids") if question else None
    return [each for each in ids if isinstance(each, str)] if isinstance(ids, list) else []


def _question(payload: bytes) -> tuple[str, dict[str, Any]] | None:
    try:
        question = orjson.loads(payload)
        query, variables = question["query"], question.get("variables") or {}
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
    return (query, variables) if isinstance(query, str) and isinstance(variables, dict) else None


def bill(payload: bytes, sdl: str | None) -> Bill:
    """What a query will cost; one that cannot be understood, the least."""
    question = _question(payload)
    document = _document(sdl, question[0]) if question else []
    return cost.bill(schema(sdl), document, question[1]) if question and not isinstance(document, list) else Bill()


def answer(ask: Ask, world: World, sdl: str | None) -> Answer:
    question = _question(ask.payload)
    if question is None:
        return refusal(400, "Problems parsing JSON", "https://docs.github.com/graphql")
    document = _document(sdl, question[0])
    if isinstance(document, list):
        return as_json(_formatted(ExecutionResult(errors=document)))
    if ask.too_long:
        return timed_out()
    result = execute_sync(
        schema(sdl),
        document,
        context_value=Context(ask, world),
        variable_values=question[1],
        field_resolver=_field,
        type_resolver=lambda value, info, kind: value["__typename"] if isinstance(value, dict) else value.type,
    )
    return as_json(_formatted(result))


def timed_out(status: int = 502) -> Answer:
    """GitHub ends what takes too long."""
    message = "Something went wrong while executing your query. This may be the result of a timeout."
    return as_json({"data": None, "errors": [{"message": message}]}, status)


def _formatted(result: ExecutionResult) -> dict[str, Any]:
    formatted: dict[str, Any] = {} if result.data is None else {"data": result.data}
    if result.errors:
        formatted["errors"] = [_error(error) for error in result.errors]
    return formatted


def _error(error: GraphQLError) -> dict[str, Any]:
    """GitHub writes `type` beside the message, not among extensions."""
    said: dict[str, Any] = {"message": error.message, **(error.extensions or {})}
    if error.path:
        said["path"] = error.path
    if error.locations:
        said["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return said


def _field(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    context: Context = info.context
    if source is None:
        return _ROOT[info.field_name](context, **arguments)
    if isinstance(source, Repository):
        return _repository(context, source, info.field_name, arguments)
    if isinstance(source, Account):
        return _ACCOUNT[info.field_name](context, source, **arguments)
    value = source[info.field_name]
    return value(**arguments) if callable(value) else value


def _repository(context: Context, repository: Repository, field: str, arguments: dict[str, Any]) -> Any:
    record = repository.record
    if field in _REPOSITORY:
        return _REPOSITORY[field](repository.account, record)
    health = context.world.health(record["id"], context.ask.on)
    if health is None:  # a recording: what nobody asked for is not nothing
        raise GraphQLError("Resource not accessible by integration", extensions={"type": "FORBIDDEN"})
    if field == "templateRepository":
        template = health.template_repository
        found = template and context.world.find(template, context.ask.on)
        return Repository(*found) if found else None
    return FIELDS[field](health, record, **arguments)


def _known(context: Context, login: str, kind: str) -> Account:
    account = context.owner(login)
    if account is None or account.type != kind:
        article = "an" if kind == "Organization" else "a"
        message = f"Could not resolve to {article} {kind} with the login of '{login}'."
        raise GraphQLError(message, extensions={"type": "NOT_FOUND"})
    return account


def _nodes(context: Context, ids: list[str]) -> list[Repository | GraphQLError]:
    if len(ids) > MOST_NODES:
        message = f"You may not provide more than {MOST_NODES} node ids; you provided {len(ids)}."
        raise GraphQLError(message, extensions={"type": "ARGUMENT_LIMIT"})
    return [_node(context, each) for each in ids]


def _node(context: Context, node: str) -> Repository | GraphQLError:
    """What GitHub blocks, it shows nobody."""
    number = repository_id(node)
    if number and not context.world.block(number, context.ask.on):
        found = context.world.find(number, context.ask.on)
        if found:
            return Repository(*found)
    message = f"Could not resolve to a node with the global id of '{node}'"
    return GraphQLError(message, extensions={"type": "NOT_FOUND"})


def repository_id(node: str) -> int | None:
    """The id of a repository in its node id, of the newer form or of the old one."""
    kind, _, packed = node.partition("_")
    try:
        if kind == "R":
            return int.from_bytes(urlsafe_b64decode(packed + "=" * (-len(packed) % 4))[3:], "big")
        return int(b64decode(node).decode().removeprefix("010:Repository"))
    except ValueError:
        return None


def _rate_limit(context: Context, **_: Any) -> dict[str, Any]:
    state = context.ask.graphql.state()
    reset = datetime.fromtimestamp(state.pop("reset"), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"cost": context.ask.bill.points, "nodeCount": 0, "resetAt": reset, **state}


def _repositories(context: Context, account: Account, **asked: Any) -> dict[str, int]:
    everything = context.world.repositories(account, context.ask.on)
    if "PRIVATE" in (asked.get("privacy"), asked.get("visibility")):
        return {"totalCount": 0}
    if "OWNER" not in (asked.get("ownerAffiliations") or ["OWNER"]):
        return {"totalCount": 0}
    wanted = {"fork": asked.get("isFork"), "archived": asked.get("isArchived")}
    chosen = [
        each for each in everything if all(value is None or each[name] == value for name, value in wanted.items())
    ]
    return {"totalCount": len(chosen)}


def _updated(context: Context, account: Account) -> str:
    changed = (each["updated_at"] for each in context.world.repositories(account, context.ask.on))
    return max(changed, default=account.created_at)


_ROOT: dict[str, Any] = {
    "nodes": _nodes,
    "repositoryOwner": lambda context, login: context.owner(login),
    "organization": lambda context, login: _known(context, login, "Organization"),
    "user": lambda context, login: _known(context, login, "User"),
    "rateLimit": _rate_limit,
}
_REPOSITORY: dict[str, Any] = {
    "databaseId": lambda account, record: record["id"],
    "id": lambda account, record: node_id("R", record["id"]),
    "nameWithOwner": lambda account, record: record["full_name"],
    "owner": lambda account, record: account,
    "visibility": lambda account, record: "PUBLIC",
}
_ACCOUNT: dict[str, Any] = {
    "databaseId": lambda context, account: account.id,
    "login": lambda context, account: account.login,
    "name": lambda context, account: account.name,
    "updatedAt": _updated,
    "repositories": _repositories,
}
