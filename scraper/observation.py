"""Observe one organisation: get its new data, or keep the last good ones and say why."""

from dataclasses import dataclass, replace

from scraper.config import ListedAccount
from scraper.errors import (
    Ended,
    LoginReassigned,
    Miscounted,
    NotFound,
    OssHealthError,
    RequestError,
    Unavailable,
)
from scraper.github.client import GitHubApi
from scraper.github.listing import Listing
from scraper.github.owners import Owner
from scraper.github.rate_limits import Cancelled
from scraper.github.repositories import fetch_repositories
from scraper.github.selected import fetch_selected
from scraper.model.accounts import Account
from scraper.model.forgotten import Forgotten
from scraper.threshold import Threshold


@dataclass(frozen=True)
class Outcome:
    """The result of a run for one organisation."""

    account: Account
    observed: bool
    warnings: tuple[str, ...] = ()
    failure: RequestError | None = None


def observe(
    api: GitHubApi,
    entry: ListedAccount,
    previous: Account,
    expected: Owner | None,
    left_out: Forgotten,
    threshold: Threshold,
) -> Outcome:
    """Ask GitHub for an organisation. A loss that reaches the `threshold` is believed only after a second list."""
    known = previous
    try:
        owner, listing = (
            fetch_selected(api, previous, entry.only) if entry.only else fetch_repositories(api, previous, expected)
        )
        known = seen(previous)
        if not entry.only:
            _confirm(api, previous, listing, threshold)
        if owner.id in left_out.accounts:
            raise Unavailable(f"{previous.listed_login} was forgotten (oss-health forget): remove it from the list.")
        listing.leave_out(left_out.repositories)
        listing.exclude(entry.excludes)
        return _observed(previous, owner, listing)
    except Miscounted as error:  # the account exists
        return kept(seen(previous), error)
    except RequestError as error:
        return kept(known, error)
    except (OssHealthError, Cancelled):  # a refused token and Ctrl-C end the run
        raise
    except Exception as error:  # whatever is wrong with an answer, other organisations must not suffer
        return kept(
            previous, Unavailable(f"GitHub's answer about it made this program fail ({type(error).__name__}).")
        )


def _confirm(api: GitHubApi, previous: Account, listing: Listing, threshold: Threshold) -> None:
    """List the account again if this would be a closure. Raises Unavailable if the lists differ in what is gone."""
    gone = previous.facts.keys() - listing.ids
    if threshold.reached(len(gone), len(previous.repositories)):
        _, again = fetch_repositories(api, previous, None)
        if previous.facts.keys() - again.ids != gone:
            raise Unavailable("GitHub gave two different lists of its repositories, one after the other.")


def seen(account: Account) -> Account:
    """The account, now that GitHub has shown that it exists: days on which it was missing no longer count."""
    return account if account.record["status"] == "gone" else account.with_record(missing=None)


def kept(previous: Account, error: RequestError) -> Outcome:
    if previous.record["status"] == "gone":  # that took several days to confirm, and a failure now does not undo it
        return Outcome(previous, observed=False, failure=error)
    match error:
        case LoginReassigned() | Ended(claimed=True):
            status = "replaced"
        case NotFound():
            status = "not_found"
        case _:
            status = "kept" if previous.record["observed_at"] else "pending"
    return Outcome(previous.with_record(status=status, reason=str(error)), observed=False, failure=error)


def _observed(previous: Account, owner: Owner, listing: Listing) -> Outcome:
    login = previous.listed_login
    renamed = owner.login.casefold() != login.casefold()
    account = previous.with_record(
        id=owner.id,
        login=login if renamed else owner.login,
        type=owner.type,
        repositories=len(listing.repositories),
        status="ok",
        reason=" ".join(
            [f"It is now called {owner.login} on GitHub: list it under that login."] * renamed + listing.remarks
        )
        or None,
        excluded=sorted(listing.excluded) or None,
        selected=listing.selected,
        missing=None,
        unlisted=listing.unlisted or None,
        mismatch=None,
    )
    facts, metrics = listing.repositories, listing.metrics
    # What is not in a listing is carried along. Keeping the same facts twice would take twice the memory.
    carried = {name: [each for each in held if each["id"] in facts] for name, held in previous.records.items()}
    listed = {
        name: [part[id_] for id_ in sorted(part)] for name, part in (("repositories", facts), ("metrics", metrics))
    }
    same = {name: previous.records[name] for name in listed if listed[name] == previous.records.get(name)}
    records = {name: held for name, held in carried.items() if held} | listed | same
    account = replace(account, records=records)
    return Outcome(account, observed=True, warnings=listing.warnings())
