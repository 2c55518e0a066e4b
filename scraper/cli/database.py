"""Commands that build, check and show the database."""

import dataclasses
import json
from pathlib import Path

import click

from scraper import terminal
from scraper.cli.options import (
    data_option,
    database_option,
    debug_option,
    json_option,
    list_option,
    metadata_option,
    threshold_for,
    threshold_option,
    verbose_option,
)
from scraper.config import DATABASE_FILE
from scraper.threshold import DEFAULT, Threshold


@click.command()
@data_option
@database_option
@click.option(
    "--from-git", is_flag=True, help="Replay every commit of the dataset, whatever the database already says."
)
@json_option
@verbose_option
@list_option
@threshold_option
@debug_option
def build(
    data: Path,
    database: Path | None,
    from_git: bool,
    as_json: bool,
    list_file: Path | None,
    threshold: Threshold | None,
) -> None:
    """Build the database from the dataset and its history.

    It depends only on git and on the files in and beside the dataset's folder: you can delete it and build it again,
    byte for byte. It appears complete or not at all. The history so far is replayed from git or, in a shallow clone,
    continued from the committed database.
    """
    from scraper.database import (
        build as builder,  # pandas and sqlite-utils take a second to load, and only this needs them
    )

    path = database or data / DATABASE_FILE
    threshold = threshold_for(data, list_file, threshold) or DEFAULT
    with terminal.replaying() as progress:
        summary = builder.build(data, path, from_git=from_git, threshold=threshold, progress=progress)
    if as_json:
        click.echo(
            json.dumps({"database": str(path), **dataclasses.asdict(summary), "warning": summary.loss}, indent=2)
        )
    else:
        click.echo(f"{path}: {summary}")


@click.command()
@data_option
@database_option
@verbose_option
@list_option
@threshold_option
@debug_option
def verify(data: Path, database: Path | None, list_file: Path | None, threshold: Threshold | None) -> None:
    """Compare the database with git.

    The database is compared with one that is rebuilt from every commit of the dataset.

    Exit codes: 0 they agree; 1 they do not, and the output shows what differs (- is missing, + should not be there);
    2 that cannot be determined, for example in a shallow clone.

    To repair a database that does not agree with git, run `oss-health build --from-git`.
    """
    from scraper.database import verify as verifier

    path = database or data / DATABASE_FILE
    threshold = threshold_for(data, list_file, threshold)
    with terminal.replaying() as progress:
        differences = verifier.verify(data, path, progress, threshold)
    for line in differences:
        click.echo(line)
    if differences:
        raise click.exceptions.Exit(1)
    click.echo(f"{path} agrees with git{verifier.remark(threshold)}.")


@click.command()
@data_option
@database_option
@metadata_option
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    envvar="PORT",
    show_envvar=True,
    default=8001,
    show_default=True,
    help="Port to listen on; 0 chooses a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen on. 0.0.0.0 also answers other machines.",
)
@click.option(
    "--inspect-file",
    type=click.Path(path_type=Path),
    help="Output of `datasette inspect` for the database, so that the first visit need not count rows.",
)
@click.option(
    "--site",
    type=click.Path(path_type=Path),
    help="Also serve this folder, made by `oss-health site`, on the next port.",
)
@debug_option
def serve(
    data: Path,
    database: Path | None,
    metadata: Path | None,
    port: int,
    host: str,
    inspect_file: Path | None,
    site: Path | None,
) -> None:
    """Serve the database with Datasette.

    It runs until interrupted and, by default, answers only this machine.
    """
    from scraper.database.metadata import default_metadata
    from scraper.serving import datasette_app as server

    server.serve(database or data / DATABASE_FILE, metadata or default_metadata(), port, host, inspect_file, site)
