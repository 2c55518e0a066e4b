"""Read records that strangers may have written, check them against the table of fields, and compare them."""

from collections.abc import Mapping, Sequence, Set
from functools import cache
from itertools import chain
from typing import Any, cast

import msgspec
from msgspec import defstruct

from scraper.errors import RecordError
from scraper.model.fields import ORGANISATION, Field, Organisation, Record
from scraper.model.kinds import LONGEST_TEXT, UNKNOWN, VALIDATORS, shown
from scraper.model.personal_data import mask

PENDING = "Not observed yet: the next scrape asks GitHub for it."

DECODED = ("integer", "text", "license", "boolean")
"""Kinds for which a decoder checks everything that VALIDATORS do."""


def read(fields: tuple[Field, ...], raw: object) -> Record:
    """The record in `raw`: exactly these fields, in this order, each of its kind.

    Keys that are not in the table are dropped, because GitHub sends some seventy more.
    Raises RecordError, which names the field, if a required one is missing or any has the wrong type.
    """
    if type(raw) is not dict:
        raise RecordError(f"a record is {shown(raw)}, not an object")
    record: Record = {}
    field = fields[0]
    try:
        for field in fields:
            value = raw.get(field.name, UNKNOWN)
            if value is None and not field.nullable:
                value = UNKNOWN
            if value is UNKNOWN:
                if field.required:
                    raise RecordError("is missing")
            elif value is not None:
                value = VALIDATORS[field.kind](value)
                if field.free_text:
                    value = mask(cast(str, value))[:LONGEST_TEXT]
            record[field.name] = value
    except RecordError as error:
        raise RecordError(f"{field.name} {error}") from None
    return record


IDENTITY = ("id", "name", "full_name")
"""The fields that say which repository a record is about."""


def decode(fields: tuple[Field, ...], content: bytes) -> list[Record] | None:
    """The records in a JSON list that this program wrote; None if anything in it is unusual.

    In that case read() accepts it or says what is wrong. This is several times as fast.
    """
    return _decode(fields, [content], list_of=True)


def decode_lines(fields: tuple[Field, ...], lines: Sequence[bytes]) -> list[Record] | None:
    """The same, with one record a line. Lines are read separately, because damaged ones could form a valid list."""
    return _decode(fields, lines, list_of=False)


def _decode(fields: tuple[Field, ...], contents: Sequence[bytes], *, list_of: bool) -> list[Record] | None:
    if any(b"\\u" in each for each in contents):  # the only way that JSON can contain text which must not be stored
        return None
    try:
        decoded = map(_decoder(fields, list_of).decode, contents)
        records = [msgspec.structs.asdict(each) for each in (chain.from_iterable(decoded) if list_of else decoded)]
        for field in fields:
            if field.free_text or field.kind not in DECODED:
                _check(field, records)
    except (msgspec.MsgspecError, RecordError):
        return None
    return records


@cache
def _decoder(fields: tuple[Field, ...], list_of: bool) -> msgspec.json.Decoder[Any]:
    stored: list[tuple[str, Any, Any]] = [
        (field.name, field.type, msgspec.NODEFAULT if field.required else UNKNOWN) for field in fields
    ]
    record = defstruct("Stored", stored, kw_only=True, forbid_unknown_fields=True, gc=False)
    return msgspec.json.Decoder(list[record] if list_of else record)  # type: ignore[valid-type]


def _check(field: Field, records: list[Record]) -> None:
    name, check = field.name, VALIDATORS[field.kind]
    for record in records:
        value = record[name]
        if value is not None and value is not UNKNOWN:
            value = check(value)
            record[name] = mask(cast(str, value))[:LONGEST_TEXT] if field.free_text else value


def receive(
    fields: tuple[Field, ...], raw: dict[str, object], last: Record | None
) -> tuple[Record | None, list[str]]:
    """The record in an answer from GitHub, and the names of the fields whose values are of the wrong kind.

    Those fields are UNKNOWN. A required one keeps the value of the `last` record; without that, there is no record.
    Raises RecordError if a field that identifies the record is wrong.
    """
    odd, usable = [], dict(raw)
    for field in fields:
        if field.name in IDENTITY:
            continue
        try:
            read((field,), raw)
        except RecordError:
            odd.append(field.name)
            if field.required and last:
                usable[field.name] = last[field.name]
            else:
                usable.pop(field.name, None)
    read(tuple(field for field in fields if field.name in IDENTITY), raw)
    complete = all(field.name in usable for field in fields if field.required)
    return (read(fields, usable) if complete else None), odd


def keeping(record: Record, last: Mapping[str, object]) -> tuple[Record, list[str]]:
    """The record, with the last known values of fields that are unknown in it, and the names of those fields.

    Otherwise, a change that happens around one empty answer would never be an event.
    """
    kept = {
        name: before
        for name, value in record.items()
        if value is UNKNOWN and (before := last.get(name, UNKNOWN)) is not UNKNOWN
    }
    return record | kept, list(kept)


def as_organisation(record: Record) -> Organisation:
    """The record of an organisation, with null for what was not said."""
    return cast(Organisation, {name: None if value is UNKNOWN else value for name, value in record.items()})


def read_organisation(raw: object) -> Organisation:
    """The record of an organisation in `raw`."""
    return as_organisation(read(ORGANISATION, raw))


def pending(login: str, name: str) -> Organisation:
    """The record of an organisation that is listed but has never been observed."""
    return read_organisation({"login": login, "name": name, "status": "pending", "reason": PENDING})


def known(record: Mapping[str, object]) -> Mapping[str, object]:
    """The known fields of a record, which are those that are stored."""
    if UNKNOWN not in record.values():
        return record
    return {name: value for name, value in record.items() if value is not UNKNOWN}


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    """The fields whose values changed. One that became known, or is no longer known, did not change."""
    return [
        name
        for name, value in new.items()
        if value != (before := old[name]) and value is not UNKNOWN and before is not UNKNOWN
    ]


def without_owner(record: Record, accounts: Set[int]) -> Record:
    """What became of a repository, without its owner's name if the owner has one of these ids and was forgotten."""
    return record | {"moved_to": None} if record["owner_id"] in accounts else record
