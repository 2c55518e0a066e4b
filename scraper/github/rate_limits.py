"""Concurrency and rate limits, shared by all workers."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from scraper.errors import RateLimited

logger = logging.getLogger(__name__)


class Cancelled(Exception):  # noqa: N818 - not a failure: the user pressed Ctrl-C
    """The run ends now; nothing waits any longer."""


class Limiter:
    """Lets `workers` requests through at once. A pause holds them all, and each secondary limit halves their number.

    A run spends at most `max_wait` seconds in pauses, each of which is logged.
    """

    def __init__(self, workers: int, max_wait: float) -> None:
        self._workers = workers
        self._budget = max_wait
        self._under_way = 0
        self._resume_at = 0.0
        self._ended: Exception | None = None
        self._changed = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait until a request may be sent. Raises RateLimited once a limit has outlasted the budget."""
        with self._changed:
            while self._under_way >= self._workers or time.monotonic() < self._resume_at or self._ended:
                if self._ended:
                    raise self._ended
                pause = self._resume_at - time.monotonic()
                self._changed.wait(pause if pause > 0 else None)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def pause(self, seconds: float, why: str, *, halve: bool) -> None:
        """Hold all requests for `seconds`. Raises RateLimited, now and for all later ones, if that is too long."""
        with self._changed:
            now = time.monotonic()
            longer = now + seconds - max(now, self._resume_at)
            if longer <= 0:
                return
            if longer > self._budget:
                self._ended = RateLimited(f"{why}, for longer than the run may wait.")
                self._changed.notify_all()
                raise self._ended
            # Other workers hit the same limit a moment later: it is one limit, reported once.
            waiting = now < self._resume_at
            self._budget -= longer
            self._resume_at = now + seconds
            if waiting:
                return
            if halve:
                self._workers = max(1, self._workers // 2)
        logger.info(f"{why}: waiting {seconds:.0f} s.")

    def sleep(self, seconds: float) -> None:
        """Wait before one request is tried again; the others continue."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while (left := deadline - time.monotonic()) > 0 and not self._ended:
                self._changed.wait(left)
            if self._ended:
                raise self._ended

    def stop(self) -> None:
        """End the run: everything that waits raises Cancelled."""
        with self._changed:
            self._ended = Cancelled()
            self._changed.notify_all()
