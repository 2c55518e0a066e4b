"""Attacks by an API server: answers without end or bounds, false clocks, odd identities, odd values."""

import contextlib
import gzip
import itertools
import json
import socket
import threading
import time
from datetime import UTC, datetime

import pytest

from scraper import clock, connection
from scraper.errors import Unavailable
from scraper.github_api import GitHubApi

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server():
    """Start a server that writes what `answer` yields to each connection, until nobody listens; its address."""
    with contextlib.ExitStack() as stack:

        def start(answer):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def talk(link):
                with link, contextlib.suppress(OSError):
                    link.recv(65_536)
                    for part in answer():
                        link.sendall(part)

            def serve():
                with contextlib.suppress(OSError):
                    while True:
                        threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()

            threading.Thread(target=serve, daemon=True).start()
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield start


def drip(parts, seconds=0.02):
    for part in parts:
        yield part
        time.sleep(seconds)


def each(text):
    return (bytes([byte]) for byte in text)


ENDLESS = {
    "a byte at a time": lambda: drip(each(OK + b"Content-Length: 4000\r\n\r\n" + b" " * 4000)),
    "headers that drip": lambda: drip(itertools.chain([OK], each(b"x-slow: " + b"y" * 9000))),
    "a status line that drips": lambda: drip(each(OK + b"x" * 9000)),
    "100 Continue for ever": lambda: drip(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), 0.001),
    "chunks for ever": lambda: drip(
        itertools.chain([OK + b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"1\r\n \r\n"))
    ),
    "a body of no announced length": lambda: drip(itertools.chain([OK + b"\r\n[]"], itertools.repeat(b" "))),
}


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
def test_no_answer_takes_longer_than_is_allowed(server, monkeypatch, answer):
    monkeypatch.setattr(connection, "LONGEST_ANSWER", 0.4)
    monkeypatch.setattr("scraper.github_api.ATTEMPTS", 2)
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="2 attempts: it did not answer in time"):
        GitHubApi(server(answer), None, backoff=0.001).get("/orgs/x/repos", {}, list)
    assert time.monotonic() - begun < 10


def zeros(mebibytes):
    """So much JSON, gzipped."""
    return gzip.compress(b"[" + b" " * (mebibytes * 2**20) + b"]")


LARGE = {
    "a gzip bomb": lambda: [OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(zeros(64)), zeros(64)],
    "a plain body without end": lambda: itertools.chain([OK + b"\r\n["], itertools.repeat(b" " * 65_536)),
    "an announced gigabyte": lambda: itertools.chain(
        [OK + b"Content-Length: 1000000000\r\n\r\n"], itertools.repeat(b" " * 65_536)
    ),
}


@pytest.mark.parametrize("answer", LARGE.values(), ids=LARGE)
def test_no_answer_is_larger_than_is_allowed(server, monkeypatch, answer):
    monkeypatch.setattr("scraper.github_api.ATTEMPTS", 2)
    with pytest.raises(Unavailable, match="2 attempts: its answer was larger than 8 MiB"):
        GitHubApi(server(answer), None, backoff=0.001).get("/orgs/x/repos", {}, list)


def test_a_large_page_over_a_slow_line_is_taken(server, monkeypatch):
    page = json.dumps([{"id": number, "text": "x" * 6_000} for number in range(100)]).encode()
    parts = [page[start : start + 6_000] for start in range(0, len(page), 6_000)]
    monkeypatch.setattr(connection, "LONGEST_ANSWER", 30)
    url = server(lambda: drip([OK + b"Content-Length: %d\r\n\r\n" % len(page), *parts], 0.01))
    assert len(GitHubApi(url, None, timeout=1).get("/orgs/x/repos", {}, list).body) == 100


def dated(date):
    return lambda: [OK + f"Date: {date}\r\nContent-Length: 2\r\n\r\n[]".encode()]


@pytest.mark.parametrize(
    ("date", "believed"),
    [
        ("Sun, 01 Nov 2026 18:00:00 GMT", "2026-11-01T18:00:00+00:00"),
        ("Sun, 01 Nov 2026 01:00:00 GMT", "2026-11-01T01:00:00+00:00"),
        ("Thu, 01 Jan 2099 00:00:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
    ],
)
def test_the_servers_clock_is_believed_within_a_day_of_this_machines(server, monkeypatch, date, believed):
    here = datetime(2026, 11, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: here)
    notices = []
    api = GitHubApi(server(dated(date)), None, notify=notices.append)
    for _ in range(2):
        api.get("/orgs/x/repos", {}, list)
    assert api.now().isoformat() == (believed or here.isoformat())
    assert len(notices) == (0 if believed else 1), "said once"
    assert believed or "this machine's is believed" in notices[0]
