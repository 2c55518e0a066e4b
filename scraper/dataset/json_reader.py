"""Read and check files of records; an error names the line, and says how to restore the file."""

import json
from pathlib import Path

import orjson

from scraper.errors import DatasetError, RecordError
from scraper.model.fields import Field, Record
from scraper.model.records import decode, decode_lines, read

RESTORE = "restore it with `git checkout`, or remove the folder to start again."


def read_records(path: Path, fields: tuple[Field, ...], key: str) -> list[Record]:
    """The records in a file, checked against the field table; no two may have the same `key`."""
    content = _bytes(path)
    by_line = path.suffix == ".jsonl"
    decoded = decode_lines(fields, content.splitlines()) if by_line else decode(fields, content)
    if decoded is not None and len({_identity(record, key) for record in decoded}) == len(decoded):
        return decoded
    raws = (
        [_parsed(path, *line) for line in enumerate(content.splitlines(), 1)]
        if by_line
        else _parsed(path, 1, content)
    )
    if not isinstance(raws, list):
        raise DatasetError(f"{path}, line 1: a JSON list was expected; {RESTORE}")
    known = {field.name for field in fields}
    records: dict[object, Record] = {}
    for raw in raws:
        try:
            if isinstance(raw, dict) and not known.issuperset(raw):
                raise RecordError(f"{min(raw.keys() - known)!r} is not a field of this file")
            record = read(fields, raw)
            identity = _identity(record, key)
            if identity in records:
                raise RecordError(f"{key} {record[key]} appears twice")
        except RecordError as error:
            line = len(records) + 1 if by_line else _line_of(content, len(records), str(error).partition(" ")[0])
            raise DatasetError(f"{path}, line {line}: {error}; {RESTORE}") from None
        records[identity] = record
    return list(records.values())


def _identity(record: Record, key: str) -> object:
    return str(record[key]).casefold() if key == "login" else record[key]


def _line_of(content: bytes, index: int, field: str) -> int:
    """The line of a field in the object at this index, or of the object's start; 1 if the layout is not ours."""
    lines = content.splitlines()
    begins = [line for line, text in enumerate(lines, 1) if text.strip() == b"{"]
    if index >= len(begins):
        return 1
    end = begins[index + 1] if index + 1 < len(begins) else len(lines) + 1
    name = b'"%b":' % field.strip("'").encode()
    return next(
        (line for line in range(begins[index], end) if lines[line - 1].strip().startswith(name)), begins[index]
    )


def _parsed(path: Path, line: int, content: bytes) -> object:
    try:
        return orjson.loads(content)
    except json.JSONDecodeError as error:
        raise DatasetError(f"{path}, line {line + error.lineno - 1}: not valid JSON; {RESTORE}") from None


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        content.decode()
    except OSError as error:
        raise DatasetError(f"Cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DatasetError(f"{path}, line {line}: not valid UTF-8; {RESTORE}") from None
    return content
