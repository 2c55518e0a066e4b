"""GitHub's API through PyGithub: one valid answer, or the reason why there is none.

PyGithub's connection, authentication and messages are used, but not its retries, redirects and paging, because they
silently return empty or short lists in five measured cases. If an answer is incomplete or invalid, this module asks
again, within GitHub's limits.
"""

import logging
import math
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import github
import requests

from scraper import __version__, clock
from scraper.config import LOOPBACK
from scraper.errors import RateLimited, Unavailable, Unprocessable
from scraper.github.connection import connect
from scraper.github.rate_limits import Limiter
from scraper.github.responses import (
    InvalidResponse,
    RateLimitHit,
    Redirected,
    date_of,
    describe,
    message_in,
    parse,
)

# Importing PyGithub adds a handler that prints messages which this program prints itself.
logging.getLogger("github").handlers.clear()

logger = logging.getLogger(__name__)

ATTEMPTS = 5
PATIENT_ATTEMPTS = 3
"""After this many, it is logged."""
REDIRECTS = 5
REFUSALS = (HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Statuses of requests that were understood but refused."""
LONGEST_RUN = 3_600.0
"""Seconds for a whole run, not counting `max_wait`: 1,200 pages at 12 s each, with four workers."""


@dataclass(frozen=True)
class Answer:
    """A valid answer: its JSON, its headers by lower-case name, and how many characters it took."""

    body: Any
    headers: Mapping[str, str]
    size: int


class GitHubApi:
    """Asks GitHub for JSON, from any number of threads. Each has its own PyGithub object and connection, because a
    shared one can give a thread the answer of another."""

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        workers: int = 4,
        max_wait: float = 900,
        timeout: float = 30,
        backoff: float = 1,
    ) -> None:
        self.url = url.rstrip("/")
        self.requests_sent = 0
        self.max_wait = max_wait
        self._ends_at = time.monotonic() + LONGEST_RUN + max_wait
        self._skew = timedelta()
        """How far GitHub's clock is ahead of this machine's, if that is credible."""
        self._distrusts_clock = False
        self._limiter = Limiter(workers, max_wait)
        # GitHub counts these separately: if one quota is used up, the others need not be.
        self._graphql_limiter = Limiter(1, max_wait)
        self._anonymous_limiter = Limiter(1, max_wait) if token else self._limiter
        self._token = token
        self._timeout = timeout
        self._backoff = backoff
        self._threads = threading.local()
        self._counting = threading.Lock()

    @property
    def has_token(self) -> bool:
        return self._token is not None

    def now(self) -> datetime:
        """The time (UTC, whole seconds) by GitHub's clock, or by this machine's if they differ by over a day."""
        return (clock.now() + self._skew).replace(microsecond=0)

    def get(
        self,
        path: str,
        parameters: dict[str, Any],
        expected: type,
        *,
        anonymous: bool = False,
        until: float = math.inf,
    ) -> Answer:
        """The JSON at `path`, a list or a dict as `expected`; nothing is sent after `until` on the monotonic clock.

        Raises a RequestError that says why there is no answer, or ConfigurationError if the token is refused.
        """
        limiter = self._anonymous_limiter if anonymous else self._limiter
        return self._ask(limiter, expected, "GET", path, parameters, anonymous=anonymous, until=until)

    def graphql(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The `data` in GraphQL's answer, where parts that failed are None. Needs a token."""
        url = self._requester(anonymous=False)[0].graphql_url
        document = {"query": query, "variables": variables}
        body = self._ask(self._graphql_limiter, dict, "POST", url, {}, document).body
        return body["data"] if isinstance(body.get("data"), dict) else {}

    def graphql_once(self, query: str, variables: dict[str, Any], until: float) -> tuple[dict[str, Any], list[Any]]:
        """The `data` and `errors` in GraphQL's answer. Asks only once, so that the caller can ask for less.

        Raises RateLimited if GitHub asks to wait longer than `until` on the monotonic clock.
        """
        url = self._requester(anonymous=False)[0].graphql_url
        document = {"query": query, "variables": variables}
        body = self._ask(self._graphql_limiter, dict, "POST", url, {}, document, until=until, once=True).body
        data, errors = body.get("data"), body.get("errors")
        return data if isinstance(data, dict) else {}, errors if isinstance(errors, list) else []

    def write(self, verb: str, path: str, document: dict[str, Any]) -> dict[str, Any]:
        """Send a document, once, and return the object in GitHub's answer.

        Raises Unavailable if it is unknown whether that had an effect, another RequestError if it had none.
        """
        return self._write(self._limiter, verb, path, document)

    def mutate(self, mutation: str, variables: dict[str, Any]) -> dict[str, Any]:
        """GraphQL's whole answer to a mutation, including its `errors`. Sends once, and raises, as `write` does."""
        url = self._requester(anonymous=False)[0].graphql_url
        return self._write(self._graphql_limiter, "POST", url, {"query": mutation, "variables": variables})

    def _write(self, limiter: Limiter, verb: str, url: str, document: dict[str, Any]) -> dict[str, Any]:
        try:
            with limiter.slot():
                status, headers, text = self._send(verb, url, {}, document, anonymous=False)
            if status in REFUSALS:
                raise Unprocessable(f"GitHub refused it (status {status}).", message_in(text))
            status = HTTPStatus.OK if status == HTTPStatus.CREATED else status
            body: dict[str, Any] = parse(status, headers, text, dict, with_token=self.has_token)
        except (RateLimitHit, Redirected, InvalidResponse, requests.RequestException) as error:
            raise Unavailable(f"GitHub did not accept it: {describe(error)}.") from error
        return body

    def stop(self) -> None:
        """Keep all threads from starting further requests."""
        for limiter in (self._limiter, self._graphql_limiter, self._anonymous_limiter):
            limiter.stop()

    def _ask(
        self,
        limiter: Limiter,
        expected: type,
        verb: str,
        url: str,
        parameters: dict[str, Any],
        document: dict[str, Any] | None = None,
        *,
        anonymous: bool = False,
        until: float = math.inf,
        once: bool = False,
    ) -> Answer:
        failures = redirects = 0
        while True:
            self._check_time(until)
            try:
                with limiter.slot():
                    status, headers, text = self._send(verb, url, parameters, document, anonymous=anonymous)
                with_token = self.has_token and not anonymous
                return Answer(parse(status, headers, text, expected, with_token=with_token), headers, len(text))
            except RateLimitHit as limit:
                if time.monotonic() + limit.seconds > until:
                    raise RateLimited(f"{limit}, for longer than the time that is left.") from limit
                limiter.pause(limit.seconds, str(limit), halve=not limit.primary)
                continue
            except Redirected as answer:
                failure: Exception = answer
                if answer.location and redirects < REDIRECTS:
                    url, parameters = self._redirected(answer.location, parameters)
                    redirects += 1
                    continue
            except (InvalidResponse, requests.RequestException) as error:
                failure = error
            failures += 1
            if once:
                raise Unavailable(f"GitHub gave no valid answer: {describe(failure)}.") from failure
            if failures == PATIENT_ATTEMPTS:
                logger.info(f"No valid answer yet ({describe(failure)}); trying again.")
            if failures == ATTEMPTS:
                raise Unavailable(f"GitHub gave no valid answer in {ATTEMPTS} attempts: {describe(failure)}.")
            limiter.sleep(self._backoff * 2 ** (failures - 1) * random.uniform(0.5, 1.5))

    def _check_time(self, until: float) -> None:
        """Raise Unavailable if the run has lasted too long, or if `until` has passed."""
        now = time.monotonic()
        if now > self._ends_at:
            raise Unavailable("The run took too long, because GitHub is slow. It ended with what it had.")
        if now > until:
            raise Unavailable("GitHub's answers about it took too long.")

    def _send(
        self, verb: str, url: str, parameters: dict[str, Any], document: dict[str, Any] | None, *, anonymous: bool
    ) -> tuple[int, dict[str, Any], str]:
        requester, connection = self._requester(anonymous=anonymous)
        with self._counting:
            self.requests_sent += 1
        begun = time.monotonic()
        try:
            status, headers, text = requester.requestJson(verb, url, parameters, {}, document, connection)
        except (ValueError, OverflowError) as error:  # PyGithub does not check the numbers in headers
            raise InvalidResponse("its headers made no sense") from error
        took = time.monotonic() - begun
        logger.debug(f"{verb} {urlsplit(url).path} {parameters or ''}: {status}, {len(text):,} bytes in {took:.2f} s")
        self._compare_clocks(date_of(headers))
        return status, headers, text

    def _compare_clocks(self, theirs: datetime) -> None:
        skew = theirs - clock.now()
        if abs(skew) <= clock.TOLERANCE:
            self._skew = skew
            return
        with self._counting:
            first, self._distrusts_clock = not self._distrusts_clock, True
        if first:
            logger.warning(
                f"GitHub's clock says {theirs:%Y-%m-%d}, more than a day from this machine's {clock.now():%Y-%m-%d}:"
                " using this machine's."
            )

    def _requester(self, *, anonymous: bool) -> tuple[Any, Any]:
        """This thread's PyGithub requester and connection, with or without the token."""
        made: dict[bool, tuple[Any, Any]] = self._threads.__dict__.setdefault("made", {})
        if anonymous not in made:
            client = github.Github(
                base_url=self.url,
                auth=github.Auth.Token(self._token) if self._token and not anonymous else None,
                user_agent=f"open-source-health-statistics/{__version__}",
                api_version="2022-11-28",
                lazy=True,
                seconds_between_requests=0,
                seconds_between_writes=0,
            )
            address = urlsplit(self.url)
            host = str(address.hostname)
            # There is no proxy between a machine and itself.
            link = connect(address.scheme, host, address.port, self._timeout, proxies=host not in LOOPBACK)
            made[anonymous] = (client.requester, link)
        return made[anonymous]

    def _redirected(self, location: str, parameters: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Where a redirect leads, if it stays on the same server: the token goes nowhere else."""
        target, home = urlsplit(urljoin(self.url, location)), urlsplit(self.url)
        if (target.scheme, target.netloc) != (home.scheme, home.netloc):
            raise Unavailable("GitHub redirects to another server, which is not followed.")
        return target._replace(query="", fragment="").geturl(), dict(parse_qsl(target.query)) | parameters
