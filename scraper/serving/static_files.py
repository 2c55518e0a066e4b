"""Serve a folder as a website on this machine, to look at what `oss-health site` made."""

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from scraper.errors import ConfigurationError


class _Handler(http.server.SimpleHTTPRequestHandler):
    # Whatever the machine's own table says, browsers run these with no other type.
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".xml": "application/xml",
    }

    def log_message(self, *_: Any) -> None:
        """Log nothing: the terminal is for the addresses."""

    def list_directory(self, path: Any) -> None:
        """List no folders: files without a link to them are private."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with the site's own page for errors, as a web host does."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextlib.contextmanager
def served(folder: Path, host: str, port: int) -> Iterator[str]:
    """The address that serves the files in `folder`; port 0 chooses a free one."""
    if not (folder / "index.html").is_file():
        raise ConfigurationError(f"There is no site in {folder}: run `oss-health site --output {folder}`.")
    try:
        server = http.server.ThreadingHTTPServer(
            (host, port), functools.partial(_Handler, directory=str(folder.resolve()))
        )
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigurationError(
            f"Cannot listen on {host}, port {port} ({reason}), for the site: choose another with --port."
        ) from error
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{host}:{server.server_port}/"
        finally:
            server.shutdown()
