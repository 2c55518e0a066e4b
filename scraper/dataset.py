"""data/ on disk: canonical, so that unchanged data is byte-identical; atomic, so that a crash leaves whole files.

    organisations.json               a record for each listed organisation
    repositories/<login>.json        facts, sorted by id, one field a line
    metrics/<login>.jsonl            counters of the same repositories, one repository a line
    README.md                        the data dictionary

The two folders use different extensions on purpose: git looks for delta bases among files whose paths end alike,
and with equal extensions a push is many times larger.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import orjson

from scraper import atomic, dictionary
from scraper.errors import DatasetError, RecordError
from scraper.records import METRICS, ORGANISATION, REPOSITORY, Field, Record, pending, read

README = "README.md"
ORGANISATIONS_FILE = "organisations.json"
PARTS = (("repositories", ".json"), ("metrics", ".jsonl"))
RESTORE = "restore it with `git checkout`, or remove the folder to begin anew."


@dataclass(frozen=True)
class Account:
    """A listed organisation or user, and what is held of it; `listed` is its login as organisations.yml spells it."""

    listed: str
    record: Record
    repositories: list[Record] = field(default_factory=list)
    metrics: list[Record] = field(default_factory=list)


Dataset = dict[str, Account]
"""By login, casefolded: to GitHub, capitals in a login mean nothing."""


def load(folder: Path) -> Dataset:
    """The dataset in `folder`, empty if there is none yet.

    Files of organisations that the list does not name, or that were never observed, are what a crash left: they are
    passed over. Raises DatasetError with file and line for all else that save() would not have written.
    """
    path = folder / ORGANISATIONS_FILE
    facts, metrics = (_files_by_login(folder / part, suffix) for part, suffix in PARTS)
    if not path.exists():
        if facts or metrics:
            raise DatasetError(f"{path} is missing, but not the repositories it names: {RESTORE}")
        return {}
    dataset: Dataset = {}
    for record in _read(path, ORGANISATION, "login"):
        login = str(record["login"])
        key = login.casefold()
        if record["observed_at"] is None:
            dataset[key] = Account(login, record)
            continue
        for files, (part, suffix) in zip((facts, metrics), PARTS, strict=True):
            if key not in files:
                raise DatasetError(
                    f"{folder / part / login}{suffix} is missing, though {login} was observed: {RESTORE}"
                )
        dataset[key] = Account(
            facts[key].stem, record, _read(facts[key], REPOSITORY, "id"), _read(metrics[key], METRICS, "id")
        )
    return dataset


def holders(dataset: Dataset) -> dict[int, tuple[Account, Record]]:
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


def render(dataset: Dataset) -> dict[str, bytes]:
    """The files of `dataset`, from path below its folder to content: a pure function, the same bytes everywhere."""
    files = {README: dictionary.readme().encode()}
    for account in dataset.values():
        if account.record["observed_at"] is not None:
            files[f"repositories/{account.listed}.json"] = _rendered(_by_id(account.repositories))
            files[f"metrics/{account.listed}.jsonl"] = b"".join(
                orjson.dumps(record) + b"\n" for record in _by_id(account.metrics)
            )
    # Last, because save() keeps the order: files that no list names yet are harmless, a list without files is not.
    files[ORGANISATIONS_FILE] = _rendered([dataset[key].record for key in sorted(dataset)])
    return files


def save(folder: Path, dataset: Dataset) -> list[str]:
    """Make `folder` hold `dataset`; what is the same already is not touched, what no longer belongs is removed.

    Returns the paths below `folder` that changed. Raises DatasetError if something cannot be written.
    """
    files = render(dataset)
    try:
        if not (folder / ORGANISATIONS_FILE).exists():
            listed = [pending(account.listed, str(account.record["name"])) for account in dataset.values()]
            atomic.replace(folder / ORGANISATIONS_FILE, _rendered(listed))
        changed = {name: content for name, content in files.items() if not _holds(folder / name, content)}
        atomic.replace_all({folder / name: content for name, content in changed.items()})
        stale = list(_stale(folder, files))
        for path in stale:
            path.unlink()
    except OSError as error:
        raise DatasetError(f"Cannot write {error.filename or folder}: {error.strerror}.") from error
    return [*changed, *(path.relative_to(folder).as_posix() for path in stale)]


def owns(path: str) -> bool:
    """Whether save() writes and removes files of this name, a path below the folder of the dataset."""
    folder, _, name = path.rpartition("/")
    if not folder:
        return name in (README, ORGANISATIONS_FILE)
    return not name.startswith(".") and any(folder == part and name.endswith(suffix) for part, suffix in PARTS)


def check_writable(folder: Path) -> None:
    """Raise DatasetError now, rather than after an hour of scraping, if nothing can be written to `folder`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise DatasetError(f"Cannot write to the folder {folder}: {error.strerror}.") from error


def _files_by_login(folder: Path, suffix: str) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in sorted(folder.glob(f"[!.]*{suffix}")):
        other = files.setdefault(path.stem.casefold(), path)
        if other != path:
            raise DatasetError(
                f"{other} and {path} are the same organisation, for capitals do not matter: remove one."
            )
    return files


def _stale(folder: Path, files: Iterable[str]) -> Iterator[Path]:
    """Files of organisations that are no longer listed, and temporary ones that a killed run left."""
    wanted = {name.casefold(): name for name in files}
    for part, suffix in PARTS:
        for path in (folder / part).glob(f"*{suffix}"):
            name = wanted.get(f"{part}/{path.name}".casefold())
            # A login spelled anew: where capitals do not matter to the disk either, both names are one file.
            if name is None or not (path == folder / name or path.samefile(folder / name)):
                yield path
    yield from folder.glob("**/.*.tmp")


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _by_id(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: cast(int, record["id"]))


def _rendered(records: list[Record]) -> bytes:
    """A JSON list with one field a line, whatever the field holds, so that each line of a diff is one fact."""
    objects = [
        b",\n".join(b'    "%b": %b' % (name.encode(), orjson.dumps(value)) for name, value in record.items())
        for record in records
    ]
    return b"[\n  {\n" + b"\n  },\n  {\n".join(objects) + b"\n  }\n]\n" if objects else b"[]\n"


def _read(path: Path, fields: tuple[Field, ...], key: str) -> list[Record]:
    """The records of a file, checked against the field table, no two with the same `key`."""
    content = _bytes(path)
    by_line = path.suffix == ".jsonl"
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
            identity = str(record[key]).casefold() if key == "login" else record[key]
            if identity in records:
                raise RecordError(f"{key} {record[key]} stands there twice")
        except RecordError as error:
            line = len(records) + 1 if by_line else _line_of_object(content, len(records))
            raise DatasetError(f"{path}, line {line}: {error}; {RESTORE}") from None
        records[identity] = record
    return list(records.values())


def _line_of_object(content: bytes, index: int) -> int:
    """Where the object with this index begins in a list that save() wrote; 1 if somebody else did."""
    begins = [line for line, text in enumerate(content.splitlines(), 1) if text == b"  {"]
    return begins[index] if index < len(begins) else 1


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
