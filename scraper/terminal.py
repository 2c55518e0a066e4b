"""Show a run to a person: progress, and a short table at the end."""

from __future__ import annotations

import dataclasses
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import click

from scraper.logs import logged
from scraper.text import count, printable

if TYPE_CHECKING:  # the scraper is slow to load, and most commands do not need it
    from scraper.observation import Outcome
    from scraper.scrape import Report

logger = logging.getLogger(__name__)

CLEAR = "\r\033[K"


class Formatter(logging.Formatter):
    """Format log records as lines that cannot control a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        text = printable(record.getMessage())
        return click.style(f"Warning: {text}", fg="yellow") if record.levelno >= logging.WARNING else text


def shown(*, verbose: bool) -> AbstractContextManager[None]:
    """Show what modules log inside this block; with `verbose`, all details."""
    return logged(_show, Formatter(), details=verbose)


def _show(line: str) -> None:
    """Write to standard error, because standard output is for the result. A progress bar is overwritten."""
    click.echo(f"{CLEAR if sys.stderr.isatty() else ''}{line}", err=True)


@contextmanager
def scraping(total: int) -> Iterator[Callable[[Outcome], object]]:
    """A function to call after each organisation: it shows a bar on a terminal, plain lines elsewhere."""
    if not sys.stderr.isatty():
        numbers = iter(range(1, total + 1))
        yield lambda outcome: logger.info(f"[{next(numbers)}/{total}] {_line(outcome)}")
        return
    with click.progressbar(
        length=total, label="Scraping", file=sys.stderr, item_show_func=lambda login: login or ""
    ) as bar:
        yield lambda outcome: bar.update(1, outcome.account.listed_login)


@contextmanager
def replaying() -> Iterator[Callable[[int, int], None]]:
    """A function to call after each replayed commit: it shows a bar on a terminal, elsewhere a line per hundred."""
    with ExitStack() as stack:
        bars: list[Any] = []  # most builds replay nothing and need no bar

        def advance(done: int, total: int) -> None:
            if sys.stderr.isatty():
                if not bars:
                    bar = click.progressbar(length=total, label="Replaying", file=sys.stderr, show_pos=True)
                    bars.append(stack.enter_context(bar))
                bars[0].update(done - bars[0].pos)
            elif done % 100 == 0 or done == total:
                logger.info(f"Replayed {done:,} of {count(total, 'commit')}.")

        yield advance


def print_report(report: Report) -> None:
    """Print what was found and changed in each organisation; then what was kept, and why."""
    from tabulate import tabulate  # most commands print no table

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
    if report.examination and report.examination.due:
        click.echo(report.examination.sentence)
    observed = [outcome.account for outcome in report.outcomes if outcome.observed]
    repositories = sum(len(account.repositories) for account in observed)
    written = f"{count(len(report.files), 'file')} written" if report.files else "nothing new, nothing written"
    click.echo(
        f"{len(observed)} of {count(len(report.outcomes), 'organisation')} observed with"
        f" {count(repositories, 'repository')} in {count(report.requests, 'request')}; {written}."
    )


def report_data(report: Report) -> dict[str, Any]:
    """The same as data: what a run did, and what was found in each organisation, in the order of the list."""
    return {
        "exit_code": report.exit_code,
        "requests": report.requests,
        "files": report.files,
        "health": dataclasses.asdict(report.examination) if report.examination else None,
        "removed": [report.comparison.before[key].listed_login for key in report.comparison.no_longer_listed],
        "organisations": [
            {
                "listed_login": outcome.account.listed_login,
                "login": outcome.account.record["login"],
                "status": outcome.account.record["status"],
                "reason": outcome.account.record["reason"],
                "observed_at": outcome.account.record["observed_at"],
                "repositories": outcome.account.record["repositories"],
                "observed": outcome.observed,
                **report.comparison.tally(outcome.account.listed_login.casefold())._asdict(),
                "warnings": list(outcome.warnings),
            }
            for outcome in report.outcomes
        ],
        "events": [dataclasses.asdict(event) for event in report.comparison.events],
    }


def _line(outcome: Outcome) -> str:
    record = outcome.account.record
    found = len(outcome.account.repositories)
    said = count(found, "repository") if outcome.observed else f"{record['status']}. {record['reason']}"
    return printable(f"{outcome.account.listed_login}: {said}")
