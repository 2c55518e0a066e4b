"""Accounts and repositories that somebody asked to have removed: taken out of the dataset, and kept out.

data/forgotten.json lists GitHub's numeric ids and nothing else: no name, no reason, no date. A scrape leaves out what
has such an id, and a replay of git leaves it out of every commit, so that the database does not have it either.
"""

import json
from collections.abc import Collection, Set
from dataclasses import replace
from pathlib import Path
from typing import cast

import orjson

from scraper.dataset import atomic, store
from scraper.dataset.layout import FORGOTTEN_FILE
from scraper.errors import ConfigurationError, DatasetError
from scraper.model.accounts import Account, Dataset
from scraper.model.collections import WHEREABOUTS
from scraper.model.fields import Record
from scraper.model.records import without_owner
from scraper.text import count


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
    ids, what = _find(held.values(), name)
    # The ids first: if this stops halfway, what is still there is removed by doing it again.
    save(folder, load(folder) | ids)
    store.save(folder, leave_out(held, ids))
    return f"{what} is forgotten."


def save(folder: Path, ids: Set[int]) -> None:
    """Have these ids left out, and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    atomic.replace(folder / FORGOTTEN_FILE, orjson.dumps(sorted(ids), option=orjson.OPT_INDENT_2) + b"\n")


def leave_out(dataset: Dataset, ids: Set[int]) -> Dataset:
    """The dataset without the accounts and repositories that have one of these ids."""
    return {key: _without(account, ids) for key, account in dataset.items() if account.record["id"] not in ids}


def _find(accounts: Collection[Account], name: str) -> tuple[frozenset[int], str]:
    wanted = name.casefold()
    for account in accounts:
        id_ = account.record["id"]
        names = {account.listed_login.casefold(), str(account.record["login"]).casefold(), str(id_)}
        if wanted in names and type(id_) is int:
            return frozenset({id_}), f"The account {id_} with {len(account.repositories):,} repositories"
        for record in (*account.repositories, *account.records.get(WHEREABOUTS.name, ())):
            names = {str(record[each]).casefold() for each in ("id", "full_name", "moved_to") if record.get(each)}
            if wanted in names and type(record["id"]) is int:
                return frozenset({record["id"]}), f"The repository {record['id']}"
    moved = [record for account in accounts for record in account.whereabouts.values() if record["moved_to"]]
    if moved := [each for each in moved if wanted in (str(each["owner_id"]), _owner(each))]:
        # An older version of this program recorded only the name: then the repositories go as a whole.
        ids = frozenset(cast(int, each["owner_id"] or each["id"]) for each in moved)
        return ids, f"The owner of {count(len(moved), 'repository')} that moved"
    if name.isascii() and name.isdigit() and int(name) < 2**53:
        return frozenset({int(name)}), f"The id {name}, which the dataset does not have now,"
    raise ConfigurationError(
        f"The dataset has no account or repository {name[:100]!r}: give its login, OWNER/NAME, or its numeric id."
    )


def _owner(record: Record) -> str:
    return str(record["moved_to"]).partition("/")[0].casefold()


def _without(account: Account, ids: Set[int]) -> Account:
    records = {
        name: [
            without_owner(record, ids) if name == WHEREABOUTS.name else record
            for record in held
            if record["id"] not in ids
        ]
        for name, held in account.records.items()
    }
    if records == account.records:
        return account
    return replace(account, record=account.record | {"repositories": len(records["repositories"])}, records=records)
