"""The accounts of an invented estate: their names, their shares of its repositories, their ids."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import cycle

from sandbox import vocabulary
from sandbox.generator import Home, number
from sandbox.serializer import node_id
from sandbox.world import Account

RENAMED_ON = date(2021, 5, 4).toordinal()


@dataclass(frozen=True, slots=True)
class Size:
    """How many repositories an estate has on its anchor day, and how evenly its accounts share them."""

    anchor: date
    sources: int
    forks: int
    head: float
    steepness: float


def names(estate: str) -> list[tuple[str, str]]:
    """Logins and names, with the settled ones last."""
    known = list(vocabulary.HEALTH)
    if estate == "uk":
        for place, style in zip(vocabulary.PLACES, cycle(("", "-", "lower-")), strict=False):
            for body in vocabulary.BODIES:
                login = f"{place} {body}".replace(" ", style[-1:])
                known.append((login.lower() if style == "lower-" else login, f"{place} {body}"))
    return known


def shares(size: Size, accounts: int) -> list[tuple[int, int]]:
    """(sources, forks) of each account, largest first, adding up exactly."""
    weights = [1 / (rank + size.head) ** size.steepness for rank in range(accounts)]

    def split(total: int) -> list[int]:
        bounds = [round(total * sum(weights[: n + 1]) / sum(weights)) for n in range(accounts)]
        return [high - low for low, high in zip([0, *bounds], bounds, strict=False)]

    return list(zip(split(size.sources - 91), split(size.forks - 9), strict=True))


def account(home: Home, name: str) -> Account:
    created = datetime.fromordinal(home.opened).replace(hour=9, tzinfo=UTC)
    kind = "User" if home.login.lower() in vocabulary.USERS else "Organization"
    id = (number(created.timestamp()) // 6 >> 8 << 8) + home.number
    node = node_id(kind[0], id)
    return Account(id, home.login, kind, name, created.strftime("%Y-%m-%dT%H:%M:%SZ"), node)  # type: ignore[arg-type]


def renamed(account: Account) -> Account:
    login = vocabulary.RENAMED.get(account.login, account.login)
    return Account(account.id, login, account.type, account.name, account.created_at, account.node_id)
