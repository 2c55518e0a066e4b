"""Commands that change files on disk."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import data_option, debug_option
from scraper.errors import ConfigurationError
from scraper.text import count as quantity

if TYPE_CHECKING:
    from scraper.dataset.forgotten import Kind


@click.command()
@click.argument("name", metavar="LOGIN|OWNER/NAME|ID")
@click.option(
    "--kind", type=click.Choice(["account", "repository"]), help="What an id stands for, if it could be either."
)
@data_option
@debug_option
def forget(name: str, kind: "Kind | None", data: Path) -> None:
    """Remove an account or a repository for good.

    It is removed from the dataset and kept out. Only its numeric id is recorded, in forgotten.json: later scrapes
    leave it out, and so does the history in the database. Earlier commits still contain it; docs/forget.md says what
    to do about them.
    """
    from scraper.dataset import forgotten

    click.echo(forgotten.forget(data, name, kind))
    click.echo(
        "If it is an account, remove it from the list too. Build the database, commit both, and read docs/forget.md."
    )


@click.command("import-counts")
@click.argument("path", metavar="CSV", type=click.Path(path_type=Path))
@click.option("--organisation", required=True, metavar="COLUMN", help="The column with the organisations.")
@click.option("--count", required=True, metavar="COLUMN", help="The column with the numbers of repositories.")
@click.option("--date", metavar="COLUMN", help="The column with dates, if the counts are cumulative by date.")
@click.option("--source", required=True, metavar="NAME", help="Who published the counts, as shown to readers.")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), help="The file to write, such as earlier/NAME.csv."
)
@debug_option
def import_counts(path: Path, organisation: str, count: str, date: str | None, source: str, output: Path) -> None:
    """Import counts that others published before you.

    They come from a CSV in a clone of the others' git repository. Each version of the CSV gives a row for each
    organisation, with its day (UTC) and its commit. With --date, only the last count of an organisation in each
    version is used. Cells may contain HTML; a link names its organisation. If the CSV has since been moved or
    removed, give its old path.

    Write the output into earlier/, beside the folder of the dataset, and build. These counts are credited to their
    source and shown up to the day of your own first observation.
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
