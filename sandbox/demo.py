"""`make demo`: two years of a simulated GitHub, observed by the Action's own steps and kept in git."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import click
import yaml

from sandbox.cli import write_organisations
from sandbox.closing import Closing, Closure
from sandbox.estate import DEFAULT_DATE, Estate
from sandbox.server import Sandbox
from scraper import clock
from scraper.action import run as action
from scraper.database.closures import read_closures
from scraper.database.metadata import default_metadata
from scraper.database.sqlite_file import open_readonly
from scraper.dataset import earlier, exceptions
from scraper.dataset.earlier import EarlierCount
from scraper.dataset.exceptions import Excepted
from scraper.dataset.layout import DATABASE_FILE

FOLDER = Path(".demo")
CHECKOUT, ORIGIN = FOLDER / "checkout", FOLDER / "origin.git"
DATA, ORGANISATIONS = CHECKOUT / "data", CHECKOUT / "organisations.yml"
EARLIER, EXCEPTIONS = CHECKOUT / earlier.FOLDER, CHECKOUT / exceptions.FILE
SITE = FOLDER / "site"
SOURCE = "an invented predecessor"
PROGRAM = Path(sys.executable).with_name("oss-health")
MONTHS, HEALTHY_MONTHS = 24, 7
BUDGET = "100/600"
"""The budget for health in the last months: about half of the estate each time. All of it would take too long."""
CLOSURE = Closure(
    "tidewater-prescribing",
    DEFAULT_DATE - timedelta(days=45),
    share=0.85,
    fates=("private", "private", "private", "moved", "private", "private", "blocked"),
)
"""A closure for newcomers to find: in the log, on the overview and in SQL."""
# The user's own token, settings and hooks are for the real GitHub.
TOKEN = "for-the-sandbox-only"  # noqa: S105
PLAIN = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "INPUT_"))},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "demo" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def main() -> None:
    """Run through two years in .demo/, a repository with an origin; then serve its site and database."""
    os.environ.clear()
    os.environ.update(PLAIN)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    git(FOLDER, "init", "--quiet", "--bare", "--initial-branch", "main", ORIGIN.name)
    git(FOLDER, "clone", "--quiet", ORIGIN.name, CHECKOUT.name)
    git(CHECKOUT, "checkout", "--quiet", "-B", "main")
    seldom, often = range(MONTHS, MONTHS // 2, -3), range(MONTHS // 2, -1, -1)
    days = [DEFAULT_DATE - timedelta(days=round(30.44 * back)) for back in (*seldom, *often)]
    world = Closing(Estate("nhs"), CLOSURE)
    earlier.save(EARLIER / "invented.csv", counted_before(world, days[0]))
    entries = [excepted._asdict() for excepted in excepted_from_checks(world)]
    EXCEPTIONS.write_text(yaml.safe_dump({"exceptions": entries}, sort_keys=False), encoding="utf-8")
    with Sandbox(world, on=days[0]) as github:
        click.echo(f"A simulated GitHub is running at {github.url}: fictional organisations, no network.")
        with click.progressbar(
            days, label="Two years; in the second, the Action runs every month", file=sys.stderr
        ) as months:
            for day in months:
                github.date = day
                write_organisations(github.world, day, ORGANISATIONS)
                run_action(github.url, day, BUDGET if day in days[-HEALTHY_MONTHS:] else "0")
    click.secho(f"\n$ git -C {CHECKOUT} log --oneline", bold=True)
    click.echo(git(CHECKOUT, "log", "--oneline", "-5"))
    with contextlib.closing(open_readonly(DATA / DATABASE_FILE)) as connection:
        for closure in read_closures(connection):
            click.echo(f"\nFrom the table closures, also on the site's overview: {closure.sentence}")
    click.echo(f"\nTo see the last month's news: git -C {CHECKOUT} show --stat")
    show()


def counted_before(world: Closing, end: date) -> list[EarlierCount]:
    """What somebody else might have counted in the three years before: each organisation, every four months."""
    days = [end - timedelta(days=1 + 122 * back) for back in range(9, -1, -1)]
    return [
        EarlierCount(
            f"{day}", account.login, sum(not each["fork"] for each in world.repositories(account, day)), SOURCE, None
        )
        for day in days
        for account in world.accounts(day)
    ]


def excepted_from_checks(world: Closing) -> list[Excepted]:
    """Exceptions for the largest organisation's two most starred repositories without a policy; one expired."""
    on = DEFAULT_DATE
    owner = max(world.accounts(on), key=lambda account: len(world.repositories(account, on)))
    written = sorted(
        (world.write(each, owner) for each in world.repositories(owner, on)),
        key=lambda each: -each["stargazers_count"],
    )
    lacking = [
        each
        for each in written
        if not each["fork"] and not each["archived"]
        if (health := world.health(each["id"], on)) and "security_policy" not in health.files
    ]
    reasons = (
        ("It is a mirror; the policy of the original applies.", on + timedelta(days=60)),
        ("It is being retired this autumn.", on - timedelta(days=10)),
    )
    return [
        Excepted(each["full_name"], "security_policy", reason, f"{until}")
        for each, (reason, until) in zip(lacking, reasons, strict=False)
    ]


