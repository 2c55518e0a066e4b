"""In which order to ask for organisations, and how many of them GitHub's quota allows now. Pure functions."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import ceil
from types import MappingProxyType

from scraper.github.owners import Owner
from scraper.github.repositories import PER_PAGE
from scraper.model.accounts import Account
from scraper.text import count

NOBODY: Mapping[str, int] = MappingProxyType({})
GONE = ("not_found", "gone", "replaced")


def order(
    previous: Mapping[str, Account], expected: Mapping[str, Owner], single: Mapping[str, int] = NOBODY
) -> dict[str, int]:
    """The logins in the order in which to ask for them, each with the fewest requests that it takes.

    Those that have waited longest come first; otherwise a quota smaller than the list would reach the same ones every
    day. Those that were already gone come last, but not those that have only just gone missing. Among equals the
    largest is first, because the last to finish decides how long the run takes. `single` is how many repositories are
    asked for one by one, by login.
    """

    def place(login: str) -> tuple[bool, str, int]:
        record = previous[login].record
        gone = record["status"] in GONE and (record["status"] != "not_found" or not record["missing"])
        return gone, str(record["observed_at"] or ""), -_size(previous[login], expected)

    def cost(login: str) -> int:
        return single[login] + 1 if single.get(login) else max(1, ceil(_size(previous[login], expected) / PER_PAGE))

    return {login: cost(login) for login in sorted(previous, key=place)}


def announcement(costs: Iterable[int], limits: object, now: datetime, max_wait: float) -> str | None:
    """What a quota means for a run with these requests by organisation, in order; None if it is large enough."""
    costs = list(costs)
    match limits:
        case {"resources": {"core": {"remaining": int(remaining), "limit": int(limit), "reset": int(reset)}}} if (
            0 <= remaining < sum(costs) and abs(reset - now.timestamp()) < 86_400
        ):
            wait = max(0.0, reset - now.timestamp())
            asked = _covered(costs, remaining + (limit if wait <= max_wait else 0))
            at = f"{datetime.fromtimestamp(reset, UTC):%H:%M} UTC"
            allows = f"GitHub allows {count(remaining, 'more request')} until {at}, and the list needs at least"
            then = f"{allows} {sum(costs):,}:"
            if asked == len(costs):
                return f"{then} the run will wait until then and ask for the rest."
            return (
                f"{then} about {asked:,} of {count(len(costs), 'organisation')} will be asked for in this run. The"
                f" rest keep their last good data and come first in the next run, after {at}."
                " A token in GITHUB_TOKEN, or a different one, allows more."
            )
    return None


def _size(account: Account, expected: Mapping[str, Owner]) -> int:
    owner = expected.get(account.listed_login.casefold())
    return int((owner and owner.total) or str(account.record["repositories"] or 0))


def _covered(costs: Iterable[int], requests: int) -> int:
    covered = 0
    for covered, cost in enumerate(costs):
        requests -= cost
        if requests < 0:
            return covered
    return covered + 1
