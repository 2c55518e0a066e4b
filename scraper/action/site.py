"""Make the site in a run of the Action: configured by site.yml, for its address on Pages."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scraper.action.inputs import Settings
from scraper.action.workflow_commands import Workflow
from scraper.dataset.layout import found_beside
from scraper.errors import ConfigurationError
from scraper.text import count

if TYPE_CHECKING:  # the modules that make sites take a second to load, and most runs make none
    from scraper.site.configuration import Configuration


@dataclass(frozen=True)
class Site:
    """The site to make, and where."""

    folder: Path
    configuration: "Configuration"
    metadata: dict[str, Any]


def configure(settings: Settings) -> Site | None:
    """The site to make, if any, checked before any work starts. Raises ConfigurationError."""
    if not settings.site:
        return None
    from scraper.database.metadata import default_metadata
    from scraper.site.build import check_output
    from scraper.site.configuration import SITE_FILE, read_configuration

    try:
        check_output(settings.site)
    except ConfigurationError as error:
        raise ConfigurationError(str(error).replace("--output", "Input site-directory:", 1)) from None
    path = found_beside(settings.data, SITE_FILE)
    configuration, metadata = read_configuration(path, settings.metadata or default_metadata(), None)
    if configuration.url is None:
        configuration = replace(configuration, url=pages_address(settings.server_url, settings.repository))
    return Site(settings.site, configuration, metadata)


def make(site: Site, database: Path, workflow: Workflow) -> str:
    """Make the site from the database; return a sentence about it. Raises OssHealthError."""
    from scraper.site.build import build

    with workflow.group("Making the site"):
        files, size = build(database, site.configuration, site.metadata, site.folder)
        sentence = f"A site of {count(files, 'file')} was made, {size / 1e6:,.1f} MB."
        workflow.say(f"{site.folder}: {sentence}")
    return sentence


def pages_address(server_url: str, repository: str) -> str | None:
    """Where GitHub Pages serves a repository; None on a server whose rule is not known."""
    owner, _, name = repository.partition("/")
    if not name or urlsplit(server_url).hostname != "github.com":
        return None
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"
