"""The service's answers: each is a plain value until it is sent, so that faults can change it."""

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

DOCS = "https://docs.github.com/rest"
LIMITS = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to "
    "GitHub Support for help, please include the request ID."
)
JSON_TYPE = "application/json; charset=utf-8"

Wire = Literal["reset", "no-answer", "truncated", "stall"]


@dataclass(frozen=True)
class Answer:
    """Status, body and headers (lower case), and how the connection will break them."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wire: Wire | None = None
    seconds: float | None = None

    def with_headers(self, headers: dict[str, str]) -> "Answer":
        return Answer(self.status, self.body, self.headers | headers, self.wire, self.seconds)


def as_json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, orjson.dumps(data), {"content-type": JSON_TYPE} | (headers or {}))


def refusal(status: int, message: str, documentation: str = DOCS, **headers: str) -> Answer:
    """A refusal in GitHub's form. Header names are written with underscores."""
    body = {"message": message, "documentation_url": documentation, "status": str(status)}
    return as_json(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def too_fast(wait: int | None = None, status: int = 403) -> Answer:
    """The secondary limit, with or without saying how long to wait."""
    headers = {} if wait is None else {"retry_after": str(wait)}
    return refusal(status, SECONDARY, f"{LIMITS}#about-secondary-rate-limits", **headers)


def not_found() -> Answer:
    return refusal(404, "Not Found")


def blocked(reason: str) -> Answer:
    """The answer for a blocked repository: 451 after a copyright complaint, otherwise 403."""
    block = {"reason": reason, "created_at": "2024-01-31T14:53:10Z", "html_url": "https://github.com/github/dmca"}
    return as_json({"message": "Repository access blocked", "block": block}, 451 if reason == "dmca" else 403)


def moved(location: str, status: int = 301) -> Answer:
    message = {301: "Moved Permanently", 302: "Found"}.get(status, "Temporary Redirect")
    body = {"message": message, "url": location, "documentation_url": DOCS}
    return as_json(body, status, {"location": location})
