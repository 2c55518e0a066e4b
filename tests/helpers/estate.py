"""The sandbox's estate: which accounts the tests scrape, how they read the result, and what a scrape would find."""

from datetime import date

from sandbox import Estate
from scraper.model.accounts import Dataset
from tests.helpers.examples import make_account

LARGE, PERSON, FULL_PAGE, NONE = "LanternInstitute", "fenland-notebooks", "plumstone-training", "WillowmarkSecurity"
"""Accounts of the estate: one with three pages, a user account, one with exactly 100 repositories, one with none."""

TOKEN = "a-token-of-the-sandbox"


def files(folder):
    """Every file below a folder, by its relative path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(account):
    """The full names of an account's repositories in the dataset, by id."""
    return {record["id"]: record["full_name"] for record in account.repositories}


def observed(world: Estate, on: date) -> Dataset:
    """The dataset of everything in a world on a day, as a run at noon would find it."""
    dataset: Dataset = {}
    for account in world.accounts(on):
        raw = [world.write(each, account) for each in world.repositories(account, on)]
        facts = {"id": account.id, "name": account.name, "type": account.type}
        dataset[account.login.casefold()] = make_account(account.login, *raw, observed_at=f"{on}T12:00:00Z", **facts)
    return dataset
