"""Compare and merge two datasets that were observed separately, as when another run was faster to push."""

from collections.abc import Set
from dataclasses import replace

from scraper.model.accounts import Account, Dataset
from scraper.model.health_answers import known_of, later, with_known


def merge(theirs: Dataset, ours: Dataset, listed: Set[str]) -> Dataset:
    """For each listed organisation, by casefolded login, take the later observation; if the dates are equal, ours.

    For the health of each repository, take the later answer in each family. An organisation that is listed but in
    neither dataset is left to the next run.
    """
    together = theirs | ours
    looks = known_of(theirs)
    looks |= {id_: later(known, looks[id_]) if id_ in looks else known for id_, known in known_of(ours).items()}
    return {
        key: with_known(max(known, key=_observed_at), looks)
        for key in together
        if key in listed
        if (known := [dataset[key] for dataset in (ours, theirs) if key in dataset])
    }


def _observed_at(account: Account) -> str:
    return str(account.record["observed_at"] or "")


def same_content(before: Dataset, after: Dataset) -> bool:
    """Whether the two differ in nothing but the dates on which they were observed or looked up."""
    return {key: _undated(account) for key, account in before.items()} == {
        key: _undated(account) for key, account in after.items()
    }


def _undated(account: Account) -> Account:
    if not account.whereabouts:
        return dated(account, None)
    answers = [record | {"checked_at": bool(record["checked_at"])} for record in account.whereabouts.values()]
    return replace(dated(account, None), records={**account.records, "whereabouts": answers})


def dated(account: Account, observed_at: str | None) -> Account:
    return account.with_record(observed_at=observed_at)
