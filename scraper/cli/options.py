"""Options that commands share, and the one place where failures become sentences and exit codes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from scraper import terminal
from scraper.config import DATABASE_FILE, LIST_FILE
from scraper.dataset.layout import found_beside
from scraper.errors import OssHealthError
from scraper.text import printable
from scraper.threshold import Threshold, parse_threshold

Command = TypeVar("Command", bound="Callable[..., object]")


class ErrorBoundary(click.Group):
    """Turns every failure into one sentence and an exit code; --debug shows where it came from."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except OssHealthError as error:
            if context.meta.get("debug"):
                raise
            click.secho(f"Error: {printable(str(error))}", fg="red", err=True)
            context.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("\nInterrupted. The dataset was not changed.", err=True)
            os._exit(130)  # at once: a thread may wait half a minute for a server that does not answer
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if context.meta.get("debug"):
                raise
            click.secho(f"Unexpected error, please report it: {error!r} (--debug shows the traceback).", err=True)
            context.exit(1)


def _debug(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta["debug"] = context.meta.get("debug") or value


def _verbose(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.with_resource(terminal.shown(verbose=value))


debug_option = click.option(
    "--debug", is_flag=True, expose_value=False, callback=_debug, help="Show the traceback of a failure."
)


def renamed(old: str, new: str) -> Callable[[Command], Command]:
    """An option under its former name, which only tells the user the new one."""

    def refuse(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            raise click.UsageError(f"{old} is now called {new}.", context)

    return click.option(old, hidden=True, expose_value=False, callback=refuse)


verbose_option = click.option(
    *("-v", "--verbose"),
    is_flag=True,
    expose_value=False,
    callback=_verbose,
    help="Log each request and decision.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON instead of text.")
data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Folder of the dataset.",
)

database_option = click.option(
    "--database",
    type=click.Path(path_type=Path),
    help=f"The SQLite file.  [default: {DATABASE_FILE} in the folder of the dataset]",
)
metadata_option = click.option(
    "--metadata",
    type=click.Path(path_type=Path),
    help="Titles, descriptions and canned queries.  [default: the one that comes with the program]",
)


list_option = click.option(
    "--organisations-file",
    "list_file",
    type=click.Path(exists=True, path_type=Path),
    help=f"The list of organisations.  [default: {LIST_FILE} beside the folder of the dataset]",
)


def threshold_for(data: Path, list_file: Path | None, given: Threshold | None) -> Threshold | None:
    """The threshold for closures: as `given`, or else from the list, if there is one."""
    from scraper.list_file import read_threshold  # YAML takes a while to load, which --help need not wait for

    path = list_file or found_beside(data, LIST_FILE)
    return given or (read_threshold(path) if path else None)


def _threshold(context: click.Context, parameter: click.Parameter, value: str | None) -> Threshold | None:
    return parse_threshold(value, "--closure-threshold") if value else None


threshold_option = click.option(
    "--closure-threshold",
    "threshold",
    metavar="NUMBER, SHARE",
    callback=_threshold,
    help="How many repositories of an organisation, and what share of them, must disappear to count as a closure."
    "  [default: closure-threshold in the list of organisations, or 5, 20%]",
)
