"""Where log messages go while a command runs."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PROGRAM = "scraper"
"""The parent of all modules' loggers; users of this program need not see what other packages log."""


class _Handler(logging.Handler):
    def __init__(self, write: Callable[[str], object]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(self.format(record))


@contextmanager
def logged(write: Callable[[str], object], formatter: logging.Formatter, *, details: bool) -> Iterator[None]:
    """Pass each line of the log to `write`; with `details`, debugging lines too."""
    handler, program = _Handler(write), logging.getLogger(PROGRAM)
    handler.setFormatter(formatter)
    before = program.level
    program.addHandler(handler)
    program.setLevel(logging.DEBUG if details else logging.INFO)
    try:
        yield
    finally:
        program.removeHandler(handler)
        program.setLevel(before)
