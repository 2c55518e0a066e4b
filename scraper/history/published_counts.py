"""Counts that somebody published as a CSV in git: exactly what each version of it said.

The CSV has a row for each organisation, or cumulative counts by date; of these, an organisation's last row counts.
Cells may contain HTML: a link to an organisation names it better than its text.
"""

import csv
import io
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from scraper.dataset.earlier import EarlierCount, parse_day, parse_organisation
from scraper.errors import ConfigurationError, DatasetError
from scraper.git_process import Repository, find_repository, last_line, run
from scraper.history.git_objects import objects
from scraper.text import safe

LARGEST_VERSION = 64 * 1024 * 1024
COUNT = re.compile(r"([0-9]{1,9})(?:\.0+)?")
"""Numbers are often written like this: 35.0 means 35."""


class Columns(NamedTuple):
    """The names of the columns; with a `date`, the counts are cumulative."""

    organisation: str
    number: str
    date: str | None = None


class Counted(NamedTuple):
    """A count in a version: its day, empty if the counts are not cumulative, and its line."""

    day: str
    number: int
    line: int


class Version(NamedTuple):
    """A commit that changed the file, the day (UTC) on which it was made, and the file's id there."""

    commit: str
    day: str
    blob: str


def read_counts(
    path: Path, columns: Columns, source: str, skipped: Callable[[str], object]
) -> tuple[list[EarlierCount], int]:
    """What each version of the file at `path`, in a git work tree, said, by day; and the number of versions.

    If a version cannot be understood, `skipped` is called with a sentence. Raises ConfigurationError if the file has
    no versions here, DatasetError if none of them can be understood.
    """
    repository, name = _located(path)
    found: list[EarlierCount] = []
    understood = 0
    why = ""
    listed = list(_versions(repository, name))
    if not listed:
        raise ConfigurationError(
            f"{path} is not in any commit of {repository.top}: give the path that it has in git."
        )
    for version, content in _contents(repository, listed):
        try:
            counts = _said(content, columns)
        except ValueError as error:
            why = f"{path} as of {version.commit[:10]}: {error}."
            skipped(why)
            continue
        understood += 1
        found += (EarlierCount(version.day, login, n, source, version.commit) for login, n in counts.items())
    if not understood:
        raise DatasetError(f"No version of {path} could be read. {why}")
    return sorted(found, key=lambda count: count.observed_on), understood


def _located(path: Path) -> tuple[Repository, str]:
    """The work tree with the file, which need no longer exist, and the file's path from the top."""
    repository = find_repository(path.parent)
    if repository is None:
        raise ConfigurationError(
            f"{path} is not in a git work tree: clone the repository, and give the file's path in the clone."
        )
    if run(repository, "rev-parse", "--is-shallow-repository").text == "true":
        raise ConfigurationError(
            f"{repository.top} is a shallow clone and lacks older versions: run `git fetch --unshallow` in it."
        )
    return repository, (path.parent.resolve() / path.name).relative_to(repository.top).as_posix()


def _versions(repository: Repository, name: str) -> Iterator[Version]:
    """The versions, oldest first."""
    listing = ("--literal-pathspecs", "rev-list", "--timestamp", "--topo-order", "--reverse", "HEAD", "--", name)
    answer = run(repository, *listing)
    if answer.status:
        raise ConfigurationError(f"Git cannot list the commits of {repository.top}: {last_line(answer.complaint)}.")
    dated = [line.split() for line in answer.text.splitlines()]
    asked = os.fsencode("".join(f"{commit}:{name}\n" for _, commit in dated))
    answer = run(repository, "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked, network=True)
    for (seconds, commit), line in zip(dated, answer.text.splitlines(), strict=True):
        blob, kind = line.rsplit(" ", 1)
        if kind == "blob":  # otherwise it was removed
            yield Version(commit, datetime.fromtimestamp(int(seconds), UTC).date().isoformat(), blob)


def _contents(repository: Repository, versions: list[Version]) -> Iterator[tuple[Version, bytes]]:
    with objects(repository) as reader:
        for version, content in zip(versions, reader.read([each.blob for each in versions]), strict=True):
            yield version, content or b""


def _said(content: bytes, columns: Columns) -> dict[str, int]:
    """The count of each organisation in one version. Raises ValueError with the line that cannot be understood."""
    if len(content) > LARGEST_VERSION:
        raise ValueError("it is larger than 64 MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    said: dict[str, Counted] = {}
    spelt: dict[str, str] = {}
    try:
        header = next(reader, None)
        if header is None:
            raise ValueError("it is empty")
        places = [_place(header, name) for name in columns if name is not None]
        for cells in reader:
            if not cells:
                continue
            line = reader.line_num
            try:
                name, number, *day = (cells[place] for place in places)
                organisation = spelt.setdefault((login := _organisation(name)).casefold(), login)
                counted = Counted(_day(day[0]) if day else "", _number(number), line)
            except IndexError:
                raise ValueError(f"line {line} has fewer cells than the header") from None
            except ValueError as error:
                raise ValueError(f"line {line}: {error}") from None
            before = said.get(organisation)
            said[organisation] = _later(organisation, before, counted) if before else counted
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num} is not valid CSV ({error})") from None
    if not said:
        raise ValueError("it has no rows")
    return {organisation: counted.number for organisation, counted in said.items()}


def _later(organisation: str, one: Counted, other: Counted) -> Counted:
    """The later of two counts in one version, which must then be cumulative."""
    first, last = sorted((one, other))
    lines = " and ".join(map(str, sorted((first.line, last.line))))
    if not last.day:
        raise ValueError(f"lines {lines} both count {organisation}: name the date column if counts are cumulative")
    if first.day == last.day and first.number != last.number:
        raise ValueError(f"lines {lines} have two counts of {organisation} for {last.day}")
    if last.number < first.number:
        raise ValueError(
            f"the counts of {organisation} fall from {first.number} to {last.number} (lines {lines}), which"
            " cumulative counts cannot do: name another column"
        )
    return last


def _place(header: list[str], name: str) -> int:
    if header.count(name) != 1:
        columns = ", ".join(safe(each) for each in header[:20])
        how_many = "more than one" if name in header else "no"
        raise ValueError(f"{how_many} column is called {name!r}; the columns are {columns}")
    return header.index(name)


class _Cell(HTMLParser):
    """The text of a cell, and the address of the first link."""

    def __init__(self, cell: str) -> None:
        super().__init__()
        self.text, self.address = "", ""
        self.feed(cell)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and not self.address:
            self.address = dict(attrs).get("href") or ""


@lru_cache(maxsize=65_536)
def _organisation(cell: str) -> str:
    if "<" not in cell and "&" not in cell:
        return parse_organisation(cell)
    parsed = _Cell(cell[:2000])
    return parse_organisation(parsed.address or parsed.text)


def _day(cell: str) -> str:
    """A day, with or without a time after it."""
    text = cell.strip()
    return parse_day(text[:10] if text[10:11] in ("T", " ") else text)


def _number(cell: str) -> int:
    number = COUNT.fullmatch(cell.strip())
    if not number:
        raise ValueError(f"{safe(cell)!r} is not a number of repositories")
    return int(number[1])
