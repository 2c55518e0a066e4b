"""Datasette's metadata.json, generated from declarations.

It is put together from the folder metadata/, where each query is a file, and from the columns that `tables` and
`views` declare.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from scraper.database.metadata import DASHBOARDS
from scraper.database.query_file import Query, read_query
from scraper.database.tables import TABLES
from scraper.database.views import VIEWS
from scraper.dataset.layout import DATABASE_FILE
from scraper.errors import ConfigurationError

BY_HAND = "datasette.yml"
DATABASE = Path(DATABASE_FILE).stem
SECTIONS = ("dashboards", "database", "queries", "origins", "tables")
"""Keys of datasette.yml that are not Datasette's; `origins` only names what several tables share."""
ORIGINS = ("license", "license_url", "source", "source_url", "about", "about_url")
FIGURE: dict[str, Any] = {"library": "metric", "display": {"field": "figure"}}
"""The chart for a query without a specification: a single number."""
EMBEDDED = {"embedOptions": {"renderer": "svg", "actions": False}}
PAGE_SIZE = 50


def compose(folder: Path) -> dict[str, Any]:
    """Put Datasette's metadata together. Raises ConfigurationError, which names the file that is wrong or missing."""
    by_hand = _by_hand(folder / BY_HAND)
    dashboards, database, order, _, tables = (by_hand.pop(key) for key in SECTIONS)
    origins = {name: database.get(name, by_hand.get(name)) for name in ORIGINS}
    charts = [name for dashboard in dashboards.values() for row in dashboard["layout"] for name in row]
    filters = [name for dashboard in dashboards.values() for name in dashboard["filters"]]
    chosen = _queries(folder / "filters", filters)
    drawn = {name: _chart(folder, name, query) for name, query in _queries(folder / "charts", charts).items()}
    queries = {name: _canned(query, origins) for name, query in _queries(folder / "queries", order).items()}
    plugin = {
        name: {
            **dashboard,
            "filters": {each: _filter(chosen[each]) for each in dashboard["filters"]},
            "charts": {each: drawn[each] for row in dashboard["layout"] for each in row},
        }
        for name, dashboard in dashboards.items()
    }
    described = {**database, "queries": queries, "tables": _tables(tables)}
    return {**by_hand, "plugins": {DASHBOARDS: plugin}, "databases": {DATABASE: described}}


def rendered(metadata: dict[str, Any]) -> str:
    """metadata.json."""
    return json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"


def _by_hand(path: Path) -> dict[str, Any]:
    try:
        by_hand = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}, line {line}: not valid YAML: {error.problem}.") from None
    if missing := [name for name in SECTIONS if name not in by_hand]:
        raise ConfigurationError(f"{path} lacks `{missing[0]}:`.")
    return dict(by_hand)


def _queries(folder: Path, order: list[str]) -> dict[str, Query]:
    """The queries of a folder in this order, which must name each of them."""
    found = {path.stem: path for path in folder.glob("*.sql")}
    if homeless := sorted(found.keys() - set(order)):
        place = f"add `- {homeless[0]}` in {folder.parent / BY_HAND}"
        raise ConfigurationError(f"{found[homeless[0]]} has no place: {place}.")
    if missing := sorted(set(order) - found.keys()):
        raise ConfigurationError(f"{folder.parent / BY_HAND} names {missing[0]}, but {folder} has no such file.")
    return {name: read_query(found[name]) for name in order}


def _canned(query: Query, origins: dict[str, str]) -> dict[str, Any]:
    """A canned query. Datasette passes licence, source and about on to tables, but not to queries."""
    described: dict[str, Any] = {"title": query.title, "description": query.description, "sql": query.sql}
    if query.parameters:
        described["params"] = list(query.parameters)
    return {**described, "hide_sql": True, **{name: value for name, value in origins.items() if value}}


def _chart(folder: Path, name: str, query: Query) -> dict[str, Any]:
    chart = {"title": query.title, "db": DATABASE, "query": query.sql}
    path = folder / "charts" / f"{name}.vl.json"
    if not path.is_file():
        return chart | FIGURE
    try:
        specification = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{path}, line {error.lineno}: not valid JSON: {error.msg}.") from None
    if "$schema" not in specification:
        raise ConfigurationError(f'{path} lacks "$schema": copy it from another chart.')
    common = {"$schema": specification["$schema"], "description": query.description, "usermeta": EMBEDDED}
    return {**chart, "library": "vega-lite", "display": common | specification}


def _filter(query: Query) -> dict[str, str]:
    return {"name": query.title, "type": "select", "db": DATABASE, "query": query.sql}


def _tables(described: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The description of each table and view, with its columns."""
    columns = {
        **{table.name: {column.name: column.meaning for column in table.columns} for table in TABLES},
        **{view.name: view.meanings for view in VIEWS},
    }
    if undescribed := sorted(columns.keys() - described.keys()):
        raise ConfigurationError(f"{BY_HAND} does not describe {undescribed[0]}: add it under `tables`.")
    if unknown := sorted(described.keys() - columns.keys()):
        raise ConfigurationError(f"{BY_HAND} describes {unknown[0]}, but there is no such table or view.")
    return {
        name: {**description, "size": PAGE_SIZE, "columns": columns[name]} for name, description in described.items()
    }
