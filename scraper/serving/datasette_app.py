"""The database in Datasette, on this machine."""

import contextlib
import os
import socket
import sqlite3
from pathlib import Path
from typing import Any, TypeAlias

import uvicorn
from datasette.app import Datasette
from datasette.utils import BadMetadataError, parse_metadata

from scraper.database.sqlite_file import open_readonly
from scraper.errors import ConfigurationError
from scraper.serving.static_files import served

SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 5000,
    "sql_time_limit_ms": 1000,
    "facet_time_limit_ms": 1000,
    "suggest_facets": False,
    "default_cache_ttl": 60,
    "truncate_cells_html": 200,
}

Shape: TypeAlias = "dict[str, Shape]"
ANY = "*"
METADATA_SHAPE: Shape = {"plugins": {}, "databases": {ANY: {"tables": {ANY: {"columns": {}}}, "queries": {}}}}
INSPECT_SHAPE: Shape = {ANY: {"tables": {ANY: {}}}}
"""The parts that must be objects; ANY stands for every name."""

NOTHING_OBSERVED = (
    "<p><strong>Are the tables empty?</strong> No organisation has been observed yet. Stop Datasette, then run"
    " <code>make scrape</code> to ask the live GitHub, or <code>make demo</code> to see everything with invented"
    " data.</p>"
)


def application(database: Path, metadata: Path, inspect_file: Path | None = None) -> Datasette:
    """Datasette over `database`, which it will not change. Raises ConfigurationError if a file cannot be used.

    `inspect_file` is the output of `datasette inspect` for the database, which saves counting at the first visit.
    """
    empty = _is_empty(database)
    described = _metadata(metadata)
    if empty:
        for each in (described, described.get("databases", {}).get(database.stem, {})):
            if "description_html" in each:
                each["description_html"] += NOTHING_OBSERVED
    return Datasette(
        immutables=[str(database)],
        inspect_data=_inspected(inspect_file) if inspect_file else None,
        metadata=described,
        cors=True,
        settings=SETTINGS,
    )


def _is_empty(database: Path) -> bool:
    """Whether the database has no repository at all."""
    if not database.is_file():
        raise ConfigurationError(f"There is no database at {database}: run `oss-health build`.")
    try:
        with contextlib.closing(open_readonly(database)) as connection:
            return connection.execute("SELECT 1 FROM repositories").fetchone() is None
    except sqlite3.Error:
        raise ConfigurationError(f"{database} was not built by `oss-health build`: run it again.") from None


def _metadata(path: Path) -> dict[str, Any]:
    described: dict[str, Any] = _parsed(path)
    _check(path, described, METADATA_SHAPE, "Datasette metadata")
    return described


def _inspected(path: Path) -> dict[str, Any]:
    inspected: dict[str, Any] = _parsed(path)
    _check(path, inspected, INSPECT_SHAPE, "a file that `datasette inspect` wrote")
    return inspected


def _parsed(path: Path) -> Any:
    try:
        return parse_metadata(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"Cannot read {path}: {error.strerror}.") from error
    except (BadMetadataError, UnicodeDecodeError):
        raise ConfigurationError(f"{path} is neither JSON nor YAML.") from None


def _check(path: Path, part: object, shape: Shape, kind: str, where: str = "") -> None:
    """Refuse what would make single pages of Datasette fail long after the start."""
    if not isinstance(part, dict):
        at = f" at {where}" if where else ""
        raise ConfigurationError(f"{path} is not {kind}: an object was expected{at}.")
    for key, inner in shape.items():
        for name in part if key == ANY else part.keys() & {key}:
            _check(path, part[name], inner, kind, f"{where}.{name}".lstrip("."))


def serve(
    database: Path,
    metadata: Path,
    port: int,
    host: str = "127.0.0.1",
    inspect_file: Path | None = None,
    site: Path | None = None,
) -> None:
    """Answer on `host` and `port` until interrupted, and serve the folder of pages, if there is one, on the next
    port.

    Raises ConfigurationError if that is impossible.
    """
    datasette = application(database, metadata, inspect_file)
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"{port} is not a port: choose one from 1 to 65535 with --port.")
    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error
        raise ConfigurationError(
            f"Cannot listen on {host}, port {port} ({reason}): choose another with --port (for make, PORT=8002)."
        ) from error
    with contextlib.ExitStack() as ends:
        ends.enter_context(listening)
        if site:
            pages = ends.enter_context(served(site, host, port + 1 if port else 0))
            print(f"The site is at {pages}", flush=True)
        ends.enter_context(contextlib.suppress(KeyboardInterrupt))
        address = f"http://{host}:{listening.getsockname()[1]}"
        print(f"Datasette is at {address}. Press Ctrl-C to stop.", flush=True)
        config = uvicorn.Config(datasette.app(), log_level="warning", lifespan="on")
        uvicorn.Server(config).run(sockets=[listening])
