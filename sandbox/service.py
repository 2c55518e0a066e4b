"""Handle a request: who asks, what is left of the limit, what the true answer is, and which faults change it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from email.utils import formatdate
from functools import partial
from hashlib import sha256
from itertools import count

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from sandbox import clock, graphql, graphql_query, rest
from sandbox.cost import Bill
from sandbox.faults import Fault, arrange
from sandbox.limits import Limits, Pools, Throttle
from sandbox.responses import Answer, not_found, refusal, too_fast
from sandbox.rest import Ask, Handler
from sandbox.transport import Delivery
from sandbox.world import API, World


@dataclass(frozen=True, slots=True)
class Request:
    """A request and its outcome and, for GraphQL, its cost by the model. Never the token itself."""

    method: str
    path: str
    query: dict[str, str]
    token: bool
    conditional: bool
    status: int
    seconds: float = 0.0
    points: int = 0


@dataclass
class Service:
    """The state of a running sandbox; its owner may change `on`, `faults`, `latency` and `ahead` at any time."""

    world: World
    on: date
    url: str = ""
    latency: float = 0.0
    ahead: float = 0.0
    faults: Sequence[Fault] = ()
    tokens: frozenset[str] | None = field(default=None, repr=False)
    limits: Limits = field(default_factory=Limits)
    graphql_schema: str | None = field(default=None, repr=False)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pools = Pools(self.limits)
        self.throttles: dict[str | None, Throttle] = defaultdict(lambda: Throttle(self.limits.server_time))
        self.numbers = count(1)
        self.under_way = self.most_at_once = 0

    async def handle(self, handler: Handler, request: HttpRequest) -> Response:
        payload = await request.body()
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        if self.latency:
            await asyncio.sleep(self.latency)
        self.under_way -= 1
        ask = self.understand(request, payload)
        used = ask.graphql.used
        answer = self.finish(ask, self.judge(handler, ask), request.headers)
        points = ask.graphql.used - used
        seconds = min(ask.bill.seconds, ask.clock) if points else 0.0
        conditional = "if-none-match" in request.headers
        query, has_token = dict(request.query_params), ask.token is not None
        self.requests.append(
            Request(request.method, ask.path, query, has_token, conditional, answer.status, seconds, points)
        )
        return Delivery(answer)

    def understand(self, request: HttpRequest, payload: bytes) -> Ask:
        token = _token(request.headers.get("authorization", ""))
        now = clock.now(self.on) + self.ahead
        return Ask(
            path=request.url.path,
            query=request.query_params,
            segments=request.path_params,
            on=self.on,
            now=now,
            world=self.world,
            core=self.pools.of(token, "core", now),
            graphql=self.pools.of(token, "graphql", now),
            bill=self.bill(payload) if request.url.path == "/graphql" else Bill(),
            clock=self.limits.clock,
            account=rest.account_asked(self.world, self.on, request.path_params),
            payload=payload,
            token=token,
        )

    def bill(self, payload: bytes) -> Bill:
        bill = graphql_query.bill(payload, self.graphql_schema)
        return replace(bill, points=bill.documented) if self.limits.documented_points else bill

    def judge(self, handler: Handler, ask: Ask) -> Answer:
        if ask.token is not None and self.tokens is not None and ask.token not in self.tokens:
            return refusal(401, "Bad credentials")
        if ask.is_graphql and ask.token is None:
            return refusal(401, "This endpoint requires you to be authenticated.")
        if ask.is_graphql:
            throttle = self.throttles[ask.token]
            if wait := throttle.wait(ask.now):
                return too_fast(wait)
            if not ask.graphql.take(ask.bill.points):
                return rest.exhausted(ask)
            throttle.spend(ask.now, min(ask.bill.seconds, ask.clock))
        elif handler is not rest.rate_limit and not ask.core.take():
            return rest.exhausted(ask)
        return arrange(ask, self.faults, partial(handler, ask))(self.world)

    def finish(self, ask: Ask, answer: Answer, asked: Mapping[str, str]) -> Answer:
        """Add our own addresses, the validator, and the headers that every answer from GitHub has."""
        body = answer.body.replace(API.encode(), self.url.encode())
        headers = {name: value.replace(API, self.url) for name, value in answer.headers.items()}
        status = answer.status
        if status == 200 and not ask.is_graphql:
            # GitHub's validators depend on the caller.
            digest = sha256((ask.token or "").encode() + b"\n" + body).hexdigest()
            headers.setdefault("etag", f'W/"{digest}"')
            if headers["etag"] in asked.get("if-none-match", ""):
                status, body = 304, b""
        if status == 304:
            headers.pop("content-type", None)
            if ask.token:
                ask.pool.give_back()
        standard = {
            "date": formatdate(ask.now, usegmt=True),
            "server": "github-sandbox",
            "x-github-media-type": "github.v3; format=json",
            "x-github-api-version-selected": asked.get("x-github-api-version", "2022-11-28"),
            "x-github-request-id": f"5A4D:{next(self.numbers):08X}",
            **ask.pool.headers(),
        }
        return Answer(status, body, standard | headers, answer.wire, answer.seconds)

    def application(self) -> Starlette:
        asks = partial(graphql.answer, sdl=self.graphql_schema)
        routes = [Route(path, self._endpoint(handler), methods=["GET"]) for path, handler in rest.ROUTES]
        routes.append(Route("/graphql", self._endpoint(asks), methods=["POST"]))
        routes.append(Route("/{path:path}", self._endpoint(lambda ask, world: not_found())))
        return Starlette(routes=routes)

    def _endpoint(self, handler: Handler) -> Callable[[HttpRequest], Awaitable[Response]]:
        async def endpoint(request: HttpRequest) -> Response:
            return await self.handle(handler, request)

        return endpoint


def _token(authorization: str) -> str | None:
    """The token, if there is one; GitHub accepts both `token X` and `Bearer X`."""
    return authorization.partition(" ")[2].strip() or None
