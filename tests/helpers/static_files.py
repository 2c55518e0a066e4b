"""A server on loopback with the files in a folder."""

import functools
import http.server
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.helpers.running import answering


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: browsers may disconnect at any time."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server on loopback with the files in `folder`."""
    with answering(_Server(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))) as address:
        yield f"{address}/"
