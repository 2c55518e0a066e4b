"""The commands of `oss-health`, and the one place where failures become sentences and exit codes."""

import dataclasses
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from scraper import __version__, terminal
from scraper.config import (
    DEFAULT_LIST,
    PUBLIC_API,
    ListedAccount,
    check_url,
    parse_login,
    read_organisations,
    read_token,
)
from scraper.dataset.layout import DATABASE_FILE
from scraper.environment import remove_tokens
from scraper.errors import ConfigurationError, OssHealthError
from scraper.model.closures import parse_threshold
from scraper.text import count as quantity
from scraper.text import printable

Command = TypeVar("Command", bound="Callable[..., object]")


class _ErrorBoundary(click.Group):
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
            os._exit(130)  # at once: a thread may wait half a minute for a server that is silent
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
    """An option under its former name, which only says what it is called now."""

    def refuse(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            raise click.UsageError(f"{old} is called {new} now.", context)

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
    help="Directory of the dataset.",
)

database_option = click.option(
    "--database",
    type=click.Path(path_type=Path),
    help=f"The SQLite file.  [default: {DATABASE_FILE} in the directory of the dataset]",
)
metadata_option = click.option(
    "--metadata",
    type=click.Path(path_type=Path),
    help="Titles, descriptions and canned queries.  [default: the one that comes with the program]",
)

threshold_option = click.option(
    "--closure-threshold",
    default="5, 20%",
    show_default=True,
    metavar="NUMBER, SHARE",
    help="How many repositories of an organisation, and what share, must go for a loss to be reported as a closure.",
)


@click.group(cls=_ErrorBoundary, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="oss-health")
def main() -> None:
    """Statistics of the public repositories of GitHub organisations, kept in git and published as SQL.

    \b
    oss-health scrape    GitHub        -> data/*.json
    oss-health build     data/*.json   -> data/open-source-health.db
    oss-health serve     the database  -> Datasette at http://127.0.0.1:8001
    oss-health site      the database  -> a directory of web pages
    oss-health verify    the database  == what git says?
    oss-health forget    a login or id -> removed from data/ for good
    oss-health import-counts    what others published in git -> earlier/*.csv
    """


@main.command()
@renamed("--organisations", "--organisations-file")
@click.option(
    "--organisations-file",
    "list_file",
    type=click.Path(path_type=Path),
    help="The list of organisations.  [default: organisations.yml]",
)
@click.option(
    "--organisation",
    "logins",
    multiple=True,
    metavar="LOGIN",
    help="Scrape only this one, and leave the rest of the dataset as it is. May be repeated.",
)
@data_option
@click.option(
    "--api-url",
    default=PUBLIC_API,
    show_default=True,
    help="GitHub's API. For an Enterprise server, https://HOST/api/v3; for the sandbox, the address it prints.",
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
    as_json: bool,
) -> None:
    """Bring the dataset up to date with GitHub.

    An organisation's files are replaced only by a complete, valid answer. What could not be observed keeps its last
    good data, with the reason in organisations.json. An organisation that is no longer in the list is removed.

    A list that fits in 60 requests an hour needs no token. For longer ones, put a token in GITHUB_TOKEN or GH_TOKEN.

    Exit codes: 0 every organisation was observed; 3 some were not, and keep their last good data; 1 nothing could be
    done; 2 an option, the list or the token is wrong.
    """
    from scraper.github.client import GitHubApi  # PyGithub takes most of a second to load, and only this needs it
    from scraper.scrape import scrape as scrape_organisations

    listed = _listed(list_file, logins)
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
        )
    if as_json:
        click.echo(json.dumps(terminal.report_data(report), indent=2))
    else:
        terminal.print_report(report)
    sys.exit(report.exit_code)


@main.command(hidden=True)
@debug_option
def action() -> None:
    """What action.yml runs in a step of GitHub Actions.

    Scrapes, builds, commits and pushes. The inputs are in INPUT_* variables; docs/action.md explains them.
    """
    from scraper.action import run as step

    sys.exit(step.main(os.environ))


