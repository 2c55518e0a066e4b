"""Which metadata.json is used, and which parts of it are published.

It is the one that comes with the program, unless another is named: a file of that name in the folder where a command
happens to run may be anybody's, and its SQL would be run.
"""

from pathlib import Path
from typing import Any

from scraper.errors import ConfigurationError

TEXTS = {
    *("title", "description", "description_html", "license", "license_url"),
    *("source", "source_url", "about", "about_url"),
}
QUERY = TEXTS | {"sql", "params", "hide_sql", "fragment"}
TABLE = TEXTS | {
    *("columns", "facets", "facet_size", "label_column", "sort", "sort_desc", "size", "hidden", "units"),
    *("sortable_columns", "fts_table", "fts_pk", "searchmode"),
}
DASHBOARDS = "datasette-dashboards"


def default_metadata() -> Path:
    """The metadata.json that was installed with the package, or that is beside it in a checkout."""
    package = Path(__file__).parents[1]
    for path in (package / "metadata.json", package.parent / "metadata.json"):
        if path.is_file():
            return path
    raise ConfigurationError("The program was installed without its metadata.json: name one with --metadata.")


def publishable(metadata: dict[str, Any]) -> dict[str, Any]:
    """Only what describes the data. Everything else, such as plugin settings and who may log in, stays private."""
    plugins = _of(metadata.get("plugins"), {DASHBOARDS})
    databases = {
        name: {
            **_of(database, TEXTS),
            "tables": {table: _of(described, TABLE) for table, described in _objects(database, "tables").items()},
            "queries": {query: _of(described, QUERY) for query, described in _objects(database, "queries").items()},
        }
        for name, database in _objects(metadata, "databases").items()
    }
    return {**_of(metadata, TEXTS | {"extra_css_urls"}), "plugins": plugins, "databases": databases}


def _of(part: object, keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key in keys} if isinstance(part, dict) else {}


def _objects(part: object, key: str) -> dict[str, Any]:
    found = part.get(key) if isinstance(part, dict) else None
    return found if isinstance(found, dict) else {}
