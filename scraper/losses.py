"""Find out what became of lost repositories, and which organisations are gone."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from scraper import departures
from scraper.config import ListedAccount
from scraper.errors import Ended
from scraper.github.client import GitHubApi
from scraper.github.whereabouts import Ghost, find_ghost, host_of, look_up
from scraper.model.accounts import Account
from scraper.model.forgotten import Forgotten
from scraper.model.kinds import written
from scraper.observation import Outcome, kept, seen
from scraper.text import count

logger = logging.getLogger(__name__)


def mark_gone(api: GitHubApi, outcomes: dict[str, Outcome], now: datetime) -> dict[str, Outcome]:
    """Record which accounts GitHub does not know although it knows others; after several days, they are gone."""
    ended = {login for login, outcome in outcomes.items() if isinstance(outcome.failure, Ended)}
    observed = sum(outcome.observed for outcome in outcomes.values())
    failed = len(outcomes) - observed - sum(_was_gone(outcomes[login]) for login in ended)
    alone = observed < max(1, failed)
    ghost = find_ghost(api) if ended and alone else None
    result = dict(outcomes)
    for login in ended:
        account = outcomes[login].account
        if alone and not (ghost and (_was_gone(outcomes[login]) or _is_of(account, ghost))):
            continue
        dates = departures.missing(account.record["missing"], now, alone=alone)
        if departures.is_gone(dates):
            result[login] = Outcome(departures.gone(account, dates, written(now)), observed=True)
        else:
            result[login] = replace(outcomes[login], account=account.with_record(missing=dates))
    return result


def _is_of(account: Account, ghost: Ghost) -> bool:
    """Whether the account was observed on the same GitHub server; another server has none of its accounts."""
    return any(host_of(record["html_url"]) == ghost.host for record in account.repositories)


def _was_gone(outcome: Outcome) -> bool:
    dates = outcome.account.record["missing"]
    return isinstance(dates, list) and departures.is_gone(dates)


def trace(
    api: GitHubApi,
    outcomes: dict[str, Outcome],
    previous: Mapping[str, Account],
    entries: Mapping[str, ListedAccount],
    left_out: Forgotten,
    now: datetime,
    workers: int,
    lookups: int,
) -> dict[str, Outcome]:
    """Look up repositories that are no longer listed, and keep the last good data where a list is wrong."""
    observed = {
        login: departures.excluding(outcome.account, previous[login], entries[login].excludes)
        for login, outcome in outcomes.items()
        if outcome.observed
    }
    held = {id_ for account in observed.values() for id_ in account.facts}
    losses = {
        login: departures.loss(previous[login], account, held, left_out.repositories)
        for login, account in observed.items()
    }
    ids = departures.wanted(losses.values(), held, now)
    budget = max(lookups, len({id_ for loss in losses.values() for id_ in loss.sample}))
    if len(ids) > budget:
        logger.info(
            f"{count(len(ids), 'repository')} to look up by id, {budget:,} of them in this run; the rest will follow."
        )
    asked = ids if lookups else ids[:budget]
    found, credible = look_up(api, asked, _controls(api, observed.values()) if asked else [], budget, workers)
    result = dict(outcomes)
    for login, loss in losses.items():
        if error := departures.doubt(loss, found, now, credible=credible):
            logger.info(f"{login}: {error} The last good data are kept.")
            there = loss.now.record["status"] == "ok"
            result[login] = kept(seen(previous[login]) if there else previous[login], error)
        else:
            settled = departures.settled(loss, found, held, left_out.accounts, written(now))
            result[login] = replace(outcomes[login], account=settled)
    return result


def _controls(api: GitHubApi, accounts: Iterable[Account]) -> list[str]:
    """Paths of some repositories that were seen in this run or, if there were none, of some accounts."""
    accounts = list(accounts)
    owning = [account for account in accounts if account.facts][:2]
    if owning:
        return [f"/repositories/{min(account.facts)}" for account in owning]
    there = [account.record["id"] for account in accounts if account.record["status"] == "ok"][:2]
    if not there and (ghost := find_ghost(api)):
        there = [ghost.id]
    return [f"/user/{id_}" for id_ in there]
