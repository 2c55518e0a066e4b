"""data/README.md, the data dictionary: what each file of a dataset contains and what each field means."""

from scraper.model.collections import ALL
from scraper.model.fields import ORGANISATION, Field

TITLE = "# Data dictionary"
INTRODUCTION = f"""\
{TITLE}

This folder contains what `oss-health scrape` found on GitHub: public repositories only, and no personal data. The
program writes it, and refuses or overwrites changes by hand. Its history in git is the history of the data:

    git log -p -- repositories/         facts: what appeared, vanished, was renamed, archived, relicensed
    git log -G'"id":12345,' -- metrics/ every count of one repository over time

Names are GitHub's own. Times are UTC. If GitHub did not report something, it is unknown and its key is absent, which
is neither `null` nor "no" nor 0. Text longer than 10,000 characters is cut. A repository is identified by its `id`,
which does not change with a new name or owner. E-mail addresses and telephone numbers that owners typed into
descriptions, homepages, mirror addresses, branches and topics are masked before they are written; names and logins
stay as published. `forgotten.json`, if it exists, lists the numeric ids of the accounts and repositories that
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
