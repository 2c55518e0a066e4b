"""What every field and column means, in data/README.md and in Datasette's metadata.json.

Both are written from the declarations in the code, so that they cannot tell another story.
"""

import copy
import json
from pathlib import Path
from typing import Any

from scraper import atomic
from scraper.records import METRICS, ORGANISATION, REPOSITORY, Field
from scraper.schema import TABLES
from scraper.views import VIEWS

TITLE = "# Data dictionary"
INTRODUCTION = f"""\
{TITLE}

What `oss-health scrape` found on GitHub: public repositories only, no personal data. Written by the program;
changes made by hand are refused or overwritten. The history of this folder is the history of the data:

    git log -p -- repositories/         facts: what appeared, vanished, was renamed, archived, relicensed
    git log -G'"id":12345,' -- metrics/ every number of one repository through time

Names are GitHub's own. Times are UTC. What GitHub did not report is unknown, and its key is absent: that is neither
`null` nor "no" nor 0. Text longer than 10,000 characters is cut. A repository is identified by its `id`, which a new
name or a new owner does not change. In what owners typed (descriptions, homepages, mirror addresses, branches,
topics), e-mail addresses and telephone numbers are masked before they are written; names and logins stay as they were
published. `forgotten.json`, if there is one, lists the numeric ids of what `oss-health forget` removed and keeps out.
Who owns a repository and what may be done with it is said by its own licence.
"""

ORIGINS = ("license", "license_url", "source", "source_url", "about", "about_url")

FILES = (
    ("organisations.json", "One record for each listed organisation.", ORGANISATION),
    (
        "repositories/LOGIN.json",
        "Facts: one record for each public repository, forks included, sorted by `id`, one field a line.",
        REPOSITORY,
    ),
    ("metrics/LOGIN.jsonl", "Counters of the same repositories, one repository a line.", METRICS),
)


def readme() -> str:
    """data/README.md."""
    return "\n".join([INTRODUCTION, *(_section(*file) for file in FILES)])


def _section(name: str, meaning: str, fields: tuple[Field, ...]) -> str:
    rows = [
        f"| `{field.name}` | {field.kind}{' or null' if field.null else ''} | {field.explanation} |"
        for field in fields
    ]
    return "\n".join([f"## {name}", "", meaning, "", "| field | kind | meaning |", "| --- | --- | --- |", *rows, ""])


def with_columns(metadata: dict[str, Any]) -> dict[str, Any]:
    """Datasette's metadata with what each column of each table and view means, as `schema` and `views` say."""
    described = copy.deepcopy(metadata)
    for database in described["databases"].values():
        for table in TABLES:
            columns = {column.name: column.meaning for column in table.columns}
            database["tables"].setdefault(table.name, {})["columns"] = columns
        for view in VIEWS:
            database["tables"].setdefault(view.name, {})["columns"] = view.meanings
    return described


def with_origins(metadata: dict[str, Any]) -> dict[str, Any]:
    """Datasette's metadata with licence, source and about on each canned query: for tables alone it inherits them."""
    told = copy.deepcopy(metadata)
    for database in told["databases"].values():
        origins = {name: database.get(name, told.get(name)) for name in ORIGINS}
        for query in database["queries"].values():
            query |= {name: value for name, value in origins.items() if value}
    return told


def rendered(metadata: dict[str, Any]) -> str:
    """metadata.json."""
    return json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write data/README.md again, and in metadata.json the columns and where each canned query has its data from."""
    metadata = Path("metadata.json")
    described = with_origins(with_columns(json.loads(metadata.read_text(encoding="utf-8"))))
    atomic.replace(metadata, rendered(described).encode())
    atomic.replace(Path("data/README.md"), readme().encode())


if __name__ == "__main__":
    main()
