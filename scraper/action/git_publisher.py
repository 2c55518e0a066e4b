"""Commit and push; if another push was faster, try again on top of it."""

import contextlib
import random
import time
from collections.abc import Callable

from scraper.action.checkout import Change, Checkout
from scraper.action.push_errors import Race
from scraper.errors import GitError

ATTEMPTS = 6


def publish(
    checkout: Checkout,
    change: Change,
    regenerate: Callable[[str], Change],
    sleep: Callable[[float], object] = time.sleep,
) -> str | None:
    """Commit and push; return the commit, or None if nothing changed.

    If another push was faster, `regenerate` is given its commit. It makes our files again on top of it, and returns
    what to commit then.
    """
    parent, latest = checkout.tip, change
    seen = checkout.target.last if checkout.target else checkout.head
    for attempt in range(ATTEMPTS):
        commit = checkout.commit(latest, parent)
        if commit is None:
            if parent and parent != checkout.head and not checkout.target:
                checkout.fast_forward(parent, latest, None)
            return None
        try:
            arrived = checkout.push(commit)
        except Race as race:
            if attempt == ATTEMPTS - 1:
                raise GitError(f"{ATTEMPTS} pushes failed: run the workflow again. {race}") from None
            sleep(random.uniform(0.5, 1.5) * 2**attempt)
            theirs = checkout.fetch()
            if theirs is None and seen:
                gone = f"The branch {checkout.branch} was deleted during the run: run the workflow again."
                raise GitError(gone) from None
            if theirs is None or not checkout.has_arrived(theirs, commit):
                if theirs and theirs != seen:
                    parent, seen, latest = theirs, theirs, regenerate(theirs)
                continue
            arrived = theirs
        if checkout.target:
            return arrived
        with contextlib.suppress(GitError):  # the data are published, even if the checkout cannot follow
            if arrived != commit:
                checkout.fetch()
            checkout.fast_forward(arrived, latest, parent)
        return arrived
    raise AssertionError("unreachable")
