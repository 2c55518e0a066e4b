"""Write what is generated from declarations: data/README.md, and the columns in Datasette's metadata.json."""

import copy
import json
from pathlib import Path
from typing import Any

from scraper.database.tables import TABLES
from scraper.database.views import VIEWS
from scraper.dataset import atomic
from scraper.dataset.readme import readme

ORIGINS = ("license", "license_url", "source", "source_url", "about", "about_url")


def describe_columns(metadata: dict[str, Any]) -> dict[str, Any]:
    """Datasette's metadata with what each column of each table and view means, as `tables` and `views` say."""
    described = copy.deepcopy(metadata)
    for database in described["databases"].values():
        for table in TABLES:
            columns = {column.name: column.meaning for column in table.columns}
            database["tables"].setdefault(table.name, {})["columns"] = columns
        for view in VIEWS:
            database["tables"].setdefault(view.name, {})["columns"] = view.meanings
    return described


def credit_queries(metadata: dict[str, Any]) -> dict[str, Any]:
    """Datasette's metadata with licence, source and about on each canned query: for tables alone it inherits them."""
    told = copy.deepcopy(metadata)
    for database in told["databases"].values():
        origins = {name: database.get(name, told.get(name)) for name in ORIGINS}
        for query in database["queries"].values():
            query |= {name: value for name, value in origins.items() if value}
    return told


def rendered(metadata: dict[str, Any]) -> str:
    """metadata.json."""
    return json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write data/README.md again, and in metadata.json the columns and where each canned query has its data from."""
    metadata = Path("metadata.json")
    described = credit_queries(describe_columns(json.loads(metadata.read_text(encoding="utf-8"))))
    atomic.replace(metadata, rendered(described).encode())
    atomic.replace(Path("data/README.md"), readme().encode())


if __name__ == "__main__":
    main()
