"""What a person sees of a run: progress while it lasts, a short table at its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from tabulate import tabulate

from scraper.text import count, printable

if TYPE_CHECKING:  # what it takes to scrape is slow to load, and most commands do without
    from scraper.scrape import Outcome, Report


@dataclass(frozen=True)
class Progress:
    """Where a run tells how far it is: `advance` after each organisation, `notify` in a sentence."""

    advance: Callable[[Outcome], object]
    notify: Callable[[str], object]


@contextmanager
def progress(total: int) -> Iterator[Progress]:
    """A bar on a terminal, plain lines elsewhere; on standard error, for standard output is for the result."""
    stream = sys.stderr
    if not stream.isatty():
        numbers = iter(range(1, total + 1))
        yield Progress(
            lambda outcome: click.echo(f"[{next(numbers)}/{total}] {_line(outcome)}", err=True),
            lambda text: click.echo(printable(text), err=True),
        )
        return
    with click.progressbar(
        length=total, label="Scraping", file=stream, item_show_func=lambda login: login or ""
    ) as bar:
        yield Progress(
            lambda outcome: bar.update(1, outcome.account.listed_login),
            lambda text: click.echo(f"\r\033[K{printable(text)}", err=True),
        )


class Replaying:
    """Where a build tells how far its replay is: a bar on a terminal, elsewhere a line for each hundred commits."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack, self._interactive = stack, sys.stderr.isatty()
        self._update: Callable[[int], object] | None = None
        self._done = 0

    def advance(self, done: int, total: int) -> None:
        """So many of so many commits are done."""
        if not self._interactive:
            if done % 100 == 0 or done == total:
                self.notify(f"Replayed {done:,} of {total:,} commits.")
            return
        if self._update is None:  # most builds replay nothing, and need no bar
            bar = click.progressbar(length=total, label="Replaying", file=sys.stderr, show_pos=True)
            self._update = self._stack.enter_context(bar).update
        self._update(done - self._done)
        self._done = done

    def notify(self, text: str) -> None:
        """Something that a person wants to know."""
        click.echo(f"\r\033[K{text}" if self._interactive else text, err=True)


@contextmanager
def replaying() -> Iterator[Replaying]:
    """What a build tells of its replay, if it needs one."""
    with ExitStack() as stack:
        yield Replaying(stack)


def print_report(report: Report) -> None:
    """Per organisation what was found and what changed; below, what was kept and why."""
    rows = [
        (
            outcome.account.listed_login,
            outcome.account.record["status"],
            outcome.account.record["repositories"],
            *(number or "" for number in report.comparison.tally(outcome.account.listed_login.casefold())),
        )
        for outcome in report.outcomes
    ]
    headers = ("organisation", "status", "repositories", "appeared", "vanished", "changed", "counters moved")
    click.echo(tabulate(rows, headers=headers, disable_numparse=True, colalign=("left", "left", *["right"] * 5)))
    click.echo()
    for outcome in report.outcomes:
        account = outcome.account
        for warning in (*outcome.warnings, *([account.record["reason"]] if account.record["reason"] else [])):
            click.secho(printable(f"{account.listed_login}: {warning}"), fg=None if outcome.observed else "yellow")
    for key in report.comparison.no_longer_listed:
        login = report.comparison.before[key].listed_login
        click.echo(f"{login}: no longer in the list, so its files were removed.")
    observed = [outcome.account for outcome in report.outcomes if outcome.observed]
    repositories = sum(len(account.repositories) for account in observed)
    written = f"{count(len(report.files), 'file')} written" if report.files else "nothing new, nothing written"
    click.echo(
        f"{len(observed)} of {count(len(report.outcomes), 'organisation')} observed with"
        f" {count(repositories, 'repository')} in {count(report.requests, 'request')}; {written}."
    )


def _line(outcome: Outcome) -> str:
    record = outcome.account.record
    found = len(outcome.account.repositories)
    said = count(found, "repository") if outcome.observed else f"{record['status']}. {record['reason']}"
    return printable(f"{outcome.account.listed_login}: {said}")