@main.command()
@data_option
@database_option
@click.option(
    "--from-git", is_flag=True, help="Replay every commit of the dataset, whatever the database already says."
)
@json_option
@verbose_option
@threshold_option
@debug_option
def build(data: Path, database: Path | None, from_git: bool, as_json: bool, closure_threshold: str) -> None:
    """Build the database from the JSON of the dataset and its history in git.

    The database is a pure function of both: it can be thrown away and built again, to the byte. It appears complete
    or not at all. The history so far is carried forward from the database in the last commit, or replayed from git.
    """
    from scraper.database import (
        build as builder,  # pandas and sqlite-utils take a second to load, and only this needs them
    )

    path, threshold = database or data / DATABASE_FILE, parse_threshold(closure_threshold, "--closure-threshold")
    with terminal.replaying() as progress:
        summary = builder.build(data, path, from_git=from_git, threshold=threshold, progress=progress)
    if as_json:
        click.echo(
            json.dumps({"database": str(path), **dataclasses.asdict(summary), "warning": summary.loss}, indent=2)
        )
    else:
        click.echo(f"{path}: {summary}")


@main.command()
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
    help="0 chooses a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Where to listen. 0.0.0.0 also answers other machines.",
)
@click.option(
    "--inspect-file",
    type=click.Path(path_type=Path),
    help="What `datasette inspect` wrote about the database, so that the first visit need not count rows.",
)
@click.option(
    "--site",
    type=click.Path(path_type=Path),
    help="Also serve this directory, made by `oss-health site`, on the next port.",
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
    """Serve the database with Datasette until interrupted, on this machine only by default."""
    from scraper.database.metadata import default_metadata
    from scraper.serving import datasette_app as server

    server.serve(database or data / DATABASE_FILE, metadata or default_metadata(), port, host, inspect_file, site)


@main.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Directory of the site. It must contain nothing else, because it is replaced as a whole.",
)
@data_option
@database_option
@metadata_option
@renamed("--site", "--config")
@click.option(
    "--config",
    "site_file",
    type=click.Path(path_type=Path),
    help="Title, colour, publisher and address; see docs/site.md.  [default: site.yml if it exists]",
)
@click.option(
    "--url", help="Absolute address of the site, for feeds, sitemap and previews.  [default: from site.yml]"
)
@click.option("--no-explore", is_flag=True, help="Leave out Datasette in the browser.")
@verbose_option
@debug_option
def site(
    output: Path,
    data: Path,
    database: Path | None,
    metadata: Path | None,
    site_file: Path | None,
    url: str | None,
    no_explore: bool,
) -> None:
    """Make a static site from the database: pages, charts, feeds, downloads, and Datasette in the browser.

    The site appears complete or not at all, and the same database gives the same bytes.
    """
    from scraper.database.metadata import default_metadata
    from scraper.site import build as builder
    from scraper.site.configuration import read_configuration

    builder.check_output(output)
    configuration, described = read_configuration(site_file, metadata or default_metadata(), url)
    files, size = builder.build(
        database or data / DATABASE_FILE,
        configuration,
        described,
        output,
        with_explore=not no_explore,
    )
    click.echo(f"{output}: {files:,} files, {size / 1e6:,.1f} MB.")


