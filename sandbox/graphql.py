"""Answer GraphQL: one set of resolvers, executed against our small schema or GitHub's own."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    execute_sync,
    get_named_type,
)

from sandbox.graphql_health import CONVERSATIONS, FIELDS, conversations, latest_issue
from sandbox.graphql_query import document_of, question_of, repository_id, schema
from sandbox.responses import Answer, as_json, refusal
from sandbox.rest import Ask
from sandbox.serializer import node_id
from sandbox.world import Account, Record, World, find_account

MOST_NODES = 100


@dataclass(frozen=True)
class Context:
    """What resolvers may use."""

    ask: Ask
    world: World

    def owner(self, login: str) -> Account | None:
        accounts = self.world.accounts(self.ask.on)
        successor = self.world.former_logins(self.ask.on).get(login.lower())
        return find_account(accounts, login) or (find_account(accounts, successor) if successor else None)


@dataclass(frozen=True)
class Repository:
    """A public repository and its owner."""

    account: Account
    record: Record
    type: str = "Repository"


def answer(ask: Ask, world: World, sdl: str | None) -> Answer:
    question = question_of(ask.payload)
    if question is None:
        return refusal(400, "Problems parsing JSON", "https://docs.github.com/graphql")
    document = document_of(sdl, question[0])
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
    """GitHub's answer to a query that takes too long."""
    message = "Something went wrong while executing your query. This may be the result of a timeout."
    return as_json({"data": None, "errors": [{"message": message}]}, status)


def _formatted(result: ExecutionResult) -> dict[str, Any]:
    formatted: dict[str, Any] = {} if result.data is None else {"data": result.data}
    if result.errors:
        formatted["errors"] = [_error(error) for error in result.errors]
    return formatted


def _error(error: GraphQLError) -> dict[str, Any]:
    """An error with `type` beside the message, as GitHub writes it, not in the extensions."""
    said: dict[str, Any] = {"message": error.message, **(error.extensions or {})}
    if error.path:
        said["path"] = error.path
    if error.locations:
        said["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return said


def _field(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    context: Context = info.context
    _bounded(info, arguments)
    if source is None:
        return _ROOT[info.field_name](context, **arguments)
    if isinstance(source, Repository):
        return _repository(context, source, info.field_name, arguments)
    if isinstance(source, Account):
        return _ACCOUNT[info.field_name](context, source, **arguments)
    value = source[info.field_name]
    return value(**arguments) if callable(value) else value


def _bounded(info: GraphQLResolveInfo[Any], arguments: dict[str, Any]) -> None:
    """Require a page size: GitHub counts without one, but does not list."""
    if not get_named_type(info.return_type).name.endswith("Connection"):
        return
    size, connection = arguments.get("first") or arguments.get("last"), f"the `{info.field_name}` connection"
    chosen = [each for node in info.field_nodes if node.selection_set for each in node.selection_set.selections]
    listed = {each.name.value for each in chosen if isinstance(each, FieldNode)} & {"nodes", "edges"}
    if size is None and listed:
        message = f"You must provide a `first` or `last` value to properly paginate {connection}."
        raise GraphQLError(message, extensions={"type": "MISSING_PAGINATION_BOUNDARIES"})
    if size is not None and size > MOST_NODES:
        message = f"Requesting {size} records on {connection} exceeds the limit of {MOST_NODES} records."
        raise GraphQLError(message, extensions={"type": "EXCESSIVE_PAGINATION"})


def _repository(context: Context, repository: Repository, field: str, arguments: dict[str, Any]) -> Any:
    record = repository.record
    if field in _REPOSITORY:
        return _REPOSITORY[field](repository.account, record)
    health = context.world.health(record["id"], context.ask.on)
    if health is None:  # a recording: not recorded is not the same as nothing
        raise GraphQLError("Resource not accessible by integration", extensions={"type": "FORBIDDEN"})
    if field == "templateRepository":
        template = health.template_repository
        found = template and context.world.find(template, context.ask.on)
        return Repository(*found) if found else None
    value = FIELDS[field](health, record, **arguments)
    if arguments.get("orderBy") and field == "issues":
        value["nodes"] = latest_issue(health)[: arguments.get("first")]
    elif field in CONVERSATIONS:  # computed only if asked for
        last = arguments.get("last") or MOST_NODES
        value["nodes"] = lambda: conversations(
            context.world.conversations(record["id"], context.ask.on, last), CONVERSATIONS[field], **arguments
        )
    return value


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
    """The repository of a node id; GitHub shows blocked ones to nobody."""
    number = repository_id(node)
    if number and not context.world.block(number, context.ask.on):
        found = context.world.find(number, context.ask.on)
        if found:
            return Repository(*found)
    message = f"Could not resolve to a node with the global id of '{node}'"
    return GraphQLError(message, extensions={"type": "NOT_FOUND"})


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
