"""What the tests of the site share: what npm brought if it is there, and a web server such as a host of files has."""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scraper.errors import OssHealthError
from scraper.site import parts


def missing(tool: str) -> None:
    """Skip for want of a tool, and say which; in CI that is a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{tool} is missing")


@pytest.fixture
def npm() -> None:
    if shutil.which("npm") is None:
        missing("npm")


@pytest.fixture(scope="session")
def parts_folder() -> Path:
    """What `make` fetched from npm."""
    try:
        return parts.charts_script().parent
    except OssHealthError as error:
        return missing(f"what the site takes from npm ({error})")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: a browser may hang up when it likes."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server on loopback that has the files of `folder`."""
    server = _Server(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
