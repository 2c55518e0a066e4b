"""A query in a file: a header of comments that describes it, and the SQL.

-- title: How many repositories were created each year?
-- description: Counts those that exist today; an indented line
--   continues the one before it.
-- parameters: organisation

select ...
"""

import re
from dataclasses import dataclass
from pathlib import Path

from scraper.errors import ConfigurationError

COMMENT = "--"
ENTRY = re.compile(r"-- (?P<key>[a-z]+): (?P<value>\S.*)")
MORE = re.compile(r"--   (?P<value>\S.*)")
KEYS = ("title", "description", "parameters")
PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
NO_PARAMETERS = re.compile(r"'(?:[^']|'')*'|\[\[.*?\]\]", re.DOTALL)
"""Text, and a clause that a dashboard adds if one of its filters is set."""


@dataclass(frozen=True)
class Query:
    """A query, its title and description, and the parameters that its form asks for, in this order."""

    title: str
    description: str
    parameters: tuple[str, ...]
    sql: str


def read_query(path: Path) -> Query:
    """Read the query in a file. Raises ConfigurationError with the line of any mistake."""
    lines = path.read_text(encoding="utf-8").splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith(COMMENT)), len(lines))
    header = _header(path, lines[:end])
    sql = "\n".join(lines[end:]).strip()
    if not sql.lower().startswith(("select", "with")):
        raise ConfigurationError(f"{path}, line {end + 1}: a SELECT was expected below the header.")
    if sql.endswith(";"):
        raise ConfigurationError(f"{path}: the SQL ends with a semicolon: remove it.")
    named = tuple(each.strip() for each in header.get("parameters", "").split(",") if each.strip())
    used = set(PARAMETER.findall(NO_PARAMETERS.sub("", sql)))
    if set(named) != used:
        raise ConfigurationError(
            f"{path}: the SQL uses {', '.join(sorted(used)) or 'no parameter'}, but the header names"
            f" {', '.join(named) or 'none'}: list each of them in `-- parameters: ...`."
        )
    return Query(header["title"], header.get("description", ""), named, sql)


def _header(path: Path, lines: list[str]) -> dict[str, str]:
    header: dict[str, str] = {}
    key = None
    for number, line in enumerate(lines, start=1):
        if key and (more := MORE.fullmatch(line)):
            header[key] += f" {more['value']}"
            continue
        entry = ENTRY.fullmatch(line)
        if not entry or entry["key"] not in KEYS or entry["key"] in header:
            raise ConfigurationError(
                f"{path}, line {number}: `-- key: text` was expected, once for each of {', '.join(KEYS)};"
                " a longer text continues in lines that begin with `--   `."
            )
        key = entry["key"]
        header[key] = entry["value"]
    if "title" not in header:
        raise ConfigurationError(f"{path}, line 1: a query must begin with its title, as `-- title: ...`.")
    return header
