"""Text for a reader: plurals, and a stranger's text that cannot control whatever shows it."""

import re

UNPRINTABLE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls: line breaks, escape sequences
    "\u2028\u2029"  # line breaks too
    "\u202a-\u202e\u2066-\u2069"  # what follows would be read in another direction
    "\u200b\ufeff\ud800-\udfff"  # nothing that anybody sees
    "]"
)
"""Not whole categories of Unicode: Sinhala, Persian and families of emoji are written with joiners."""

LONGEST_VALUE = 60

REFERENCE = re.compile(r"[@#](?=\w)|\bGH-(?=\d)", re.IGNORECASE)
"""Where GitHub would see somebody mentioned, or an issue; a space behind it is the end of that."""


def printable(text: str) -> str:
    """The text on one line, without what could control a terminal."""
    return UNPRINTABLE.sub(" ", text)


def safe(text: object, longest: int = LONGEST_VALUE) -> str:
    """A stranger's text on one line, in which nothing means anything to GitHub or to git."""
    line = " ".join(printable(str(text)).split())
    if len(line) > longest:
        line = line[: longest - 3] + "..."
    line = line.translate(str.maketrans("[]", "()"))  # [skip ci], and all the ways to write it
    return REFERENCE.sub(r"\g<0> ", line).replace("://", ": //")


def safe_name(name: object) -> str:
    """A login, or the name of a repository: GitHub gives out no other characters than these."""
    return REFERENCE.sub(r"\g<0> ", re.sub(r"[^A-Za-z0-9._/-]", "?", str(name))[:140])


def count(number: int, noun: str) -> str:
    """`1 repository`, `2,000 repositories`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def percent(share: float) -> str:
    """`84%`; what is not nothing is not shown as nothing, and what is not all not as all."""
    if 0 < share < 0.01:
        return "<1%"
    return f"{min(round(share * 100), 99 if share < 1 else 100)}%"
