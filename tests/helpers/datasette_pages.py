"""Datasette in this process, over the database of a dataset."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from datasette.app import Datasette

from scraper.model.accounts import Dataset
from scraper.serving.datasette_app import application
from tests.helpers.built import built
from tests.helpers.machine import METADATA

DATABASE = "/open-source-health"


class Pages:
    """What Datasette answers about a dataset."""

    def __init__(self, datasette: Datasette, dataset: Dataset) -> None:
        self.datasette, self.dataset = datasette, dataset

    def get(self, path: str, **parameters: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            return await self.datasette.client.get(path, params=parameters, follow_redirects=True)

        return asyncio.run(ask())

    def rows(self, query: str, **parameters: str) -> list[dict[str, Any]]:
        response = self.get(f"{DATABASE}/{query}.json", **parameters | {"_shape": "array"})
        assert response.status_code == 200, response.text
        return response.json()


@contextmanager
def published(folder: Path, dataset: Dataset) -> Iterator[Pages]:
    """The pages of this dataset."""
    with opened(built(folder, dataset), dataset) as pages:
        yield pages


@contextmanager
def opened(database: Path, dataset: Dataset) -> Iterator[Pages]:
    """The pages of a database of this dataset."""
    datasette = application(database, METADATA)
    try:
        yield Pages(datasette, dataset)
    finally:
        for each in [*datasette.databases.values(), datasette.get_database("_internal")]:
            each.close()
