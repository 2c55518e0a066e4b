"""Recorded answers as a world: every record exactly as it was, the same on every day."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import orjson

from sandbox.world import Account, Record, search


class RecordingsError(ValueError):
    """The folder does not contain valid recordings."""


class Recordings:
    """A `World` from `<login>.json` files, each with the joined pages of one account's list."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.name = "recordings"
        self._records: dict[int, list[Record]] = {}
        self._accounts = [self._read(path) for path in sorted(self.folder.glob("*.json"))]
        if not self._accounts:
            raise RecordingsError(f"{self.folder}: no recordings (<login>.json) in this folder")

    def _read(self, path: Path) -> Account:
        try:
            records = orjson.loads(path.read_bytes())
            owner = records[0]["owner"]
            oldest = min(record["created_at"] for record in records)
            account = Account(owner["id"], owner["login"], owner["type"], owner["login"], oldest, owner["node_id"])
        except (ValueError, LookupError, TypeError) as error:
            raise RecordingsError(f"{path}: not a recorded list of repositories ({error})") from error
        self._records[account.id] = records
        return account

    def accounts(self, on: date) -> Sequence[Account]:
        return self._accounts

    def former_logins(self, on: date) -> dict[str, int]:
        return {}

    def repositories(self, account: Account, on: date) -> Sequence[Record]:
        return self._records[account.id]

    def write(self, repository: Record, account: Account) -> Record:
        return repository

    def former_name(self, owner: str, name: str, on: date) -> int | None:
        return None

    def listed(self, on: date) -> Sequence[Account]:
        return self._accounts

    def find(self, repository: int, on: date) -> tuple[Account, Record] | None:
        return search(self, repository, on)

    def health(self, repository: int, on: date) -> None:
        """None: this was not recorded."""

    def conversations(self, repository: int, on: date, last: int) -> None:
        """None: these were not recorded."""

    def contributors(self, repository: int, on: date) -> None:
        """None: these were not recorded either."""

    def block(self, repository: int, on: date) -> str | None:
        return None
