"""The database in Datasette, on this machine."""

import contextlib
import os
import socket
import sqlite3
import webbrowser
from pathlib import Path

import uvicorn
from datasette.app import Datasette
from datasette.utils import BadMetadataError, parse_metadata

from scraper.errors import ConfigurationError

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 5000,
    "sql_time_limit_ms": 5000,
    "facet_time_limit_ms": 1000,
    "suggest_facets": False,
    "default_cache_ttl": 60,
    "truncate_cells_html": 200,
}


def default_metadata() -> Path:
    """metadata.json of the folder we stand in; else the one that was installed with the package."""
    package = Path(__file__).parent
    places = [Path("metadata.json"), package / "metadata.json", package.parent / "metadata.json"]
    for path in places:
        if path.is_file():
            return path
    raise ConfigurationError("There is no metadata.json here: name one with --metadata.")


def application(database: Path, metadata: Path) -> Datasette:
    """Datasette over `database`, which it will not change. Raises ConfigurationError if either cannot be used."""
    if not database.is_file():
        raise ConfigurationError(f"There is no database at {database}: run `oss-health build`.")
    try:
        uri = f"{database.resolve().as_uri()}?immutable=1"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.execute("SELECT 1 FROM repositories")
    except sqlite3.Error:
        raise ConfigurationError(
            f"{database} is not a database that `oss-health build` made: run it again."
        ) from None
    try:
        described = parse_metadata(metadata.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"Cannot read {metadata}: {error.strerror}.") from error
    except (BadMetadataError, UnicodeDecodeError):
        raise ConfigurationError(f"{metadata} is neither JSON nor YAML.") from None
    if not isinstance(described, dict):
        raise ConfigurationError(f"{metadata} is no metadata of Datasette: an object was expected.")
    return Datasette(immutables=[str(database)], metadata=described, cors=True, settings=SETTINGS)


def serve(database: Path, metadata: Path, port: int, host: str = "127.0.0.1", open_browser: bool = False) -> None:
    """Answer on `host` and `port` until interrupted. Raises ConfigurationError if that cannot begin."""
    datasette = application(database, metadata)
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"There is no port {port}: choose one from 1 to 65535 with --port.")
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise ConfigurationError(
            f"Cannot listen on {host}, port {port} ({reason}): choose another with --port (for make, PORT=8002)."
        ) from error
    with listening, contextlib.suppress(KeyboardInterrupt):
        address = f"http://{host}:{listening.getsockname()[1]}"
        print(f"Datasette answers at {address}. Ctrl-C ends it.", flush=True)
        if open_browser:
            webbrowser.open(address)
        config = uvicorn.Config(datasette.app(), log_level="warning", lifespan="on")
        uvicorn.Server(config).run(sockets=[listening])
