"""Rate limits: an hourly pool for each token, one for everybody without; and the server's time in a minute."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

MINUTE = 60
Resource = Literal["core", "graphql"]


@dataclass(frozen=True)
class Limits:
    """Requests (for GraphQL, points) in a window of so many seconds.

    A query times out after `clock` seconds of GitHub's time. `server_time` is a token's secondary limit: so many
    seconds of that in a minute of the sandbox's clock. With `documented_points`, queries cost what GitHub's formula
    says, the worst case.
    """

    anonymous: int = 60
    token: int = 5_000
    graphql: int = 5_000
    window: int = 3_600
    clock: float = 10.0
    server_time: float | None = None
    documented_points: bool = False


@dataclass
class Pool:
    """What one caller has left of one resource."""

    resource: Resource
    limit: int
    window: int
    used: int = 0
    reset: int = 0

    def renew(self, now: float) -> None:
        if not self.reset - self.window <= now < self.reset:  # the clock may move backwards too
            self.used, self.reset = 0, int(now) + self.window

    def take(self, points: int = 1) -> bool:
        """Take points from the pool; False if it is already empty."""
        if self.used >= self.limit:
            return False
        self.used = min(self.limit, self.used + points)
        return True

    def give_back(self) -> None:
        self.used = max(0, self.used - 1)

    def state(self) -> dict[str, int]:
        return {"limit": self.limit, "used": self.used, "remaining": self.limit - self.used, "reset": self.reset}

    def headers(self) -> dict[str, str]:
        numbers = {f"x-ratelimit-{name}": str(value) for name, value in self.state().items()}
        return numbers | {"x-ratelimit-resource": self.resource}


@dataclass
class Pools:
    """All pools, created when first asked for."""

    limits: Limits
    _pools: dict[tuple[str | None, Resource], Pool] = field(default_factory=dict, repr=False)

    def of(self, token: str | None, resource: Resource, now: float) -> Pool:
        key = (token, resource)
        if key not in self._pools:
            allowed = {"core": self.limits.token, "graphql": self.limits.graphql}[resource]
            limit = allowed if token else self.limits.anonymous if resource == "core" else 0
            self._pools[key] = Pool(resource, limit, self.limits.window)
        self._pools[key].renew(now)
        return self._pools[key]


@dataclass
class Throttle:
    """The secondary limit of one token: GitHub's time in the last minute."""

    seconds: float | None
    spent: deque[tuple[float, float]] = field(default_factory=deque)

    def wait(self, now: float) -> int | None:
        """Seconds until a query will be answered, if not at once."""
        while self.spent and not now - MINUTE < self.spent[0][0] <= now:  # the clock may move backwards too
            self.spent.popleft()
        if self.seconds is None or sum(seconds for _, seconds in self.spent) < self.seconds:
            return None
        return max(1, math.ceil(self.spent[0][0] + MINUTE - now))

    def spend(self, now: float, seconds: float) -> None:
        self.spent.append((now, seconds))
