"""Random numbers for one purpose, derived only from a text: the same on every machine and version of Python.

A choice with its own dice stays the same when other choices are added. Python's `Random` would do, but takes four
times as long to seed, and each repository needs thirty of them.
"""

from hashlib import blake2b
from typing import Protocol

BITS, NUMBERS = 53, 9  # of a float; in a hash


class Dice(Protocol):
    """A source of numbers from 0 up to, but not including, 1."""

    def random(self) -> float: ...


class Chance:
    """Dice seeded with a text."""

    __slots__ = ("_hash", "_left", "_text")

    def __init__(self, text: str) -> None:
        self._text, self._left = text, 0

    def random(self) -> float:
        if not self._left:
            self._text, self._left = f"{self._text}.", NUMBERS
            self._hash = int.from_bytes(blake2b(self._text.encode()).digest(), "big")
        number = self._hash % (1 << BITS)
        self._hash >>= BITS
        self._left -= 1
        return number / (1 << BITS)
