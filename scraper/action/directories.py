"""The folders that inputs name: in the checkout, past no link, and each with nothing else in it."""

import os
from pathlib import Path

from scraper.dataset import layout
from scraper.dataset.layout import check_no_link
from scraper.errors import ConfigurationError, DatasetError


def directory(workspace: Path, name: str, option: str) -> Path:
    """A folder that an input names, which no link of the checkout leads to."""
    checkout = workspace.resolve()
    found = Path(os.path.abspath(checkout / name))  # noqa: PTH100 - resolve() would follow the link
    try:
        check_no_link(found, checkout)
    except DatasetError as error:
        raise ConfigurationError(f"Input {option}: {error}") from None
    return found


def site_directory(workspace: Path, name: str, data: Path) -> Path | None:
    """Where the site goes, which takes a folder of its own too: it is replaced as a whole."""
    if not name:
        return None
    site = directory(workspace, name, "site-directory")
    if site in (data, *data.parents) or data in site.parents:
        raise ConfigurationError(f"Input site-directory: {site} contains other files: choose a folder of its own.")
    return site


def scraped_directory(workspace: Path, name: str, data: Path) -> Path | None:
    """A dataset that another job scraped, which is read and not changed."""
    if not name:
        return None
    scraped = directory(workspace, name, "scraped-directory")
    if scraped == data or not (scraped / layout.ORGANISATIONS_FILE).is_file():
        raise ConfigurationError(
            f"Input scraped-directory: {scraped} is not a dataset beside that of data-directory: name the folder into"
            " which the artifact with its files was downloaded."
        )
    return scraped


def check_own(data: Path, workspace: Path) -> None:
    """The dataset needs its own directory, because it has its own README.md."""
    strange = (data / layout.README).exists() and not (data / layout.ORGANISATIONS_FILE).exists()
    if data == workspace or data in workspace.parents or strange:
        raise ConfigurationError(
            f"Input data-directory: {data} holds other things, and the dataset would overwrite README.md: name a"
            " folder of its own, such as data."
        )
