"""Primary rate limits: one pool an hour for each token, one for everybody without."""

from dataclasses import dataclass, field
from typing import Literal

Resource = Literal["core", "graphql"]


@dataclass(frozen=True)
class Limits:
    """Requests (GraphQL: points) in a window of so many seconds."""

    anonymous: int = 60
    token: int = 5_000
    graphql: int = 5_000
    window: int = 3_600


@dataclass
class Pool:
    """What one caller has left of one resource."""

    resource: Resource
    limit: int
    window: int
    used: int = 0
    reset: int = 0

    def renew(self, now: float) -> None:
        if not self.reset - self.window <= now < self.reset:  # time travel goes both ways
            self.used, self.reset = 0, int(now) + self.window

    def take(self) -> bool:
        """False when nothing is left."""
        if self.used >= self.limit:
            return False
        self.used += 1
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
    """All pools, made when first asked for."""

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
