"""Faults of repositories asked for by id, mostly many at once by GraphQL: partial answers, none, or false ones."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import orjson
from graphql import GraphQLError

from sandbox.fault_context import Strike
from sandbox.graphql import timed_out
from sandbox.graphql_query import ids_asked, repository_id
from sandbox.health import Health
from sandbox.payload_faults import ANOTHER, HOSTILE, MARK, verbatim
from sandbox.responses import Answer, as_json, not_found, refusal
from sandbox.world import Altered, World

Node = dict[str, Any]

HUGE = 100_000
RARELY = 97  # a huge directory is 4 MB
LONE = "@@LONE@@"
TEXTS = {
    "newline": "v1\n2026-01-01\r\n::set-output name=x::y\u2028",
    "html": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "formula": '=HYPERLINK("http://example.org","here")',
    "sql": "'; DROP TABLE repositories; --",
    "bidi": "v1\u202e0.9\u2066",
    "control": "v1\x00\x1b[31m\x7f",
    "path": "../../../../etc/passwd",
    "all": HOSTILE,
    "long": "v" * 10_000,
    "surrogate": f"half {LONE} a character",
}
PARTS = (  # parts of a repository's health that resource limits leave out
    None,
    frozenset({"trees"}),
    frozenset({"trees", "languages", "latest_release", "history", "open_pull_requests", "merged_pull_requests"}),
)


def _rewrite(strike: Strike, world: World, rewrite: Callable[[Any], Any]) -> Answer:
    """GraphQL's answer, rewritten."""
    answer = strike.usual(world)
    try:
        said = orjson.loads(answer.body)
    except ValueError:  # another fault changed it before
        return answer
    return replace(answer, body=orjson.dumps(rewrite(said)))


def _lists(said: Any, change: Callable[[list[Node | None]], list[Node | None]]) -> Any:
    """The answer, with each list of nodes changed."""
    data = said.get("data") or {}
    changed = {name: change(found) if isinstance(found, list) else found for name, found in data.items()}
    return said | {"data": changed or said.get("data")}


def _change(strike: Strike, world: World, change: Callable[[Node, int], Node | None]) -> Answer:
    """GraphQL's answer, with each chosen node changed."""

    def each(found: list[Node | None]) -> list[Node | None]:
        return [
            change(node, place) if node and strike.chooses(node["databaseId"]) else node
            for place, node in enumerate(found)
        ]

    return _rewrite(strike, world, lambda said: _lists(said, each))


def _alone(strike: Strike, world: World, change: Callable[[Answer], Answer]) -> Answer:
    """REST's answer about one repository, changed in the same way."""
    answer = strike.usual(world)
    return change(answer) if answer.status == 200 and strike.chooses(orjson.loads(answer.body)["id"]) else answer


def lost_id(strike: Strike, world: World) -> Answer:
    if strike.ask.is_graphql:
        return _change(strike, world, lambda node, place: None)
    return _alone(strike, world, lambda answer: not_found())


def refused_id(strike: Strike, world: World) -> Answer:
    if strike.ask.is_graphql:
        return _change(strike, world, lambda node, place: None)
    message = "Although you appear to have the correct authorization credentials, access is denied."
    return _alone(strike, world, lambda answer: refusal(403, message))


def other_id(strike: Strike, world: World) -> Answer:
    if strike.ask.is_graphql:
        return _change(strike, world, lambda node, place: node | {"databaseId": node["databaseId"] + ANOTHER})

    def other(answer: Answer) -> Answer:
        said = orjson.loads(answer.body)
        return as_json(said | {"id": said["id"] + ANOTHER})

    return _alone(strike, world, other)


def gone_id(strike: Strike, world: World) -> Answer:
    """As if it had vanished between the list and this request."""
    return strike.usual(Altered(world, hidden=strike.chooses))


def forbidden_id(strike: Strike, world: World) -> Answer:
    """As if its organisation required single sign-on."""
    message = "Resource protected by organization SAML enforcement."

    def forbid(said: Any) -> Any:
        errors = said.get("errors", [])

        def each(found: list[Node | None]) -> list[Node | None]:
            left = [None if node and strike.chooses(node["databaseId"]) else node for node in found]
            for place, (node, shown) in enumerate(zip(found, left, strict=True)):
                if node and not shown:
                    error = {"type": "FORBIDDEN", "path": ["nodes", place], "message": message}
                    errors.append(error | {"extensions": {"saml_failure": True}})
            return left

        return _lists(said, each) | ({"errors": errors} if errors else {})

    return _rewrite(strike, world, forbid)


def null_fields(strike: Strike, world: World) -> Answer:
    return _change(strike, world, lambda node, place: dict.fromkeys(node) | _id(node))


