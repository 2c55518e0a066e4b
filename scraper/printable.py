"""What a terminal, a log or a list of names can show of a stranger's text without obeying it."""

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


def printable(text: str) -> str:
    """The text on one line, without what could control a terminal."""
    return UNPRINTABLE.sub(" ", text)
