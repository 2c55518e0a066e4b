"""Load and save data/: canonically, so that unchanged data is byte-identical; atomically, so that files stay whole.

    organisations.json               a record for each listed organisation
    <collection>/<login>.<suffix>    records of the repositories of an account, sorted by id, for each collection
    README.md                        the data dictionary

Facts and counters have different extensions on purpose: git looks for delta bases among files whose paths end alike,
and equal extensions would make a push many times larger.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import cast

import orjson

from scraper.dataset import atomic, readme
from scraper.dataset.json_reader import RESTORE, read_records
from scraper.dataset.layout import JOURNAL, ORGANISATIONS_FILE, README, check_contents, is_staging
from scraper.errors import DatasetError
from scraper.git_process import find_repository, last_line, run
from scraper.model.accounts import Account, Dataset
from scraper.model.collections import ALL, REPOSITORIES, WHEREABOUTS, Collection
from scraper.model.fields import ORGANISATION, Record
from scraper.model.records import as_organisation, known
from scraper.text import count


def load(folder: Path) -> Dataset:
    """The dataset in `folder`, empty if there is none yet.

    Whatever a crash interrupted is finished first. Raises DatasetError, with file and line, for files that are
    unreadable, incomplete or inconsistent, or do not belong there.
    """
    check_contents(folder)
    try:
        if (folder / JOURNAL).exists():
            _check_untracked(folder / JOURNAL)
            with atomic.lock(folder):
                atomic.recover(folder)
    except (OSError, ValueError) as error:
        raise DatasetError(f"Cannot finish an interrupted write in {folder}: {error}; {RESTORE}") from error
    path = folder / ORGANISATIONS_FILE
    files = {each.name: _files_by_login(folder / each.name, each.suffix) for each in ALL}
    if not path.exists():
        if any(files.values()):
            raise DatasetError(f"{path} is missing, although its repositories are there: {RESTORE}")
        return {}
    dataset: Dataset = {}
    for record in map(as_organisation, read_records(path, ORGANISATION, "login")):
        login = record["login"]
        key = login.casefold()
        if record["observed_at"] is None:
            dataset[key] = Account(login, record)
            continue
        found = {each: files[each.name].get(key) for each in ALL}
        for each, file in found.items():
            if file is None and not each.optional:
                raise DatasetError(
                    f"{folder / each.name / login}{each.suffix} is missing, although {login} was observed: {RESTORE}"
                )
        present = {each: file for each, file in found.items() if file is not None}
        account = Account(
            present[REPOSITORIES].stem,
            record,
            {each.name: read_records(file, each.fields, "id") for each, file in present.items()},
        )
        _check_whole(account, present)
        dataset[key] = account
    return dataset


def _check_untracked(journal: Path) -> None:
    """Refuse a journal that git tracks: journals are about files on this machine, so somebody else wrote it."""
    repository = find_repository(journal.parent)
    if repository is None:
        return
    path = (journal.parent.resolve() / journal.name).relative_to(repository.top).as_posix()
    answer = run(repository, "--literal-pathspecs", "ls-files", "--error-unmatch", "--", path)
    if answer.status == 0:
        raise DatasetError(
            f"{journal} is committed, but such names belong only to leftovers of a killed run: `git rm` it."
        )
    if answer.status != 1:
        raise DatasetError(f"Cannot determine whether {journal} is committed: {last_line(answer.complaint)}.")


def _check_whole(account: Account, files: Mapping[Collection, Path]) -> None:
    """Check the number of records: a file that was cut at the end of a line is still valid."""
    expected, found, facts = account.record["repositories"], len(account.repositories), files[REPOSITORIES]
    if expected != found:
        raise DatasetError(
            f"{facts} holds {count(found, 'repository')}, and {ORGANISATIONS_FILE} says {expected:,}: {RESTORE}"
        )
    ids = account.by_id(REPOSITORIES.name).keys()
    for collection, file in files.items():
        if collection is WHEREABOUTS:
            continue
        others = account.by_id(collection.name).keys() ^ ids
        if collection.optional:
            others -= ids
        if others:
            raise DatasetError(
                f"{file} does not contain the same repositories as {facts}, for example {others.pop()}: {RESTORE}"
            )


def render(dataset: Dataset) -> dict[str, bytes]:
    """The contents of the dataset's files by path below its folder: a pure function, the same bytes everywhere."""
    files = {README: readme.readme().encode()}
    for account in dataset.values():
        if account.record["observed_at"] is not None:
            for each in ALL:
                if (records := account.records.get(each.name)) or not each.optional:
                    lines = _by_line if each.suffix == ".jsonl" else _by_field
                    files[f"{each.name}/{account.listed_login}{each.suffix}"] = lines(_by_id(records or []))
    files[ORGANISATIONS_FILE] = _by_field([dataset[key].record for key in sorted(dataset)])
    return files