def run_action(url: str, day: date, budget: str) -> None:
    """Do what a step of the Action does, on a day; in this process, because starting others is slow."""
    os.environ.update(dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE", clock.SETTING), f"{day}T12:00:00Z"))
    if git(CHECKOUT, "status", "--porcelain", ORGANISATIONS.name):
        git(CHECKOUT, "add", ORGANISATIONS.name, EARLIER.name, EXCEPTIONS.name)
        git(CHECKOUT, "commit", "--quiet", "--message", "List the organisations to observe")
        git(CHECKOUT, "push", "--quiet", "origin", "main")
    step = {"GITHUB_WORKSPACE": str(CHECKOUT.resolve()), "GITHUB_API_URL": url, "INPUT_TOKEN": TOKEN}
    step |= {"INPUT_HEALTH_BUDGET": budget}
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        status = action.main(step)
    if status:
        sys.exit(f"{log.getvalue()}\nThe Action failed on {day}.")


def show() -> None:
    """Serve the site and Datasette or, if nothing is to be served, print the command for both."""
    metadata, port = invented_metadata(), os.environ.get("PORT", "8001")
    source = ("--data", str(DATA), "--metadata", str(metadata))
    serve = [os.path.relpath(PROGRAM), "serve", *source, "--port", port]
    if shutil.which("npm"):
        url = f"http://127.0.0.1:{int(port) + 1}/"
        run(os.path.relpath(PROGRAM), "site", *source, "--output", str(SITE), "--url", url)
        serve += ["--site", str(SITE)]
    else:
        click.echo("\nnpm is not installed, so the site is left out, because its charts come from npm.")
    if os.environ.get("SERVE", "1") == "0":
        click.echo(f"\nTo look at it: {' '.join(serve)}")
        return
    with contextlib.suppress(KeyboardInterrupt):
        run(*serve)


def run(*words: str) -> None:
    """Run a command, shown as a person would type it; if it fails, so does the demo."""
    click.secho(f"\n$ {' '.join(words)}", bold=True)
    status = subprocess.run(words, check=False).returncode  # noqa: S603
    if status:
        sys.exit(status)


def invented_metadata() -> Path:
    """metadata.json for the demo, so that nobody takes invented organisations for real ones."""
    metadata = json.loads(default_metadata().read_text(encoding="utf-8"))
    source, database = metadata["source"], metadata["databases"][Path(DATABASE_FILE).stem]
    for described in (metadata, database):
        described["title"] = f"Invented data: {described['title']}"
    for described in (metadata, database, *database["tables"].values(), *database["queries"].values()):
        if described.get("source") == source:
            described |= {"source": "an invented GitHub", "source_url": None}
    path = FOLDER / "metadata.json"
    path.write_text(json.dumps(metadata), encoding="utf-8")
    return path


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder."""
    answer = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603, S607
    if answer.returncode:
        sys.exit(f"git {arguments[0]}: {answer.stderr.strip()}")
    return answer.stdout.rstrip()


if __name__ == "__main__":
    main()
