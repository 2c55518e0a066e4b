"""The commands of `oss-health`."""

import click

from scraper import __version__
from scraper.cli import database, dataset, publishing, scraping
from scraper.cli.options import ErrorBoundary


@click.group(cls=ErrorBoundary, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="oss-health")
def main() -> None:
    """Statistics of the public repositories of GitHub organisations, kept in git and published as SQL.

    \b
    oss-health scrape    GitHub        -> data/*.json
    oss-health build     data/*.json   -> data/open-source-health.db
    oss-health serve     the database  -> Datasette at http://127.0.0.1:8001
    oss-health site      the database  -> a folder of web pages
    oss-health verify    the database  == what git says?
    oss-health forget    a login or id -> removed from data/ for good
    oss-health import-counts    what others published in git -> earlier/*.csv
    """


for command in (
    *(scraping.scrape, database.build, database.serve, publishing.site, database.verify),
    *(dataset.forget, dataset.import_counts, scraping.action),
):
    main.add_command(command)