def save(folder: Path, dataset: Dataset) -> list[str]:
    """Write `dataset` to `folder`: unchanged files are not touched, and those that no longer belong are removed.

    Returns the paths below `folder` that changed. Raises DatasetError if something cannot be written.
    """
    files = render(dataset)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic.lock(folder):
            for path in _leftovers(folder):
                path.unlink()
            changed = {name: content for name, content in files.items() if not _holds(folder / name, content)}
            stale = list(_stale(folder, files))
            if changed or stale:
                atomic.replace_all(folder, changed, stale)
    except OSError as error:
        raise DatasetError(f"Cannot write {error.filename or folder}: {error.strerror}.") from error
    return [*changed, *stale]


def holds(folder: Path, dataset: Dataset) -> bool:
    """Whether the records in `folder` are byte for byte what save() would write."""
    return all(_holds(folder / name, content) for name, content in render(dataset).items() if name != README)


def check_writable(folder: Path) -> None:
    """Raise DatasetError now, rather than after an hour of scraping, if nothing can be written to `folder`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        path = folder / README
        foreign = path.is_file() and not path.read_bytes().startswith(readme.TITLE.encode())
    except OSError as error:
        raise DatasetError(f"Cannot write to the folder {folder}: {error.strerror}.") from error
    if foreign:
        raise DatasetError(f"{folder} contains a {README} that this program did not write: choose an empty folder.")


def _files_by_login(folder: Path, suffix: str) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for path in sorted(folder.glob(f"[!.]*{suffix}")):
        other = files.setdefault(path.stem.casefold(), path)
        if other != path:
            raise DatasetError(
                f"{other} and {path} are the same organisation, because case does not matter: remove one."
            )
    return files


def _stale(folder: Path, files: Iterable[str]) -> Iterator[str]:
    """Files of organisations that are no longer listed."""
    wanted = {name.casefold(): name for name in files}
    for each in ALL:
        for path in (folder / each.name).glob(f"*{each.suffix}"):
            name = wanted.get(f"{each.name}/{path.name}".casefold())
            # A login in a new spelling: if the disk ignores case too, both names are one file.
            if name is None or not ((folder / name).exists() and path.samefile(folder / name)):
                yield f"{each.name}/{path.name}"


def _leftovers(folder: Path) -> Iterator[Path]:
    """Files that a killed run had prepared but not yet put in place."""
    for place in (folder, *(folder / each.name for each in ALL)):
        for path in place.glob(".*.tmp"):
            name = path.relative_to(folder).as_posix()
            if is_staging(name) and not name.endswith(".db.tmp"):  # another build may be writing that one
                yield path


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _by_id(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: cast(int, record["id"]))


def _by_line(records: Iterable[Mapping[str, object]]) -> bytes:
    return b"".join(orjson.dumps(known(record)) + b"\n" for record in records)


def _by_field(records: Iterable[Mapping[str, object]]) -> bytes:
    """A JSON list with one field a line, however long, so that each line of a diff is one fact."""
    objects = [
        b",\n".join(b'    "%b": %b' % (name.encode(), orjson.dumps(value)) for name, value in known(record).items())
        for record in records
    ]
    return b"[\n  {\n" + b"\n  },\n  {\n".join(objects) + b"\n  }\n]\n" if objects else b"[]\n"
