"""`make demo`: two years in the life of a GitHub in a box, observed every month as the Action would, in git."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import click

from sandbox.cli import write_organisations
from sandbox.estate import DEFAULT_DATE, Estate
from sandbox.server import Sandbox
from scraper import dataset
from scraper.config import read_organisations
from scraper.dataset import Dataset
from scraper.github_api import GitHubApi
from scraper.schema import FILE
from scraper.scrape import scrape
from scraper.serve import default_metadata
from scraper.words import commit_message

FOLDER = Path(".demo")
PROGRAM = Path(sys.executable).with_name("oss-health")
MONTHS = 24


def main() -> None:
    """Live two years in .demo/, a git repository of its own, and open its database in Datasette unless SERVE=0."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    git("init", "--quiet", "--initial-branch", "main")
    data, organisations = FOLDER / "data", FOLDER / "organisations.yml"
    days = [DEFAULT_DATE - timedelta(days=round(30.44 * back)) for back in range(MONTHS, -1, -1)]
    with Sandbox(Estate("nhs"), on=days[0]) as github:
        click.echo(f"An invented GitHub answers at {github.url}: fictional organisations, no network.")
        with click.progressbar(days[:-1], label="Two years, observed every month", file=sys.stderr) as months:
            for day in months:
                github.date = day
                write_organisations(github.world, day, organisations)
                live(github.url, organisations, data, day)
        github.date = days[-1]
        write_organisations(github.world, days[-1], organisations)
        click.echo("The last month, in the commands of the README:")
        before = dataset.load(data)
        run("scrape", "--organisations", organisations, "--data", data, "--api-url", github.url)
    run("build", "--data", data)
    commit(before, dataset.load(data), days[-1])
    click.secho(f"\n$ git -C {FOLDER} log --oneline", bold=True)
    click.echo(git("log", "--oneline", "-5"))
    click.echo(f"\nThe news of the last month: git -C {FOLDER} show --stat")
    serve = ("serve", "--data", str(data), "--metadata", str(invented_metadata()), "--port", os.environ["PORT"])
    if os.environ.get("SERVE", "1") == "0":
        click.echo(f"As SQL: {os.path.relpath(PROGRAM)} {' '.join(serve)}")
    else:
        run(*serve)


def live(url: str, organisations: Path, data: Path, day: date) -> None:
    """One run of the Action: scrape, build, commit. In this process, for two dozen would take a minute to start."""
    from scraper.database import build

    listed = read_organisations(organisations)
    before = dataset.load(data)
    api = GitHubApi(url, "for-the-sandbox-only", workers=4, max_wait=60, notify=lambda text: None)
    scrape(
        api,
        listed,
        data,
        whole_list=True,
        workers=4,
        notify=lambda text: None,
        progress=lambda outcome: None,
    )
    build(data, data / FILE)
    commit(before, dataset.load(data), day)


def commit(before: Dataset, after: Dataset, day: date) -> None:
    """What the run found, under a message that reads as news, on the day it happened."""
    git("add", "--all")
    git("commit", "--quiet", "--message", commit_message(before, after), day=day)


def invented_metadata() -> Path:
    """metadata.json for the demo: nobody may take invented organisations for real ones."""
    metadata = json.loads(default_metadata().read_text(encoding="utf-8"))
    source, database = metadata["source"], metadata["databases"][Path(FILE).stem]
    for described in (metadata, database):
        described["title"] = f"Invented data: {described['title']}"
    for described in (metadata, database, *database["tables"].values(), *database["queries"].values()):
        if described.get("source") == source:
            described |= {"source": "an invented GitHub", "source_url": None}
    path = FOLDER / "metadata.json"
    path.write_text(json.dumps(metadata), encoding="utf-8")
    return path


def git(*arguments: str, day: date | None = None) -> str:
    """Plain git in .demo/, whatever its user has configured."""
    when = {f"GIT_{who}_DATE": f"{day}T12:00:00Z" for who in ("AUTHOR", "COMMITTER")} if day else {}
    who = {f"GIT_{who}_{what}": "demo" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **who, **when}
    command = ["git", *arguments]
    answer = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        sys.exit(f"git {arguments[0]}: {answer.stderr.strip()}")
    return answer.stdout.rstrip()


def run(*arguments: str | Path) -> None:
    """One command of oss-health; its failure is ours."""
    words = [os.path.relpath(PROGRAM), *map(str, arguments)]
    click.secho(f"\n$ {' '.join(words)}", bold=True)
    # Whatever token the shell has is for the real GitHub.
    environment = {**os.environ, "GITHUB_TOKEN": "for-the-sandbox-only"}
    try:
        status = subprocess.run(words, env=environment, check=False).returncode  # noqa: S603
    except KeyboardInterrupt:
        status = 130
    if status:
        sys.exit(0 if status == 130 else status)


if __name__ == "__main__":
    main()
