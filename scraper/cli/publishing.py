"""The command that makes the site."""

from pathlib import Path

import click

from scraper.cli.options import data_option, database_option, debug_option, metadata_option, renamed, verbose_option
from scraper.config import DATABASE_FILE
from scraper.dataset.layout import found_beside
from scraper.text import count


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of the site. It must contain nothing else, because it is replaced as a whole.",
)
@data_option
@database_option
@metadata_option
@renamed("--site", "--config")
@click.option(
    "--config",
    "site_file",
    type=click.Path(path_type=Path),
    help="File with title, colour, publisher and address; see docs/site.md.  [default: site.yml beside the folder of"
    " the dataset, if it exists]",
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
    """Make a static site from the database.

    It has pages, charts, feeds, downloads, and Datasette in the browser. It appears complete or not at all, and the
    same database gives the same bytes.
    """
    from scraper.database.metadata import default_metadata
    from scraper.site import build as builder
    from scraper.site.configuration import SITE_FILE, read_configuration

    builder.check_output(output)
    site_file = site_file or found_beside(data, SITE_FILE)
    configuration, described = read_configuration(site_file, metadata or default_metadata(), url)
    files, size = builder.build(
        database or data / DATABASE_FILE,
        configuration,
        described,
        output,
        with_explore=not no_explore,
    )
    click.echo(f"{output}: {count(files, 'file')}, {size / 1e6:,.1f} MB.")