@main.command()
@data_option
@database_option
@verbose_option
@click.option(
    "--closure-threshold",
    metavar="NUMBER, SHARE",
    help="What counts as a closure, as in build.  [default: what the database says it was built with]",
)
@debug_option
def verify(data: Path, database: Path | None, closure_threshold: str | None) -> None:
    """Compare the database with one that is rebuilt from every commit of the dataset.

    Exit codes: 0 they agree; 1 they do not, and the output shows what differs (- is missing, + should not be there);
    2 that cannot be determined, for instance in a shallow clone.

    `oss-health build --from-git` repairs a database that does not agree with git.
    """
    from scraper.database import verify as verifier

    path = database or data / DATABASE_FILE
    threshold = parse_threshold(closure_threshold, "--closure-threshold") if closure_threshold else None
    with terminal.replaying() as progress:
        differences = verifier.verify(data, path, progress, threshold)
    for line in differences:
        click.echo(line)
    if differences:
        raise click.exceptions.Exit(1)
    click.echo(f"{path} agrees with git{verifier.remark(path)}.")


@main.command()
@click.argument("name", metavar="LOGIN|OWNER/NAME|ID")
@data_option
@debug_option
def forget(name: str, data: Path) -> None:
    """Remove an account or a repository from the dataset, and keep it out.

    Only its numeric id is recorded, in forgotten.json: later scrapes leave it out, and so does the history in the
    database. Earlier commits still contain it; docs/forget.md says what to do about them.
    """
    from scraper.dataset import forgotten

    click.echo(forgotten.forget(data, name))
    click.echo(
        "If it is an account, take it out of the list too. Build the database, commit both, and read docs/forget.md."
    )


@main.command("import-counts")
@click.argument("path", metavar="CSV", type=click.Path(path_type=Path))
@click.option("--organisation", required=True, metavar="COLUMN", help="The column with the organisations.")
@click.option("--count", required=True, metavar="COLUMN", help="The column with their numbers of repositories.")
@click.option("--date", metavar="COLUMN", help="The column with dates, if the counts are cumulative by date.")
@click.option("--source", required=True, metavar="NAME", help="Who published the counts, as readers will see it.")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), help="The file to write, such as earlier/NAME.csv."
)
@debug_option
def import_counts(path: Path, organisation: str, count: str, date: str | None, source: str, output: Path) -> None:
    """Import counts that somebody else published before you: a CSV in a clone of their git repository.

    Each version of the CSV gives a row for each organisation, with its day (UTC) and its commit. With --date, an
    organisation's last count is what that version said of it. Cells may contain HTML; a link names its organisation.
    If the CSV has since been moved or removed, name the path it had.

    Write the output into earlier/, beside the directory of the dataset, and build. These counts are shown as the
    source's, up to the day of your own first observation.
    """
    from scraper.dataset import earlier
    from scraper.history.published_counts import Columns, read_counts

    try:
        publisher = earlier.parse_source(source)
    except ValueError as error:
        raise ConfigurationError(f"--source: {error}.") from None
    counts, versions = read_counts(
        path,
        Columns(organisation, count, date),
        publisher,
        skipped=lambda why: click.secho(f"Skipped: {why}", fg="yellow", err=True),
    )
    earlier.save(output, counts)
    organisations = len({each.organisation.casefold() for each in counts})
    click.echo(
        f"{output}: {quantity(versions, 'version')} from {counts[0].observed_on} to {counts[-1].observed_on},"
        f" {quantity(len(counts), 'count')} of {quantity(organisations, 'organisation')}."
    )


def _listed(list_file: Path | None, logins: tuple[str, ...]) -> list[ListedAccount]:
    """Whom to scrape: the list, or those of --organisation under the names that the list gives them."""
    if not logins:
        return read_organisations(list_file or DEFAULT_LIST)
    entries = read_organisations(list_file or DEFAULT_LIST) if list_file or DEFAULT_LIST.exists() else []
    by_login = {entry.login.casefold(): entry for entry in entries}
    wanted = {login.casefold(): login for login in map(parse_login, logins)}
    strangers = [login for key, login in wanted.items() if key not in by_login]
    if list_file and strangers:
        raise ConfigurationError(
            f"{strangers[0]} is not in {list_file}: add it there, or leave out --organisations-file."
        )
    return [by_login.get(key, ListedAccount(login, login)) for key, login in wanted.items()]
