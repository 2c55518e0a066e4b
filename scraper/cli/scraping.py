"""Commands that ask GitHub."""

import json
import os
import sys
from pathlib import Path

import click

from scraper import terminal
from scraper.cli.options import (
    data_option,
    debug_option,
    json_option,
    list_option,
    renamed,
    threshold_for,
    verbose_option,
)
from scraper.config import (
    DEFAULT_BUDGET,
    LIST_FILE,
    PUBLIC_API,
    ListedAccount,
    check_url,
    parse_budget,
    parse_login,
    read_token,
)
from scraper.dataset.layout import beside, found_beside
from scraper.environment import remove_tokens
from scraper.errors import ConfigurationError
from scraper.threshold import DEFAULT


@click.command()
@renamed("--organisations", "--organisations-file")
@list_option
@click.option(
    "--organisation",
    "logins",
    multiple=True,
    metavar="LOGIN",
    help="Scrape only this organisation, and leave the rest of the dataset as it is. May be repeated.",
)
@data_option
@click.option(
    "--api-url",
    default=PUBLIC_API,
    show_default=True,
    help="GitHub's API. For an Enterprise server, use https://HOST/api/v3; for the sandbox, the address it prints.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 8),
    default=4,
    show_default=True,
    help="How many requests to send at once.",
)
@click.option(
    "--max-wait",
    type=click.IntRange(0, 21_600),
    default=900,
    show_default=True,
    metavar="SECONDS",
    help="How long the run may wait for GitHub's rate limits.",
)
@click.option(
    "--lookups",
    type=click.IntRange(0, 10_000),
    default=300,
    show_default=True,
    help="How many repositories that are no longer listed to look up by id; the rest follow in later runs.",
)
@click.option(
    "--health-budget",
    default=DEFAULT_BUDGET,
    show_default=True,
    metavar="POINTS/SECONDS",
    help="What to spend on files, releases, issues and commits, which need a token; 0 asks for none of them.",
)
@click.option(
    "--health-details",
    is_flag=True,
    help="Also ask how soon outsiders are answered and how many people contribute, within the same budget.",
)
@json_option
@verbose_option
@debug_option
def scrape(
    list_file: Path | None,
    logins: tuple[str, ...],
    data: Path,
    api_url: str,
    workers: int,
    max_wait: int,
    lookups: int,
    health_budget: str,
    health_details: bool,
    as_json: bool,
) -> None:
    """Bring the dataset up to date with GitHub.

    An organisation's files are replaced only by a complete, valid answer. If it cannot be observed, it keeps its last
    good data, with the reason in organisations.json. An organisation that is no longer in the list is removed.

    A list that fits in 60 requests an hour needs no token. For longer ones, put a token in GITHUB_TOKEN or GH_TOKEN.

    Exit codes: 0 every organisation was observed; 3 some were not, and keep their last good data; 1 nothing could be
    done; 2 an option, the list or the token is wrong.
    """
    from scraper.github.client import GitHubApi  # PyGithub takes most of a second to load, and only this needs it
    from scraper.scrape import scrape as scrape_organisations

    budget = parse_budget(health_budget, "--health-budget", details=health_details)
    listed = _listed(data, list_file, logins)
    token = read_token(os.environ)
    remove_tokens(os.environ)
    check_url(api_url, token, "--api-url")
    api = GitHubApi(api_url, token, workers=workers, max_wait=max_wait)
    with terminal.scraping(len(listed)) as progress:
        report = scrape_organisations(
            api,
            listed,
            data,
            whole_list=not logins,
            workers=workers,
            progress=progress,
            lookups=lookups,
            budget=budget,
            threshold=threshold_for(data, list_file, None) or DEFAULT,
        )
    if as_json:
        click.echo(json.dumps(terminal.report_data(report), indent=2))
    else:
        terminal.print_report(report)
    sys.exit(report.exit_code)


@click.command(hidden=True)
@debug_option
def action() -> None:
    """Run as a step of GitHub Actions; action.yml does this.

    Scrapes, builds, commits and pushes. The inputs are in INPUT_* variables; docs/action.md explains them.
    """
    from scraper.action import run as step

    sys.exit(step.main(os.environ))


def _listed(data: Path, list_file: Path | None, logins: tuple[str, ...]) -> list[ListedAccount]:
    """The accounts to scrape: the whole list, or those of --organisation with their names from the list."""
    from scraper.list_file import read_organisations

    path = list_file or found_beside(data, LIST_FILE)
    if not path and not logins:
        raise ConfigurationError(
            f"There is no list of organisations {beside(data, LIST_FILE)}: write one (docs/list.md), or name it with"
            " --organisations-file."
        )
    entries = read_organisations(path) if path else []
    if not logins:
        return entries
    by_login = {entry.login.casefold(): entry for entry in entries}
    wanted = {login.casefold(): login for login in map(parse_login, logins)}
    strangers = [login for key, login in wanted.items() if key not in by_login]
    if list_file and strangers:
        raise ConfigurationError(
            f"{strangers[0]} is not in {list_file}: add it there, or leave out --organisations-file."
        )
    return [by_login.get(key, ListedAccount(login, login)) for key, login in wanted.items()]
