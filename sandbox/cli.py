"""`python -m sandbox`: the command line."""

import signal
import sys
from datetime import date, datetime
from pathlib import Path
from threading import Event
from typing import NoReturn

import click
import yaml

from sandbox.estate import DEFAULT_DATE, SIZES, Estate
from sandbox.faults import FAULTS, Fault, FaultError
from sandbox.recordings import Recordings, RecordingsError
from sandbox.server import Sandbox
from sandbox.world import World

FAULT_HELP = (
    "\b\nFaults, as NAME or NAME:key=value,... All accept login=, page=, times=, seconds=, path=rest|graphql and,\n"
    "for GraphQL, asks=FIELD.\n"
)
FAULT_HELP += "\n".join(f"  {name:<19} {kind.meaning}" for name, kind in FAULTS.items())
EXAMPLES = """\b
Examples:
  python -m sandbox --port 8080 --organisations-file /tmp/estate.yml
  python -m sandbox --port 8080 --estate uk --latency 150
  python -m sandbox --port 8080 --date 2024-11-03 --fault server-error:status=503,times=2
  oss-health scrape --api-url http://127.0.0.1:8080 --organisations-file /tmp/estate.yml --data /tmp/estate
"""


def _fail(message: str) -> NoReturn:
    raise click.UsageError(message)


def _faults(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> list[Fault]:
    try:
        return [Fault.parse(text) for text in texts]
    except FaultError as error:
        raise click.BadParameter(str(error)) from error


def _world(estate: str | None, recordings: Path | None, seed: int) -> World:
    if estate and recordings:
        _fail("--estate and --recordings are two worlds: choose one.")
    try:
        return Recordings(recordings) if recordings else Estate(estate or "nhs", seed)
    except RecordingsError as error:
        _fail(str(error))


def write_organisations(world: World, on: date, path: Path) -> None:
    """Write the world's accounts in the form of the scraper's configuration."""
    listed = [{"login": account.login, "name": account.name} for account in world.listed(on)]
    path.write_text(yaml.safe_dump({"organisations": listed}, sort_keys=False, allow_unicode=True), encoding="utf-8")


@click.command(epilog=f"{FAULT_HELP}\n\n{EXAMPLES}", context_settings={"max_content_width": 110})
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8080,
    show_default=True,
    help="Port to listen on; 0 chooses a free one.",
)
@click.option("--estate", type=click.Choice(sorted(SIZES)), help="An invented world [default: nhs].")
@click.option(
    "--recordings",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A recorded world: a folder of <login>.json files.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="A different seed gives a different estate.")
@click.option(
    "--date",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    default=DEFAULT_DATE.isoformat(),
    show_default=True,
    help="The day on which to see the estate, which exists from 2014 to 2028.",
)
@click.option(
    "--latency", type=click.FloatRange(0, 60_000), default=0, metavar="MS", help="How long each answer takes."
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    callback=_faults,
    metavar="SPEC",
    help="A fault to simulate, see below. May be repeated.",
)
@click.option("--token", "tokens", multiple=True, help="Accept only this token; may be repeated [default: any].")
@click.option(
    "--organisations-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the world's list of organisations to this file, for the scraper.",
)
def main(
    port: int,
    estate: str | None,
    recordings: Path | None,
    seed: int,
    on: datetime,
    latency: float,
    faults: list[Fault],
    tokens: tuple[str, ...],
    organisations_file: Path | None,
) -> None:
    """Run a simulated GitHub on your laptop.

    It serves the repositories of fictional (or recorded) organisations through GitHub's REST and GraphQL APIs until
    interrupted, and prints its address when it is ready.
    """
    world = _world(estate, recordings, seed)
    github = Sandbox(world, on=on.date(), port=port, latency=latency / 1000, faults=faults, tokens=tokens or None)
    if organisations_file:
        try:
            write_organisations(world, on.date(), organisations_file)
        except OSError as error:
            _fail(f"--organisations-file: {organisations_file} cannot be written ({error.strerror}).")
    stopped = Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stopped.set())
    try:
        with github:
            click.echo(github.url)
            sys.stdout.flush()
            stopped.wait()
    except OSError as error:
        _fail(f"--port {port}: {error.strerror}. Choose another one; --port 0 chooses a free one.")
