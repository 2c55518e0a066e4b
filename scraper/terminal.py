"""What a person sees of a run: progress while it lasts, a short table at its end."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from tabulate import tabulate

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
            lambda text: click.echo(text, err=True),
        )
        return
    with click.progressbar(
        length=total, label="Scraping", file=stream, item_show_func=lambda login: login or ""
    ) as bar:
        yield Progress(
            lambda outcome: bar.update(1, outcome.account.listed),
            lambda text: click.echo(f"\r\033[K{text}", err=True),
        )


@contextmanager
def replaying() -> Iterator["Replaying"]:
    """A bar on a terminal, once there is something to replay; elsewhere a line for each hundred commits."""
    yield Replaying()
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)


class Replaying:
    """Where a build tells how far its replay is."""

    def __init__(self) -> None:
        self._interactive = sys.stderr.isatty()

    def advance(self, done: int, total: int) -> None:
        """So many of so many commits are done."""
        if self._interactive:
            click.echo(f"\rReplaying commit {done:,} of {total:,}", nl=False, err=True)
        elif done % 100 == 0 or done == total:
            self.notify(f"Replayed {done:,} of {total:,} commits.")

    def notify(self, text: str) -> None:
        """Something that a person wants to know."""
        click.echo(f"{chr(13)}\033[K{text}" if self._interactive else text, err=True)


def print_report(report: Report) -> None:
    """Per organisation what was found and what changed; below, what was kept and why."""
    rows = [
        (
            outcome.account.listed,
            outcome.account.record["status"],
            outcome.account.record["repositories"],
            *(count or "" for count in (outcome.appeared, outcome.vanished, outcome.changed, outcome.moved)),
        )
        for outcome in report.outcomes
    ]
    headers = ("organisation", "status", "repositories", "new", "gone", "changed", "counters moved")
    click.echo(tabulate(rows, headers=headers, disable_numparse=True, colalign=("left", "left", *["right"] * 5)))
    click.echo()
    for outcome in report.outcomes:
        account = outcome.account
        for warning in (*outcome.warnings, *([account.record["reason"]] if account.record["reason"] else [])):
            click.secho(f"{account.listed}: {warning}", fg=None if outcome.observed else "yellow")
    for login in report.removed:
        click.echo(f"{login}: no longer in the list, so its files were removed.")
    observed = [outcome.account for outcome in report.outcomes if outcome.observed]
    repositories = sum(len(account.repositories) for account in observed)
    written = f"{len(report.files)} files written" if report.files else "nothing new, nothing written"
    click.echo(
        f"{len(observed)} of {len(report.outcomes)} organisations observed with {repositories} repositories"
        f" in {report.requests} requests; {written}."
    )


def _line(outcome: Outcome) -> str:
    record = outcome.account.record
    found = (
        f"{record['repositories']} repositories" if outcome.observed else f"{record['status']}. {record['reason']}"
    )
    return f"{outcome.account.listed}: {found}"
