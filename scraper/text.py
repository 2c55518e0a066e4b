"""Text for readers: plurals, and strangers' text made unable to control whatever shows it."""

import re

UNPRINTABLE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls: line breaks, escape sequences
    "\u2028\u2029"  # line breaks too
    "\u202a-\u202e\u2066-\u2069"  # these change the direction of the text after them
    "\u200b\ufeff\ud800-\udfff"  # invisible
    "]"
)
"""Not whole Unicode categories, because Sinhala, Persian and emoji families are written with joiners."""

LONGEST_VALUE = 60

REFERENCE = re.compile(r"[@#](?=\w)|\bGH-(?=\d)", re.IGNORECASE)
"""Where GitHub would see a mention or a reference to an issue; a space after this prevents it."""


def printable(text: str) -> str:
    """The text on one line, without what could control a terminal."""
    return UNPRINTABLE.sub(" ", text)


def safe(text: object, longest: int = LONGEST_VALUE) -> str:
    """A stranger's text on one line, without anything that GitHub or git would act on."""
    line = " ".join(printable(str(text)).split())
    if len(line) > longest:
        line = line[: longest - 3] + "..."
    line = line.translate(str.maketrans("[]", "()"))  # [skip ci] and its variants
    return REFERENCE.sub(r"\g<0> ", line).replace("://", ": //")


def safe_name(name: object) -> str:
    """A login or the name of a repository, limited to the characters that GitHub allows."""
    return REFERENCE.sub(r"\g<0> ", re.sub(r"[^A-Za-z0-9._/-]", "?", str(name))[:140])


def count(number: int, noun: str) -> str:
    """`1 repository`, `2,000 repositories`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def percent(share: float) -> str:
    """A percentage such as `84%`; only none is 0%, and only all is 100%."""
    if 0 < share < 0.01:
        return "<1%"
    return f"{min(round(share * 100), 99 if share < 1 else 100)}%"
