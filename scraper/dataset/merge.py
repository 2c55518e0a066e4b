"""Compare and merge two datasets that were observed apart, as when another run was faster to push."""

from collections.abc import Set
from dataclasses import replace

from scraper.model.accounts import Account, Dataset
from scraper.model.looks import known_of, later, with_known


def merge(theirs: Dataset, ours: Dataset, listed: Set[str]) -> Dataset:
    """Of each listed organisation, by its casefolded login, what was observed later; at equal dates, ours.

    Of the health of each repository, every family is as it was asked for later. An organisation that is listed and
    stands in neither is left to the next run.
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
    """Whether the two say the same, whenever each was observed, and looked up again with the same answer."""
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
