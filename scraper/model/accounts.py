"""An account with its repositories, and the dataset: all accounts together."""

from dataclasses import dataclass, field
from typing import cast

from scraper.model.fields import Record


@dataclass(frozen=True)
class Account:
    """A listed organisation or user with its repositories; `listed_login` is spelled as in organisations.yml."""

    listed_login: str
    record: Record
    repositories: list[Record] = field(default_factory=list)
    metrics: list[Record] = field(default_factory=list)


Dataset = dict[str, Account]
"""By login, casefolded: to GitHub, capitals in a login mean nothing."""


def owners(dataset: Dataset) -> dict[int, tuple[Account, Record]]:
    """Of each repository, by id, the account that holds it and its facts.

    One that was transferred between two observations stands with both accounts: the later observation knows better,
    of equal ones the first by login.
    """
    accounts = [dataset[key] for key in sorted(dataset) if dataset[key].record["observed_at"] is not None]
    accounts.sort(key=lambda account: str(account.record["observed_at"]), reverse=True)
    held: dict[int, tuple[Account, Record]] = {}
    for account in accounts:
        for record in account.repositories:
            held.setdefault(cast(int, record["id"]), (account, record))
    return held
