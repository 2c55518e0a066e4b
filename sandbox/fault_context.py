"""What a fault gets to see when it strikes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.responses import Answer
from sandbox.rest import Ask
from sandbox.world import Account, World


@dataclass(frozen=True)
class Strike:
    """The request, the fault's options, and what would have been answered in a given world."""

    ask: Ask
    options: Mapping[str, str]
    usual: Callable[[World], Answer]

    def seconds(self, default: float) -> float:
        return float(self.options.get("seconds", default))

    @property
    def login(self) -> str:
        """Whom the fault is about, in lower case."""
        if self.ask.account and not self.ask.is_graphql:
            return self.ask.account.login.lower()
        return self.options.get("login", "").lower()

    def chooses(self, repository: int, every: int = 1) -> bool:
        """With every=N, about one in N by id: the lowest byte of an invented id is its account's own."""
        return (repository >> 8) % int(self.options.get("every", every)) == 0

    def concerns(self, account: Account) -> bool:
        """GraphQL asks for many at once: without `login`, the fault is about all of them."""
        return self.login in ("", account.login.lower())
