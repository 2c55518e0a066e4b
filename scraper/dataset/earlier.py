"""earlier/, a folder beside data/: what others counted before us, read strictly and never mixed with our own counts.

    observed_on,organisation,open_repositories,source,source_commit
    2021-06-28,nhsx,35,nhs-pycom,c11f5d0de49c4508038bdb868db587845e28e18f

A row is what one version of a source said about one organisation. Versions of one day are in order, and the last one
counts. A count may fall: that is what people look for in such a series.
"""

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from scraper.config import LOGIN
from scraper.dataset import atomic
from scraper.dataset.layout import check_no_link
from scraper.errors import DatasetError
from scraper.model.kinds import A_DAY, is_day
from scraper.model.personal_data import mask
from scraper.text import UNPRINTABLE, safe

FOLDER, SUFFIX = "earlier", ".csv"
LARGEST_FILE = 64 * 1024 * 1024
LONGEST_SOURCE = 100

COUNT = re.compile(r"[0-9]{1,9}")
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
PASTED = re.compile(r"(?:https?://)?(?:www\.)?(?P<rest>[^?#]+?)/?", re.IGNORECASE)
ON_GITHUB = re.compile(r"github\.com/(?:orgs/|users/)?", re.IGNORECASE)
ELSEWHERE = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}(/[A-Za-z0-9_.-]{1,100}){1,4}")


class EarlierCount(NamedTuple):
    """What a version of a source said about an organisation; `source_commit` is None if it was not in a commit."""

    observed_on: str
    organisation: str
    open_repositories: int
    source: str
    source_commit: str | None


class Placed(NamedTuple):
    """A count and where it was read, for messages about it."""

    said: EarlierCount
    place: str


def load(folder: Path) -> list[Placed]:
    """Every count in the files of the folder, by day; none if there is no such folder.

    Raises DatasetError, with the file, the line and the fix, if something is not as shown at the top of this module.
    """
    if not os.path.lexists(folder):
        return []
    check_no_link(folder)
    if not folder.is_dir():
        raise DatasetError(f"{folder} is a file: make it a folder of {SUFFIX} files, or name it otherwise.")
    found: list[Placed] = []
    seen: dict[tuple[str, str, str, str], str] = {}
    for path in sorted(folder.glob(f"[!.]*{SUFFIX}")):
        for count, place in _read(path):
            key = (count.observed_on, count.organisation.casefold(), count.source, count.source_commit or "")
            if (other := seen.setdefault(key, place)) != place:
                raise DatasetError(
                    f"{place}: a second count of {count.organisation} for {count.observed_on}; the first is at"
                    f" {other}. Remove one, or give each its source_commit."
                )
            found.append(Placed(count, place))
    return sorted(found, key=lambda placed: placed.said.observed_on)


def unlisted(found: Iterable[Placed], logins: Iterable[str]) -> str | None:
    """A sentence about organisations on GitHub that are counted but not listed, because they may be misspelt."""
    known = {login.casefold() for login in logins}
    first: dict[str, Placed] = {}
    for placed in found:
        name = placed.said.organisation
        if "/" not in name and name.casefold() not in known:
            first.setdefault(name.casefold(), placed)
    if not first:
        return None
    placed = next(iter(first.values()))
    others = f" ({len(first):,} names in these files are not)" if len(first) > 1 else ""
    return (
        f"{placed.place}: {placed.said.organisation} is not in the list of organisations{others}. Such counts are"
        " kept under their names; correct the name if it is misspelt."
    )


def rendered(counts: Iterable[EarlierCount]) -> bytes:
    """A file of these counts."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(EarlierCount._fields)
    writer.writerows(count._replace(source_commit=count.source_commit or "") for count in counts)
    return text.getvalue().encode()


def save(path: Path, counts: Iterable[EarlierCount]) -> None:
    """Write a file of these counts. Raises DatasetError if something else is there, or if it cannot be written."""
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise DatasetError(f"{path} is not a file: choose another name.")
        if path.exists() and not path.read_bytes().startswith(rendered(())):
            raise DatasetError(f"{path} is not a file of earlier counts, and would be replaced: choose another name.")
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.replace(path, rendered(counts))
    except OSError as error:
        raise DatasetError(f"Cannot write {path}: {error.strerror}.") from error


def parse_organisation(text: str) -> str:
    """The login in what somebody published, `nhsx` or `https://github.com/nhsx`; on another forge, `HOST/NAME`.

    Raises ValueError if it is neither.
    """
    pasted = PASTED.fullmatch(text.strip().removeprefix("@"))
    name = ON_GITHUB.sub("", pasted["rest"], count=1) if pasted and ON_GITHUB.match(pasted["rest"]) else None
    name = name or (pasted["rest"] if pasted else "")
    if LOGIN.fullmatch(name) or ELSEWHERE.fullmatch(name):
        return name
    raise ValueError(f"{_shown(text)} is not an organisation: write its login, or HOST/NAME if it is not on GitHub")


def parse_day(text: str) -> str:
    """A day such as 2021-06-28. Raises ValueError."""
    if is_day(text):
        return text
    raise ValueError(f"{_shown(text)} is not {A_DAY}: write it as 2021-06-28")


def parse_source(text: str) -> str:
    """The name of the publisher of a count, with contact details masked. Raises ValueError."""
    if not text.strip() or len(text) > LONGEST_SOURCE or UNPRINTABLE.search(text):
        raise ValueError(f"{_shown(text)} is not a source: say in 1 to {LONGEST_SOURCE} characters who published it")
    return mask(text.strip())


def _read(path: Path) -> Iterator[Placed]:
    for line, cells in _rows(path):
        place = f"{path}, line {line}"
        try:
            yield Placed(_count(cells), place)
        except ValueError as error:
            raise DatasetError(f"{place}: {error}.") from None


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header, in the order of their days."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    last = ""
    try:
        header = next(reader, [])
        if tuple(header) != EarlierCount._fields:
            raise DatasetError(f"{path}, line 1: the columns must be {','.join(EarlierCount._fields)}.")
        for cells in reader:
            if len(cells) != len(header):
                raise DatasetError(f"{path}, line {reader.line_num}: {len(cells)} cells instead of 5.")
            if cells[0] < last:
                raise DatasetError(
                    f"{path}, line {reader.line_num}: {_shown(cells[0])} is before the day of the line above: sort"
                    " the file by observed_on."
                )
            last = cells[0]
            yield reader.line_num, cells
    except csv.Error as error:
        raise DatasetError(f"{path}, line {reader.line_num}: not valid CSV: {error}.") from None


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file():
            raise DatasetError(f"{path} is not a regular file: put the file itself there, or remove it.")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise DatasetError(f"{path} is larger than 64 MiB: split it into several files.")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DatasetError(f"{path} is not UTF-8 text: save it as UTF-8.") from None
    except OSError as error:
        raise DatasetError(f"Cannot read {path}: {error.strerror}.") from error


def _count(cells: list[str]) -> EarlierCount:
    observed_on, organisation, open_repositories, source, commit = cells
    if not COUNT.fullmatch(open_repositories):
        raise ValueError(f"{_shown(open_repositories)} is not a number of repositories: write it in digits, as 35")
    if commit and not COMMIT.fullmatch(commit):
        raise ValueError(
            f"{_shown(commit)} is not a commit: write its 40 hexadecimal digits, or leave the cell empty"
        )
    return EarlierCount(
        parse_day(observed_on),
        parse_organisation(organisation),
        int(open_repositories),
        parse_source(source),
        commit or None,
    )


def _shown(text: str) -> str:
    return repr(safe(text))
