"""Merge what second looks at repositories found, in any account: in each family, the later answer counts."""

from collections.abc import Mapping
from dataclasses import replace

from scraper.model.accounts import Account, Dataset
from scraper.model.fields import Field, Record
from scraper.model.health import ACTIVITY, FAMILY_NAMES, HEALTH, observed_at
from scraper.model.kinds import UNKNOWN

TABLES = {"health": HEALTH, "activity": ACTIVITY}
"""The collections that second looks fill."""

Known = dict[str, Record]
"""The records of one repository, by table; not every table has one."""


def known_of(dataset: Dataset) -> dict[int, Known]:
    """What is known about each repository, by id; several accounts can list the same one."""
    found: dict[int, Known] = {}
    for account in dataset.values():
        records = {name: account.by_id(name) for name in TABLES}
        for id_ in {id_ for part in records.values() for id_ in part}:
            known = {name: part[id_] for name, part in records.items() if id_ in part}
            found[id_] = later(found[id_], known) if id_ in found else known
    return found


def date_of(known: Known, family: str) -> str:
    """When a family was last asked for; empty if never."""
    return str(known.get("activity", {}).get(observed_at(family)) or "")


def later(one: Known, other: Known) -> Known:
    """The later answer in each family; if the dates are equal, the first."""
    chosen = {family: one if date_of(one, family) >= date_of(other, family) else other for family in FAMILY_NAMES}
    return {
        name: {field.name: chosen.get(field.source, one).get(name, {}).get(field.name, UNKNOWN) for field in fields}
        for name, fields in TABLES.items()
        if name in one or name in other
    }


def with_known(account: Account, known: Mapping[int, Known]) -> Account:
    """The account with what is known about its repositories, under today's names; forks are never checked."""
    own = [each for each in account.repositories if each["fork"] is False and known.get(each["id"])]
    filled = {
        name: [
            complete(fields, known[each["id"]][name] | {"id": each["id"], "name": each["name"]})
            for each in sorted(own, key=lambda each: each["id"])
            if name in known[each["id"]]
        ]
        for name, fields in TABLES.items()
    }
    rest = {name: records for name, records in account.records.items() if name not in TABLES}
    return replace(account, records=rest | {name: records for name, records in filled.items() if records})


def complete(fields: tuple[Field, ...], values: Mapping[str, object]) -> Record:
    """The values in the order of the fields; those that are missing are unknown."""
    return {field.name: values.get(field.name, UNKNOWN) for field in fields}
