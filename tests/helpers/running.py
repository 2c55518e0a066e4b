"""Servers and programs that end with the block that needs them, however it ends; otherwise pytest would hang."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any


@contextmanager
def answering(server: HTTPServer) -> Iterator[str]:
    """The address of a server on loopback, which answers in a separate thread."""
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def program(
    command: Sequence[str | Path], stdout: int = subprocess.PIPE, **options: Any
) -> Iterator[subprocess.Popen[str]]:
    """A running program with readable text output; it is killed if it still runs at the end."""
    with subprocess.Popen(command, stdout=stdout, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()
