"""Accounts and repositories that somebody asked to have removed: taken out of the dataset, and kept out.

data/forgotten.json lists GitHub's numeric ids and nothing else: no name, no reason, no date. A scrape leaves out what
has such an id, and a replay of git leaves it out of every commit, so that the database does not have it either.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import orjson

from scraper.dataset import atomic, store
from scraper.dataset.layout import FORGOTTEN_FILE
from scraper.errors import ConfigurationError, DatasetError
from scraper.model.accounts import Account
from scraper.model.collections import WHEREABOUTS


def load(folder: Path) -> frozenset[int]:
    """The ids that are to be left out. Raises DatasetError if the file is not a list of them."""
    path = folder / FORGOTTEN_FILE
    try:
        ids = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return frozenset()
    except (OSError, json.JSONDecodeError) as error:
        raise DatasetError(f"Cannot read {path}: {error}. Restore it with `git checkout`.") from None
    if type(ids) is not list or not all(type(id_) is int for id_ in ids):
        raise DatasetError(f"{path} is not a list of numeric ids: restore it with `git checkout`.")
    return frozenset(ids)


def forget(folder: Path, name: str) -> str:
    """Remove the account or repository of this login, OWNER/NAME or numeric id, for good; a sentence about it.

    An id that the dataset does not have is kept out all the same: it may stand in the history.
    Raises ConfigurationError for a name that the dataset does not have.
    """
    held = store.load(folder)
    id_, what = _find(held.values(), name)
    # The id first: if this stops halfway, what is still there is removed by doing it again.
    known = load(folder)
    folder.mkdir(parents=True, exist_ok=True)
    atomic.replace(folder / FORGOTTEN_FILE, orjson.dumps(sorted(known | {id_}), option=orjson.OPT_INDENT_2) + b"\n")
    after = {key: _without(account, id_) for key, account in held.items() if account.record["id"] != id_}
    store.save(folder, after)
    return f"{what} is forgotten."


def _find(accounts: Iterable[Account], name: str) -> tuple[int, str]:
    wanted = name.casefold()
    for account in accounts:
        id_ = account.record["id"]
        names = {account.listed_login.casefold(), str(account.record["login"]).casefold(), str(id_)}
        if wanted in names and type(id_) is int:
            return id_, f"The account {id_} with {len(account.repositories):,} repositories"
        for record in (*account.repositories, *account.records.get(WHEREABOUTS.name, ())):
            if wanted in (str(record["id"]), str(record["full_name"]).casefold()) and type(record["id"]) is int:
                return record["id"], f"The repository {record['id']}"
    if name.isascii() and name.isdigit() and int(name) < 2**53:
        return int(name), f"The id {name}, which the dataset does not have now,"
    raise ConfigurationError(
        f"The dataset has no account or repository {name[:100]!r}: give its login, OWNER/NAME, or its numeric id."
    )


def _without(account: Account, id_: int) -> Account:
    records = {name: [record for record in held if record["id"] != id_] for name, held in account.records.items()}
    if records == account.records:
        return account
    return replace(account, record=account.record | {"repositories": len(records["repositories"])}, records=records)
