"""Datasette in the page: the worker runs this in Pyodide, which has neither threads nor hard links."""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

os.link = os.symlink  # type: ignore[assignment]  # aiofiles needs one to wrap, but nothing calls it

from datasette.app import Datasette  # noqa: E402


class Answering:
    """Datasette at `base`, the address of the pages below the site's origin."""

    def __init__(self, database: str, configuration: str, base: str, origin: str) -> None:
        described = json.loads(configuration)
        settings = described["settings"] | {"num_sql_threads": 0, "base_url": base}
        self.datasette = Datasette(
            immutables=[database],
            metadata=described["metadata"],
            inspect_data=described["inspect"],
            settings=settings,
        )
        self.base = base
        self.scheme, _, self.host = origin.partition("://")

    async def start(self) -> None:
        await self.datasette.invoke_startup()
        self.application = self.datasette.app()

    async def answer(self, path: str, query: str) -> tuple[int, list[list[str]], bytes]:
        """Status, headers and body of the page at `path`, without the base, which links would otherwise repeat."""
        status, headers, body = 0, [], bytearray()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], self._headers(path, message["headers"])
            else:
                body.extend(message.get("body", b""))

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": self.scheme,
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "headers": [(b"host", self.host.encode("ascii"))],
            "client": None,
            "server": None,
        }
        await self.application(scope, receive, send)
        return status, headers, bytes(body)

    def _headers(self, path: str, headers: Iterable[tuple[bytes, bytes]]) -> list[list[str]]:
        """The headers of an answer; a CSV is marked as a download, because as text it would fill the frame."""
        named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
        file = path.rpartition("/")[2]
        if file.endswith(".csv"):
            named["content-disposition"] = f'attachment; filename="{file}"'
        if named.get("location", "").startswith("/") and not named["location"].startswith(self.base):
            named["location"] = self.base + named["location"].removeprefix("/")
        return [[name, value] for name, value in named.items()]


def versions() -> str:
    """The versions of what runs here, for those who want to know."""
    import sqlite3

    return f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