def null_leaves(strike: Strike, world: World) -> Answer:
    return _change(strike, world, lambda node, place: _emptied(node) | _id(node))


def _id(node: Node) -> Node:
    return {"databaseId": node["databaseId"]}


def _emptied(value: Any) -> Any:
    """The same structure, with null for every value."""
    if isinstance(value, dict):
        return {name: _emptied(each) for name, each in value.items()}
    return [_emptied(each) for each in value] if isinstance(value, list) else None


def resource_limits(strike: Strike, world: World) -> Answer:
    """The first nodes are complete. Of the others, some lack a lot, some a little, and a few everything."""
    above = int(strike.options.get("above", 10))
    cut = {repository_id(node): place for place, node in enumerate(ids_asked(strike.ask.payload)) if place >= above}

    def look(repository: int, health: Health) -> Health:
        place = cut.get(repository)
        return health if place is None else cast(Health, _Cut(health, PARTS[place % len(PARTS)]))

    return strike.usual(Altered(world, looked_at=look))


class _Cut:
    """A repository's health of which some parts, or all, are never reported."""

    def __init__(self, health: Health, lost: frozenset[str] | None) -> None:
        self._health, self._lost = health, lost

    def __getattr__(self, name: str) -> Any:
        if self._lost is None or name in self._lost:
            message = "Resource limits for this query exceeded."
            raise GraphQLError(message, extensions={"type": "RESOURCE_LIMITS_EXCEEDED"})
        return getattr(self._health, name)


def too_many_ids(strike: Strike, world: World) -> Answer:
    """GitHub times out every query for more than so many ids."""
    if len(ids_asked(strike.ask.payload)) <= int(strike.options.get("above", 10)):
        return strike.usual(world)
    return timed_out(int(strike.options.get("status", 502)))


def stubborn_id(strike: Strike, world: World) -> Answer:
    """GitHub times out every query for such an id, even a query for it alone."""
    if not any(strike.chooses(repository_id(node) or 0) for node in ids_asked(strike.ask.payload)):
        return strike.usual(world)
    return timed_out(int(strike.options.get("status", 502)))


def short_nodes(strike: Strike, world: World) -> Answer:
    return _rewrite(strike, world, lambda said: _lists(said, lambda found: found[:-1]))


def shuffled_nodes(strike: Strike, world: World) -> Answer:
    return _rewrite(strike, world, lambda said: _lists(said, lambda found: found[::-1]))


def odd_value(strike: Strike, world: World) -> Answer:
    """Replace each field= in the answer with the option value=."""
    field = strike.options.get("field", "totalCount")
    return verbatim(_rewrite(strike, world, lambda said: _replaced(said, field)), strike, "-1")


def _replaced(value: Any, field: str) -> Any:
    if isinstance(value, dict):
        return {name: orjson.loads(MARK) if name == field else _replaced(each, field) for name, each in value.items()}
    return [_replaced(each, field) for each in value] if isinstance(value, list) else value


def huge_tree(strike: Strike, world: World) -> Answer:
    """The first directory asked for has far too many entries; its real ones come last."""
    more = [{"name": f"{number:06}.txt", "type": "blob"} for number in range(HUGE)]

    def swell(node: Node, place: int) -> Node:
        trees = (name for name, value in node.items() if isinstance(value, dict) and value.get("entries"))
        name = next(trees, None) if strike.chooses(node["databaseId"], RARELY) else None
        return node if name is None else node | {name: {"entries": more + node[name]["entries"]}}

    return _change(strike, world, swell)


def hostile_names(strike: Strike, world: World) -> Answer:
    """Tags, languages, templates and files with hostile names: all of these in turn, or the one called text=."""
    chosen = [TEXTS[strike.options["text"]]] if "text" in strike.options else list(TEXTS.values())

    def attack(node: Node, place: int) -> Node:
        text = chosen[place % len(chosen)]
        attacked = node.copy()
        if "latestRelease" in node:
            attacked["latestRelease"] = {"tagName": text, "publishedAt": "2020-02-02T02:02:02Z"}
        if languages := node.get("languages"):
            attacked["languages"] = {"edges": [{"size": 7, "node": {"name": text}}, *languages["edges"]]}
        for name in ("issueTemplates", "pullRequestTemplates"):
            if node.get(name):
                attacked[name] = [{"filename": text}]
        if node.get("codeOfConduct"):
            attacked["codeOfConduct"] = {"key": text}
        for name, tree in node.items():
            if isinstance(tree, dict) and tree.get("entries"):
                names = (text, f"README.md{text}", f"{text}LICENSE")
                attacked[name] = {"entries": [*({"name": each, "type": "blob"} for each in names), *tree["entries"]]}
        return attacked

    answer = _change(strike, world, attack)
    return replace(answer, body=answer.body.replace(LONE.encode(), b"\\ud800"))
