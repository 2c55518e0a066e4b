"""Faults in which GitHub refuses, with its own messages: limits, permissions, breakdowns."""

from typing import Any

import orjson

from sandbox.fault_context import Strike
from sandbox.responses import LIMITS, Answer, as_json, refusal, too_fast
from sandbox.responses import blocked as answer_blocked
from sandbox.responses import not_found as answer_not_found
from sandbox.world import World


def primary_limit(strike: Strike, world: World) -> Answer:
    return refusal(
        403,
        "API rate limit exceeded for user ID 1.",
        LIMITS,
        x_ratelimit_remaining="0",
        x_ratelimit_used=str(strike.ask.pool.limit),
        x_ratelimit_reset=str(int(strike.ask.now + strike.seconds(60))),
    )


def secondary_limit(strike: Strike, world: World) -> Answer:
    return too_fast()


def retry_after(strike: Strike, world: World) -> Answer:
    return too_fast(int(strike.seconds(60)))


def too_many_requests(strike: Strike, world: World) -> Answer:
    return too_fast(status=429)


def graphql_rate_limit(strike: Strike, world: World) -> Answer:
    kind = strike.options.get("kind", "RATE_LIMITED")
    error = {"type": kind, "message": "API rate limit exceeded for user ID 1."}
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(strike.ask.now + strike.seconds(60)))}
    return as_json({"errors": [error]}, headers=reset)


def graphql_partial(strike: Strike, world: World) -> Answer:
    answer = strike.usual(world)
    said: dict[str, Any] = orjson.loads(answer.body)
    data = said.get("data") or {}
    owners = [alias for alias, value in data.items() if isinstance(value, dict) and "remaining" not in value]
    named = [alias for alias in owners if str(data[alias].get("login")).lower() == strike.login]
    if victim := next(iter(named or owners), None):
        data[victim] = None
        error = {"type": "SERVICE_UNAVAILABLE", "path": [victim], "message": "Something went wrong."}
        said.setdefault("errors", []).append(error)
    return as_json(said)


def server_error(strike: Strike, world: World) -> Answer:
    status = int(strike.options.get("status", 502))
    return Answer(status, b"<html><h1>Unicorn!</h1></html>", {"content-type": "text/html; charset=utf-8"})


def not_found(strike: Strike, world: World) -> Answer:
    return answer_not_found()


def ip_allow_list(strike: Strike, world: World) -> Answer:
    message = (
        f"Although you appear to have the correct authorization credentials, the `{strike.login}` organization has "
        "an IP allow list enabled, and your IP address is not permitted to access this resource."
    )
    return refusal(403, message) if strike.ask.token else strike.usual(world)


def saml(strike: Strike, world: World) -> Answer:
    message = (
        "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to "
        "this organization."
    )
    sso = f"required; url=https://github.com/orgs/{strike.login}/sso"
    return refusal(403, message, x_github_sso=sso) if strike.ask.token else strike.usual(world)


def bad_credentials(strike: Strike, world: World) -> Answer:
    return refusal(401, "Bad credentials")


def blocked(strike: Strike, world: World) -> Answer:
    return answer_blocked("dmca")
