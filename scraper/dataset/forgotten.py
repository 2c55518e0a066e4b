"""Remove accounts and repositories from the dataset at somebody's request, and keep them out.

    {
      "accounts": [9919],
      "repositories": [1296269]
    }

data/forgotten.json contains GitHub's numeric ids and nothing else: no name, no reason, no date. A scrape leaves out
whatever has such an id, and so does a replay of git, so that it is not in the database either.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal, NamedTuple, cast

import orjson

from scraper.dataset import atomic, store
from scraper.dataset.layout import FORGOTTEN_FILE
from scraper.dataset.mentions import mentions
from scraper.errors import ConfigurationError, DatasetError
from scraper.model.accounts import Account, Dataset
from scraper.model.collections import WHEREABOUTS
from scraper.model.fields import Record
from scraper.model.forgotten import NOTHING_FORGOTTEN, Forgotten
from scraper.model.records import without_owner
from scraper.text import count

Kind = Literal["account", "repository"]
KINDS: tuple[Kind, ...] = ("account", "repository")


def load(folder: Path) -> Forgotten:
    """The ids to leave out. Raises DatasetError if the file is not as shown at the top of this module.

    Earlier versions wrote a plain list, which does not say what each id stands for: such an id is left out as both.
    """
    path = folder / FORGOTTEN_FILE
    try:
        content = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return NOTHING_FORGOTTEN
    except (OSError, json.JSONDecodeError) as error:
        raise DatasetError(f"Cannot read {path}: {error}. Restore it with `git checkout`.") from None
    match content:
        case {"accounts": [*accounts], "repositories": [*repositories]} if len(content) == 2:
            ids = (accounts, repositories)
        case [*either]:
            ids = (either, either)
        case _:
            ids = ([None], [None])
    if any(type(id_) is not int for part in ids for id_ in part):
        raise DatasetError(f"{path} is not a list of numeric ids: restore it with `git checkout`.")
    return Forgotten(*map(frozenset, ids))


def forget(folder: Path, name: str, kind: Kind | None = None) -> str:
    """Remove the account or repository with this login, OWNER/NAME or id for good; return a sentence about it.

    A second sentence says where the files beside the dataset still name it. They stay as they are.
    If its `kind` is given, even an id that is not in the dataset is kept out, because the history may have it.
    Raises ConfigurationError for a name that is not in the dataset, and for an id that could be of either kind.
    """
    held, before = store.load(folder), load(folder)
    found = _find(held.values(), before, name, kind)
    mentioned = mentions(folder, found.names)
    # The ids first: if this stops halfway, running it again removes the rest.
    save(folder, before | found.ids)
    store.save(folder, leave_out(held, found.ids))
    return " ".join(filter(None, (f"{found.what} is forgotten.", mentioned)))


def save(folder: Path, forgotten: Forgotten) -> None:
    """Write these ids, and no others, as those to leave out."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = {name: sorted(part) for name, part in asdict(forgotten).items()}
    atomic.replace(folder / FORGOTTEN_FILE, orjson.dumps(ids, option=orjson.OPT_INDENT_2) + b"\n")


def leave_out(dataset: Dataset, forgotten: Forgotten) -> Dataset:
    """The dataset without the accounts and repositories that are forgotten."""
    return {
        key: _without(account, forgotten)
        for key, account in dataset.items()
        if account.record["id"] not in forgotten.accounts
    }


class _Found(NamedTuple):
    """What to forget: its ids, a phrase that describes it, and the names by which the dataset knows it."""

    ids: Forgotten
    what: str
    names: frozenset[str] = frozenset()


def _find(accounts: Collection[Account], before: Forgotten, name: str, kind: Kind | None) -> _Found:
    """What has this name or number; it is of this `kind` if one is given."""
    wanted = name.casefold()
    found = [_account(accounts, wanted) if kind != "repository" else None]
    found += [_repository(accounts, wanted) if kind != "account" else None]
    match [each for each in found if each]:
        case [one]:
            return one
        case [] if not (name.isascii() and name.isdigit() and int(name) < 2**53):
            raise ConfigurationError(
                f"The dataset has no account or repository {name[:100]!r}: give its login, OWNER/NAME, or its numeric"
                " id."
            )
        case [] if kind:
            return _Found(_only(kind, int(name)), f"The {kind} {name}, which is not in the dataset now,")
        case [] if known := [each for each in KINDS if _only(each, int(name)) | before == before]:
            return _Found(NOTHING_FORGOTTEN, f"The id {name}, recorded before as {' and '.join(known)},")
    raise ConfigurationError(
        f"{name} could be the id of an account or a repository: say which with --kind account or --kind repository."
    )


def _account(accounts: Collection[Account], wanted: str) -> _Found | None:
    for account in accounts:
        id_ = account.record["id"]
        logins = frozenset({account.listed_login.casefold(), str(account.record["login"]).casefold()})
        if wanted in logins | {str(id_)} and type(id_) is int:
            what = f"The account {id_} with {count(len(account.repositories), 'repository')}"
            return _Found(_only("account", id_), what, logins)
    moved = [record for account in accounts for record in account.whereabouts.values() if record["moved_to"]]
    if moved := [each for each in moved if wanted in (str(each["owner_id"]), _owner(each))]:
        owners = frozenset(cast(int, each["owner_id"]) for each in moved if each["owner_id"])
        # An older version of this program recorded only the name: then the repositories are removed as a whole.
        unowned = frozenset(cast(int, each["id"]) for each in moved if not each["owner_id"])
        what = f"The owner of {count(len(moved), 'repository')} that moved"
        return _Found(Forgotten(owners, unowned), what, frozenset(map(_owner, moved)))
    return None


def _repository(accounts: Collection[Account], wanted: str) -> _Found | None:
    for account in accounts:
        for record in (*account.repositories, *account.records.get(WHEREABOUTS.name, ())):
            names = frozenset(str(record[each]).casefold() for each in ("full_name", "moved_to") if record.get(each))
            if wanted in names | {str(record["id"])} and type(record["id"]) is int:
                return _Found(_only("repository", record["id"]), f"The repository {record['id']}", names)
    return None


def _only(kind: Kind, id_: int) -> Forgotten:
    ids = frozenset({id_})
    return Forgotten(accounts=ids) if kind == "account" else Forgotten(repositories=ids)


def _owner(record: Record) -> str:
    return str(record["moved_to"]).partition("/")[0].casefold()


def _without(account: Account, forgotten: Forgotten) -> Account:
    records = {
        name: [
            without_owner(record, forgotten.accounts) if name == WHEREABOUTS.name else record
            for record in held
            if record["id"] not in forgotten.repositories
        ]
        for name, held in account.records.items()
    }
    if records == account.records:
        return account
    return replace(account, record=account.record | {"repositories": len(records["repositories"])}, records=records)
