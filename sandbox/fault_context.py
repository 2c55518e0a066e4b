"""What a fault can see when it strikes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.responses import Answer
from sandbox.rest import Ask
from sandbox.world import Account, World


@dataclass(frozen=True)
class Strike:
    """The request, the fault's options, and the answer that a given world would have given."""

    ask: Ask
    options: Mapping[str, str]
    usual: Callable[[World], Answer]

    def seconds(self, default: float) -> float:
        return float(self.options.get("seconds", default))

    @property
    def login(self) -> str:
        """The login that the fault is about, in lower case."""
        if self.ask.account and not self.ask.is_graphql:
            return self.ask.account.login.lower()
        return self.options.get("login", "").lower()

    def chooses(self, repository: int, every: int = 1) -> bool:
        """With every=N, about one in N by id; the lowest byte of an invented id belongs to its account."""
        return (repository >> 8) % int(self.options.get("every", every)) == 0

    def concerns(self, account: Account) -> bool:
        """GraphQL asks for many at once: without `login`, the fault is about all of them."""
        return self.login in ("", account.login.lower())
