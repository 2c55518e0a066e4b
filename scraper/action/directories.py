"""Check the folders that inputs name: in the checkout, not behind a link, and with nothing else in them."""

import os
from pathlib import Path

from scraper.dataset import layout
from scraper.dataset.layout import check_no_link
from scraper.errors import ConfigurationError, DatasetError


def directory(workspace: Path, name: str, option: str) -> Path:
    """The folder that an input names. Raises ConfigurationError if a link in the checkout leads to it."""
    checkout = workspace.resolve()
    found = Path(os.path.abspath(checkout / name))  # noqa: PTH100 - resolve() would follow the link
    try:
        check_no_link(found, checkout)
    except DatasetError as error:
        raise ConfigurationError(f"Input {option}: {error}") from None
    return found


def site_directory(workspace: Path, name: str, data: Path) -> Path | None:
    """The folder for the site, which must contain nothing else, because it is replaced as a whole."""
    if not name:
        return None
    site = directory(workspace, name, "site-directory")
    if site in (data, *data.parents) or data in site.parents:
        raise ConfigurationError(f"Input site-directory: {site} contains other files: choose an empty folder.")
    return site


def scraped_directory(workspace: Path, name: str, data: Path) -> Path | None:
    """The folder of a dataset that another job scraped; it is only read."""
    if not name:
        return None
    scraped = directory(workspace, name, "scraped-directory")
    if scraped == data or not (scraped / layout.ORGANISATIONS_FILE).is_file():
        raise ConfigurationError(
            f"Input scraped-directory: {scraped} is not a second dataset: name the folder into which the artifact"
            " with its files was downloaded, which must not be data-directory."
        )
    return scraped


def check_own(data: Path, workspace: Path) -> None:
    """Check that nothing else is in the dataset's directory, where its README.md would be overwritten."""
    strange = (data / layout.README).exists() and not (data / layout.ORGANISATIONS_FILE).exists()
    if data == workspace or data in workspace.parents or strange:
        raise ConfigurationError(
            f"Input data-directory: {data} contains other files, and the dataset would overwrite README.md: name a"
            " folder of its own, such as data."
        )
