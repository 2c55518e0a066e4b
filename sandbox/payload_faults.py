"""Faults in which GitHub answers, but falsely: broken bodies, broken records, a different world."""

import json
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from urllib.parse import urlencode

import orjson

from sandbox.fault_context import Strike
from sandbox.responses import Answer, Wire, as_json, moved
from sandbox.rest import listed
from sandbox.world import API, Account, Altered, Record, World, renumbered

HOSTILE = (
    "first\nsecond\r\n::set-output name=x::y @everyone [skip ci] `id` $(id) ${IFS} <script>alert(1)</script> "
    '\x00 \x1b[31m \u202egnp.exe \'; DROP TABLE repositories; -- " | | \n=HYPERLINK("http://example.org","here")'
)
MARK = b'"@@MARK@@"'
ANOTHER = 987_654_321  # added to an id, it gives one that does not exist in any world


def wire(how: Wire, strike: Strike, world: World) -> Answer:
    seconds = strike.seconds(0) if "seconds" in strike.options else None
    return replace(strike.usual(world), wire=how, seconds=seconds)


def cut_json(strike: Strike, world: World) -> Answer:
    answer = strike.usual(world)
    return replace(answer, body=answer.body[: len(answer.body) * 2 // 3])


def html(strike: Strike, world: World) -> Answer:
    return Answer(200, b"<!doctype html><title>Sign in</title>", {"content-type": "text/html; charset=utf-8"})


def an_object(strike: Strike, world: World) -> Answer:
    return as_json({"message": "This is not the list that you are looking for."})


def empty(strike: Strike, world: World) -> Answer:
    return replace(strike.usual(world), body=b"")


def redirect(strike: Strike, world: World) -> Answer:
    query = f"?{urlencode(strike.ask.query)}" if strike.ask.query else ""
    to = strike.options.get("to", f"{API}{strike.ask.path}{query}")
    return moved(to, int(strike.options.get("status", 302)))


def no_link(strike: Strike, world: World) -> Answer:
    answer = strike.usual(world)
    return replace(answer, headers={name: value for name, value in answer.headers.items() if name != "link"})


def not_modified(strike: Strike, world: World) -> Answer:
    return Answer(304, b"", {"etag": 'W/"0"'})


def accepted(strike: Strike, world: World) -> Answer:
    return as_json({}, 202)


def suspended(strike: Strike, world: World) -> Answer:
    def gone(account: Account) -> Account | None:
        return None if strike.concerns(account) else account

    return strike.usual(Altered(world, account=gone))


def claimed(strike: Strike, world: World) -> Answer:
    def other(account: Account) -> Account:
        return renumbered(account, account.id + ANOTHER) if strike.concerns(account) else account

    def others(account: Account, records: list[Record]) -> list[Record]:
        return [_twin(record, "squatted") for record in records[:3]] if strike.concerns(account) else records

    return strike.usual(Altered(world, account=other, shown=others))


def _twin(record: Record, name: str) -> Record:
    """A record that looks the same but is another repository."""
    name = f"{name}-{record['name']}"
    full_name = f"{record['full_name'].partition('/')[0]}/{name}"
    return record | {"id": record["id"] + ANOTHER, "name": name, "full_name": full_name}


def drift(strike: Strike, world: World) -> Answer:
    """Later pages come from a different list than page 1, so that a record is repeated or skipped."""

    def moved_on(account: Account, records: list[Record]) -> list[Record]:
        if not records or strike.ask.page < 2:
            return records
        if strike.options.get("how") == "removed":
            gone = listed(strike.ask, records)[0]
            return [each for each in records if each is not gone]
        newest = _twin(max(records, key=lambda each: str(each["created_at"])), "meanwhile")
        return [*records, newest | {"created_at": f"{strike.ask.on}T23:59:59Z"}]

    return strike.usual(Altered(world, shown=moved_on))


def duplicate(strike: Strike, world: World) -> Answer:
    def doubled(account: Account, records: list[Record]) -> list[Record]:
        return records + listed(strike.ask, records)[: strike.ask.per_page][-1:]

    return strike.usual(Altered(world, shown=doubled))


def cut_list(strike: Strike, world: World) -> Answer:
    keep = int(strike.options.get("keep", 100))

    def cut(account: Account, records: list[Record]) -> list[Record]:
        oldest = sorted(records, key=lambda each: (str(each["created_at"]), each["id"]))
        return oldest[:keep] if strike.concerns(account) else records

    return strike.usual(Altered(world, shown=cut))


def _records(change: Callable[[list[Record], Strike], list[Record | None]]) -> Callable[[Strike, World], Answer]:
    """A fault of the records on a page; errors and empty pages stay as they are."""

    def act(strike: Strike, world: World) -> Answer:
        answer = strike.usual(world)
        try:
            records = orjson.loads(answer.body)
        except ValueError:  # another fault changed it before
            return answer
        if not isinstance(records, list) or not records:
            return answer
        return replace(answer, body=orjson.dumps(change(records, strike)))

    return act


def _first(change: Callable[[Record, Strike], Record | None]) -> Callable[[Strike, World], Answer]:
    """A fault of the first record on a page."""
    return _records(lambda records, strike: [change(records[0], strike), *records[1:]])


short = _records(lambda records, strike: [*records[:-1]])
empty_list = _records(lambda records, strike: [])
extra_field = _records(lambda records, strike: [each | {"quantum_state": {"spin": "up"}} for each in records])
private = _first(lambda record, strike: record | {"private": True, "visibility": "private"})
null_record = _first(lambda record, strike: None)
null_fields = _first(lambda record, strike: record | {"owner": None, "license": None, "pushed_at": None})
huge_text = _first(lambda record, strike: record | {"description": "x" * 1_000_000})
hostile_text = _first(lambda record, strike: record | {"description": HOSTILE})
_marked = _first(lambda record, strike: record | {"description": "@@MARK@@"})


@_first
def missing_field(record: Record, strike: Strike) -> Record:
    missing = strike.options.get("field", "pushed_at")
    return {name: value for name, value in record.items() if name != missing}


def verbatim(answer: Answer, strike: Strike, default: str) -> Answer:
    """Replace the mark with the option value=: as it is if it is valid JSON, otherwise as text."""
    text = strike.options.get("value", default)
    try:
        json.loads(text)
    except ValueError:
        text = json.dumps(text)
    return replace(answer, body=answer.body.replace(MARK, text.encode()))


_with_wrong_type = _first(
    lambda record, strike: record | {strike.options.get("field", "stargazers_count"): "@@MARK@@"}
)


def wrong_type(strike: Strike, world: World) -> Answer:
    return verbatim(_with_wrong_type(strike, world), strike, "many")


def _rewritten(strike: Strike, world: World, rewrite: Callable[[Record], object]) -> Answer:
    """The answer, with `rewrite` applied to each account in it: an owner in a list, a profile, a GraphQL alias."""
    answer = strike.usual(world)
    said = orjson.loads(answer.body)
    if strike.ask.is_graphql:
        accounts = [each for each in (said.get("data") or {}).values() if isinstance(each, dict)]
        accounts = [each for each in accounts if strike.login in ("", str(each.get("login")).lower())]
    else:
        accounts = [each["owner"] for each in said] if isinstance(said, list) else [said]
    for account in accounts:
        rewrite(account)
    return verbatim(replace(answer, body=orjson.dumps(said)), strike, "-1")


def odd_count(strike: Strike, world: World) -> Answer:
    def rewrite(account: Record) -> None:
        for holder, name in ((account, "public_repos"), (account.get("repositories"), "totalCount")):
            if isinstance(holder, dict) and name in holder:
                holder[name] = "@@MARK@@"

    return _rewritten(strike, world, rewrite)


def odd_owner(strike: Strike, world: World) -> Answer:
    field = strike.options.get("field", "login")
    graphql = {"id": "databaseId", "type": "__typename"}.get(field, field)
    return _rewritten(
        strike, world, lambda owner: owner.update({graphql if strike.ask.is_graphql else field: "@@MARK@@"})
    )


def endless_pages(strike: Strike, world: World) -> Answer:
    """Each page has one repository with a new id, and names a next page."""
    page = strike.ask.page

    def another(account: Account, records: list[Record]) -> list[Record]:
        return [*records[:1] * (page - 1) * strike.ask.per_page, records[0] | {"id": records[0]["id"] + page}]

    answer = strike.usual(Altered(world, shown=another))
    following = urlencode({**strike.ask.query, "page": page + 1})
    return answer.with_headers({"link": f'<{API}{strike.ask.path}?{following}>; rel="next"'})


def invalid_utf8(strike: Strike, world: World) -> Answer:
    answer = _marked(strike, world)
    return replace(answer, body=answer.body.replace(b"@@MARK@@", b"caf\xe9 \xff\xfe"))


def lone_surrogate(strike: Strike, world: World) -> Answer:
    answer = _marked(strike, world)
    return replace(answer, body=answer.body.replace(b"@@MARK@@", b"half \\ud800 a character"))


def clock_skew(strike: Strike, world: World) -> Answer:
    answer = strike.usual(world)
    ahead = strike.seconds(3_600)
    reset = int(answer.headers.get("x-ratelimit-reset", strike.ask.pool.reset)) + int(ahead)
    return answer.with_headers(
        {"date": formatdate(strike.ask.now + ahead, usegmt=True), "x-ratelimit-reset": str(reset)}
    )
