"""One run: ask GitHub for each listed organisation, then replace its data, or keep them and say why."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from scraper import clock
from scraper.config import NO_BUDGET, Budget, ListedAccount
from scraper.dataset import forgotten, layout, store
from scraper.dataset.merge import dated, same_content
from scraper.errors import (
    AccessDenied,
    DatasetError,
    Miscounted,
    NotFound,
    OssHealthError,
    RateLimited,
    RequestError,
    Unavailable,
    Unconfirmed,
)
from scraper.github import miscount
from scraper.github.client import GitHubApi
from scraper.github.owners import Owner, preflight
from scraper.github.plan import announcement, order
from scraper.health import Examination, examine
from scraper.history.fold import latest
from scraper.losses import mark_gone, trace
from scraper.model.accounts import Account, Dataset
from scraper.model.comparison import Comparison
from scraper.model.events import compare, formerly
from scraper.model.forgotten import Forgotten
from scraper.model.kinds import written
from scraper.model.records import pending
from scraper.observation import Outcome, kept, observe
from scraper.threshold import DEFAULT, Threshold

logger = logging.getLogger(__name__)

WORKERS_OF_A_SHORT_QUOTA = 2
"""Many workers would start many long lists and finish none; a single one could spend all quotas on one list."""
LOOKUPS = 300
"""Requests for repositories that are no longer listed: a third of the hourly quota of a job's own token."""
QUIET_DAYS = 30
"""After so long without a change, the new dates alone are written: schedules stop after 60 idle days."""


@dataclass
class Report:
    """What a run did: outcomes in the order of the list, what happened, and the files that it changed."""

    outcomes: list[Outcome]
    comparison: Comparison
    files: list[str] = field(default_factory=list)
    requests: int = 0
    examination: Examination | None = None

    @property
    def exit_code(self) -> int:
        """0: every organisation was observed; 3: some kept their last good data; 1: none was observed."""
        observed = [outcome.observed for outcome in self.outcomes]
        return 0 if all(observed) else 3 if any(observed) else 1


def scrape(
    api: GitHubApi,
    listed: Sequence[ListedAccount],
    folder: Path,
    *,
    whole_list: bool,
    workers: int,
    progress: Callable[[Outcome], object],
    lookups: int = LOOKUPS,
    budget: Budget = NO_BUDGET,
    threshold: Threshold = DEFAULT,
) -> Report:
    """Bring the dataset in `folder` up to date with GitHub.

    With `whole_list`, organisations that are not `listed` are removed from the dataset; otherwise they stay as they
    are. At most `lookups` missing repositories are looked up by id, and the `budget` is spent on the health of those
    that are listed. A loss that reaches the `threshold` is believed only after a second list. Nothing is written
    before the last answer has arrived. Raises OssHealthError if nothing could be done.
    """
    before, left_out = store.load(folder), forgotten.load(folder)
    check_dates(before, folder / layout.ORGANISATIONS_FILE)
    store.check_writable(folder)
    entries = {entry.login: entry for entry in listed}
    previous = {login: _previous(before, entry, whole_list) for login, entry in entries.items()}
    expected, short = _check_api(api, entries, previous)
    workers = min(workers, WORKERS_OF_A_SHORT_QUOTA) if short else workers
    now = api.now()
    outcomes = _observe_all(api, entries, previous, expected, left_out, threshold, workers, progress)
    outcomes = mark_gone(api, _drop_duplicates(outcomes, previous), now)
    outcomes = trace(api, outcomes, previous, entries, left_out, now, workers, lookups)
    outcomes = _record_mismatches(outcomes, f"{now:%Y-%m-%d}")
    outcomes, examination = examine(api, outcomes, before, budget, now)
    after = {} if whole_list else dict(before)
    for login, outcome in outcomes.items():
        if not whole_list and not outcome.observed and login.casefold() not in before:
            continue  # asked for by --organisation, but never seen and not in the list
        observed_at = written(now) if outcome.observed else outcome.account.record["observed_at"]
        after[login.casefold()] = dated(outcome.account, observed_at)
    # Records that an older version stored unmasked are masked as they are read: only the files are still unmasked.
    changed = not same_content(before, after) or _is_stale(before, now) or not store.holds(folder, before)
    return Report(
        outcomes=[outcomes[entry.login] for entry in listed],
        comparison=Comparison(before, after, compare(before, after, formerly(before))),
        files=store.save(folder, after) if changed else [],
        requests=api.requests_sent,
        examination=examination,
    )


def check_dates(before: Dataset, file: Path) -> None:
    """Raise DatasetError for a dataset from the future: until that day, nothing observed would be newer."""
    date, now = latest({key: account.record for key, account in before.items()}), clock.now()
    if date is not None and date > clock.latest_credible(now):
        raise DatasetError(
            f"{file} is dated {date}, but this machine's clock says {written(now)}: nothing observed now"
            f" would be newer. If the clock is right, find the commit with `git log -S{date} -- {file}` and undo it"
            " with `git revert`."
        )


