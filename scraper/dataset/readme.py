"""data/README.md, the data dictionary: what each file of a dataset contains and what each field means."""

from scraper.model.collections import ALL
from scraper.model.fields import ORGANISATION, Field

TITLE = "# Data dictionary"
INTRODUCTION = f"""\
{TITLE}

What `oss-health scrape` found on GitHub: public repositories only, no personal data. Written by the program;
changes made by hand are refused or overwritten. The history of this folder is the history of the data:

    git log -p -- repositories/         facts: what appeared, vanished, was renamed, archived, relicensed
    git log -G'"id":12345,' -- metrics/ every count of one repository over time

Names are GitHub's own. Times are UTC. What GitHub did not report is unknown, and its key is absent: that is neither
`null` nor "no" nor 0. Text longer than 10,000 characters is cut. A repository is identified by its `id`, which a new
name or a new owner does not change. In what owners typed (descriptions, homepages, mirror addresses, branches,
topics), e-mail addresses and telephone numbers are masked before they are written; names and logins stay as they were
published. `forgotten.json`, if there is one, lists the numeric ids of the accounts and repositories that
`oss-health forget` removed and keeps out.
Each repository's own licence says who owns it and how it may be used.
"""

FILES = (
    ("organisations.json", "One record for each listed organisation.", ORGANISATION),
    *((f"{each.name}/LOGIN{each.suffix}", each.meaning, each.fields) for each in ALL),
)


def readme() -> str:
    """data/README.md."""
    return "\n".join([INTRODUCTION, *(_section(*file) for file in FILES)])


def _section(name: str, meaning: str, fields: tuple[Field, ...]) -> str:
    rows = [
        f"| `{field.name}` | {field.kind}{' or null' if field.nullable else ''} | {field.explanation} |"
        for field in fields
    ]
    return "\n".join([f"## {name}", "", meaning, "", "| field | kind | meaning |", "| --- | --- | --- |", *rows, ""])
