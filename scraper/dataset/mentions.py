"""Where the files that people write beside a dataset still name somebody who was forgotten.

The program changes none of these files, and a build cannot leave out what they say: it knows only ids.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from scraper.config import LIST_FILE
from scraper.dataset import earlier, exceptions
from scraper.dataset.layout import beside
from scraper.errors import DatasetError


def mentions(data: Path, names: Collection[str]) -> str | None:
    """A sentence that lists the lines with any of these logins or full names; None if there are none."""
    if not names:
        return None
    pattern = _pattern(names)
    found = [f"{file} ({lines})" for file, path in _files(data) if (lines := _lines(path, pattern))]
    if not found:
        return None
    *others, last = found
    where = f"{', '.join(others)} and {last} still name it" if others else f"{last} still names it"
    return f"{where}: remove it there too, because what is written there is published."


def _files(data: Path) -> Iterator[tuple[str, Path]]:
    """The files, each with its name for messages."""
    counts = sorted(beside(data, earlier.FOLDER).glob(f"*{earlier.SUFFIX}"))
    found = [(name, beside(data, name)) for name in (LIST_FILE, exceptions.FILE)]
    found += [(f"{earlier.FOLDER}/{path.name}", path) for path in counts]
    return ((name, path) for name, path in found if path.is_file())


def _lines(path: Path, pattern: re.Pattern[bytes]) -> str:
    """The first line with a match and the number of others, such as `line 3 and 2 more`; empty if there is none."""
    try:
        with path.open("rb") as file:
            first, *more = [number for number, line in enumerate(file, 1) if pattern.search(line)] or [0]
    except OSError as error:
        raise DatasetError(f"Cannot read {path}: {error.strerror}.") from error
    if not first:
        return ""
    return f"line {first}" + (f" and {len(more):,} more" if more else "")


def _pattern(names: Collection[str]) -> re.Pattern[bytes]:
    """Matches any of the names, but not as a part of a longer one."""
    any_of = "|".join(map(re.escape, sorted(names)))
    return re.compile(rf"(?<![\w-])(?:{any_of})(?![\w-])".encode(), re.IGNORECASE)