def _previous(before: Dataset, entry: ListedAccount, whole_list: bool) -> Account:
    """The previous data of an organisation, with today's spelling and name in the list."""
    account = before.get(entry.login.casefold())
    if account is not None and not whole_list:
        return account
    if account is None:
        return Account(entry.login, pending(entry.login, entry.name))
    login = account.record["login"] if account.record["observed_at"] else entry.login
    return replace(account.with_record(name=entry.name, login=login), listed_login=entry.login)


def _check_api(
    api: GitHubApi,
    entries: Mapping[str, ListedAccount],
    previous: Mapping[str, Account],
) -> tuple[dict[str, Owner], bool]:
    """GitHub's own counts, which need a token, and whether the quota is too small for the list (also logged).

    Asking for the quota costs nothing; without a token, it shows whether GitHub can be reached.
    """
    expected: dict[str, Owner] = {}
    answers = False
    if api.has_token:
        try:
            expected = preflight(api, [login for login, entry in entries.items() if not entry.only])
            answers = True
        except RequestError as error:
            logger.info(f"Could not read GitHub's totals; continuing without them: {error}")
    costs = list(order(previous, expected, _single(entries)).values())
    try:
        limits = api.get("/rate_limit", {}, dict).body
    except (
        NotFound,
        AccessDenied,
        RateLimited,
    ):  # a GitHub Enterprise server without limits, or the run will see for itself
        return expected, False
    except Unavailable as error:
        if answers:
            return expected, False
        raise OssHealthError(f"Cannot reach {api.url}: check the network and --api-url. {error}") from error
    if said := announcement(costs, limits, api.now(), api.max_wait):
        logger.info(said)
    return expected, said is not None


def _observe_all(
    api: GitHubApi,
    entries: Mapping[str, ListedAccount],
    previous: dict[str, Account],
    expected: dict[str, Owner],
    left_out: Forgotten,
    threshold: Threshold,
    workers: int,
    progress: Callable[[Outcome], object],
) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}

    pool = ThreadPoolExecutor(workers)
    futures: dict[Future[Outcome], str] = {}
    try:
        for login in order(previous, expected, _single(entries)):
            owner = expected.get(login.casefold())
            futures[pool.submit(observe, api, entries[login], previous[login], owner, left_out, threshold)] = login
        for future in as_completed(futures):
            outcomes[futures[future]] = future.result()
            progress(outcomes[futures[future]])
    except BaseException:  # Ctrl-C, or a refused token: stop asking, and do not wait for the last answers
        api.stop()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
    return outcomes


def _single(entries: Mapping[str, ListedAccount]) -> dict[str, int]:
    return {login: len(entry.only) for login, entry in entries.items() if entry.only}


def _drop_duplicates(outcomes: dict[str, Outcome], previous: dict[str, Account]) -> dict[str, Outcome]:
    """If two listed logins are the same account, keep one."""
    single: dict[object, str] = {}
    result = dict(outcomes)
    # The login that GitHub uses comes before one that is redirected.
    for login in sorted(outcomes, key=lambda login: (outcomes[login].account.record["reason"] is not None, login)):
        if not outcomes[login].observed:
            continue
        other = single.setdefault(outcomes[login].account.record["id"], login)
        if other != login:
            result[login] = kept(
                previous[login], Unavailable(f"It is the same account as {other}: list one of the two.")
            )
    return result


def _record_mismatches(outcomes: dict[str, Outcome], day: str) -> dict[str, Outcome]:
    """Record where GitHub's count and list do not match, unless other organisations show that GitHub has problems."""
    observed = sum(outcome.observed for outcome in outcomes.values())
    failed = sum(isinstance(outcome.failure, Unavailable) for outcome in outcomes.values())
    unconfirmed = sum(isinstance(outcome.failure, Unconfirmed) for outcome in outcomes.values())
    result = dict(outcomes)
    for login, outcome in outcomes.items():
        well = observed >= max(failed - 1, min(1, len(outcomes) - 1))
        if isinstance(outcome.failure, Unconfirmed):  # of such accounts, all but the loss was observed
            well = observed + unconfirmed >= failed - unconfirmed
        if isinstance(outcome.failure, Miscounted) and well:
            seen = miscount.seen_on(day, outcome.failure.mismatch, outcome.account.record["mismatch"])
            result[login] = replace(outcome, account=outcome.account.with_record(mismatch=seen))
    return result


def _is_stale(before: Dataset, now: datetime) -> bool:
    dates = [str(account.record["observed_at"]) for account in before.values() if account.record["observed_at"]]
    return bool(dates) and now - datetime.fromisoformat(max(dates)) >= timedelta(days=QUIET_DAYS)
