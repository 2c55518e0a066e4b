"""Explore: Datasette in the browser, with no server except the one that has the site's files."""

import gzip
import hashlib
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import jinja2
import orjson

from scraper.database.sqlite_file import open_readonly
from scraper.serving.datasette_app import SETTINGS
from scraper.site import npm
from scraper.site.explore import packages

SOURCE = Path(__file__).parent / "browser"
STATIC = ("asgi_bridge.py", "page.css", "page.js", "service-worker.js", "worker.js")


def explore_address(path: str = "/") -> str:
    """The address at which the site shows a page of Datasette, such as `/open-source-health/growth`."""
    return f"explore/#/{path.removeprefix('/')}"


def explore(database: Path, metadata: dict[str, Any], output: Path) -> None:
    """Write explore/ below the folder of the site. Raises OssHealthError if a part of it is not available."""
    folder = output / "explore"
    folder.mkdir(parents=True)
    for name, part in npm.pyodide().items():
        (folder / name).write_bytes(part)
    for name in STATIC:
        shutil.copyfile(SOURCE / name, folder / name)
    content = database.read_bytes()
    described = {"metadata": metadata, "settings": SETTINGS, "inspect": _inspected(database, content)}
    (folder / "configuration.json").write_bytes(orjson.dumps(described))
    (folder / "site-packages.zip").write_bytes(packages.compiled(folder))
    (folder / f"{database.name}.gz").write_bytes(gzip.compress(content, mtime=0))
    (folder / "index.html").write_text(_page(folder, database, metadata), encoding="utf-8")


def _page(folder: Path, database: Path, metadata: dict[str, Any]) -> str:
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in sorted(folder.iterdir())}
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    files = {
        "worker": "worker.js",
        "program": "asgi_bridge.py",
        "packages": "site-packages.zip",
        "configuration": "configuration.json",
        "database": f"{database.name}.gz",
    }
    counted = {*files.values(), "python_stdlib.zip", "pyodide-lock.json"} - {"worker.js"}
    environment = jinja2.Environment(autoescape=True, loader=jinja2.FileSystemLoader(SOURCE), trim_blocks=True)
    return environment.get_template("index.html").render(
        title=metadata.get("title") or "Datasette",
        dates=_dates(database),
        digests=digests,
        megabytes=f"{sum(sizes.values()) / 1e6:.0f} MB",
        parts={
            "database": database.name,
            "bytes": sum(sizes[name] for name in counted),
            # The name never changes, so that a cached page finds the newest file; the digest makes caches fetch it
            # again.
            "files": {what: f"{name}?v={digests[name]}" for what, name in files.items()},
        },
    )


def _dates(database: Path) -> list[str]:
    """The first and last days on which the organisations were observed: one if they are the same, or none."""
    with closing(open_readonly(database)) as connection:
        found = connection.execute(
            "SELECT DISTINCT date(f) FROM (SELECT min(observed_at) AS f FROM organisations"
            " UNION ALL SELECT max(observed_at) FROM organisations) WHERE f NOT NULL ORDER BY 1"
        )
        return [date for (date,) in found]


def _inspected(database: Path, content: bytes) -> dict[str, Any]:
    """The output of `datasette inspect`, so that no page needs to count rows first."""
    with closing(open_readonly(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
    return {
        database.stem: {
            "hash": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "file": database.name,
            "tables": {name: {"count": count} for name, count in counts.items()},
        }
    }
