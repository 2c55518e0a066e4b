"""`make demo`: the commands of the README against a GitHub in a box, shown as they are run."""

import os
import subprocess
import sys
from pathlib import Path

import click

from sandbox.cli import write_organisations
from sandbox.estate import Estate
from sandbox.server import Sandbox

FOLDER = Path(".demo")


def main() -> None:
    """Scrape the invented estate into .demo/, build its database, and open Datasette unless SERVE=0."""
    FOLDER.mkdir(exist_ok=True)
    data, organisations = FOLDER / "data", FOLDER / "organisations.yml"
    with Sandbox(Estate("nhs")) as github:
        write_organisations(github.world, github.date, organisations)
        click.echo(f"An invented GitHub answers at {github.url}: 26 fictional organisations, no network.")
        run("scrape", "--organisations", organisations, "--data", data, "--api-url", github.url)
    run("build", "--data", data)
    if os.environ.get("SERVE", "1") == "0":
        click.echo(f"\nTo look at it: oss-health serve --data {data}")
        return
    run("serve", "--data", data)


def run(*arguments: str | Path) -> None:
    """One command of oss-health; its failure is ours."""
    words = ["oss-health", *map(str, arguments)]
    click.secho(f"\n$ {' '.join(words)}", bold=True)
    # Whatever token the shell has is for the real GitHub.
    environment = {**os.environ, "GITHUB_TOKEN": "for-the-sandbox-only"}
    program = Path(sys.executable).with_name(words[0])
    try:
        status = subprocess.run([program, *words[1:]], env=environment, check=False).returncode  # noqa: S603
    except KeyboardInterrupt:
        status = 130
    if status:
        sys.exit(0 if status == 130 else status)


if __name__ == "__main__":
    main()
