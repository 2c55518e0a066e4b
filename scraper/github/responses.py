"""Turn a response into JSON, or into an exception that says how to react."""

import contextlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from github.GithubException import RateLimitExceededException
from github.Requester import Requester

from scraper import clock
from scraper.errors import AccessDenied, BadToken, Blocked, NotFound

SECONDARY_LIMIT_SECONDS = 60
"""Seconds to wait, by GitHub's documentation, after a secondary limit that does not say how long."""


LONGEST_MESSAGE = 2_000
BLOCK = re.compile("[a-z][a-z0-9_-]{0,39}")


class Redirected(Exception):  # noqa: N818
    """A redirect, or a 202: PyGithub follows the first without its parameters and repeats the second endlessly."""

    def __init__(self, status: int, location: str | None) -> None:
        super().__init__(f"it answered with status {status}")
        self.location = location


class RateLimitHit(Exception):  # noqa: N818
    """A rate limit: what kind, and for how long."""

    def __init__(self, seconds: float, *, primary: bool) -> None:
        super().__init__("GitHub's rate limit is used up" if primary else "GitHub asks for fewer requests at once")
        self.seconds = max(1.0, seconds)
        self.primary = primary


class InvalidResponse(Exception):  # noqa: N818
    """An answer that cannot be used; the next may be better."""


def parse(status: int, headers: Mapping[str, str], text: str, expected: type, *, with_token: bool) -> Any:
    """Turn a response into JSON, or raise an exception that says how to react."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if status == 200:
        if not isinstance(body, expected):
            raise InvalidResponse("its answer was not the expected JSON")
        if isinstance(body, dict) and _is_graphql_limit(body.get("errors")):
            raise read_rate_limit(headers)
        return body
    message = body.get("message") if isinstance(body, dict) else None
    error = Requester.createException(status, dict(headers), {"message": message if type(message) is str else ""})
    if status == 429 or isinstance(error, RateLimitExceededException) or (status == 403 and "retry-after" in headers):
        raise read_rate_limit(headers)
    if status == 401:
        raise BadToken(
            "GitHub refused the token: put a valid one in GITHUB_TOKEN or GH_TOKEN, or unset both to do without."
            if with_token
            else "This GitHub does not answer without a token: put one in GITHUB_TOKEN."
        )
    if status in (403, 451) and isinstance(body, dict) and isinstance(body.get("block"), dict):
        kind = body["block"].get("reason")
        known = type(kind) is str and BLOCK.fullmatch(kind)
        raise Blocked(f"GitHub blocks access to it (status {status}).", kind if known else None)
    if status in (403, 451):
        raise AccessDenied(f"GitHub refused access to it (status {status}).", message_in(text))
    if status in (404, 410):
        raise NotFound("GitHub has no account of this name: it was renamed, deleted or suspended.", message_in(text))
    raise InvalidResponse(f"it answered with status {status}")


def message_in(text: str) -> str:
    """What GitHub says about an error, with its details."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    match body:
        case {"message": str(message), "errors": list(errors)}:
            details = [each.get("message") if isinstance(each, dict) else each for each in errors]
            return " ".join(each for each in (message, *details) if isinstance(each, str))[:LONGEST_MESSAGE]
        case {"message": str(message)}:
            return message[:LONGEST_MESSAGE]
    return ""


def _is_graphql_limit(errors: object) -> bool:
    return isinstance(errors, list) and any(
        isinstance(error, dict) and error.get("type") in ("RATE_LIMIT", "RATE_LIMITED") for error in errors
    )


def read_rate_limit(headers: Mapping[str, str]) -> RateLimitHit:
    """How long GitHub asks to wait, by GitHub's clock, because this machine's may be wrong."""
    primary = headers.get("x-ratelimit-remaining") == "0"
    with contextlib.suppress(KeyError, ValueError):
        return RateLimitHit(float(headers["retry-after"]), primary=primary)
    with contextlib.suppress(KeyError, ValueError):
        if primary:
            return RateLimitHit(float(headers["x-ratelimit-reset"]) - date_of(headers).timestamp() + 1, primary=True)
    return RateLimitHit(SECONDARY_LIMIT_SECONDS, primary=False)


def date_of(headers: Mapping[str, str]) -> datetime:
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return clock.now()


def describe(failure: Exception) -> str:
    """The same text for the same failure: it is stored in the dataset, where a different text would be a change."""
    if isinstance(failure, requests.Timeout):
        return "it did not answer in time"
    if isinstance(failure, requests.exceptions.SSLError):
        return (
            "its certificate is not trusted (add its authority to the system's store, or name the PEM file of that"
            " authority in SSL_CERT_FILE)"
        )
    if isinstance(failure, requests.ConnectionError):
        return "the connection failed"
    if isinstance(failure, requests.RequestException):
        return "its answer broke off"
    return str(failure)
