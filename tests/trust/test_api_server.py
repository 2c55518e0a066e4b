"""Attacks by an API server: endless and huge answers, false clocks, odd identities, odd values."""

import contextlib
import gzip
import itertools
import json
import socket
import threading
import time
from datetime import UTC, datetime

import pytest

from sandbox import Estate, Sandbox
from sandbox.clock import now as sandbox_now
from sandbox.faults import Fault
from scraper import clock
from scraper.config import ListedAccount
from scraper.errors import Unavailable
from scraper.github import connection
from scraper.github.client import GitHubApi
from scraper.github.repositories import fetch_repositories
from scraper.model.comparison import Tally
from scraper.model.kinds import UNKNOWN
from scraper.scrape import scrape
from tests.helpers.estate import LARGE, PERSON, TOKEN

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server():
    """Start a server that writes what `answer` yields to each connection until it closes; return its address."""
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
    "endless 100 Continue": lambda: drip(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), 0.001),
    "endless chunks": lambda: drip(
        itertools.chain([OK + b"Transfer-Encoding: chunked\r\n\r\n"], itertools.repeat(b"1\r\n \r\n"))
    ),
    "a body without a length": lambda: drip(itertools.chain([OK + b"\r\n[]"], itertools.repeat(b" "))),
}


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
def test_no_answer_takes_longer_than_is_allowed(server, monkeypatch, answer):
    monkeypatch.setattr(connection, "LONGEST_ANSWER", 0.4)
    monkeypatch.setattr("scraper.github.client.ATTEMPTS", 2)
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="2 attempts: it did not answer in time"):
        GitHubApi(server(answer), None, backoff=0.001).get("/orgs/x/repos", {}, list)
    assert time.monotonic() - begun < 10


def zeros(mebibytes):
    """So many bytes of JSON, gzipped."""
    return gzip.compress(b"[" + b" " * (mebibytes * 2**20) + b"]")


TOO_LARGE = {
    "a gzip bomb": lambda: [OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(zeros(64)), zeros(64)],
    "a plain body without end": lambda: itertools.chain([OK + b"\r\n["], itertools.repeat(b" " * 65_536)),
    "an announced gigabyte": lambda: itertools.chain(
        [OK + b"Content-Length: 1000000000\r\n\r\n"], itertools.repeat(b" " * 65_536)
    ),
}


@pytest.mark.parametrize("answer", TOO_LARGE.values(), ids=TOO_LARGE)
def test_no_answer_is_larger_than_is_allowed(server, monkeypatch, answer):
    monkeypatch.setattr("scraper.github.client.ATTEMPTS", 2)
    with pytest.raises(Unavailable, match="2 attempts: its answer was larger than 8 MiB"):
        GitHubApi(server(answer), None, backoff=0.001).get("/orgs/x/repos", {}, list)


def test_a_large_page_over_a_slow_connection_is_accepted(server, monkeypatch):
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
def test_the_servers_clock_is_believed_within_a_day_of_this_machines(server, monkeypatch, date, believed, said):
    here = datetime(2026, 11, 1, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: here)
    api = GitHubApi(server(dated(date)), None)
    for _ in range(2):
        api.get("/orgs/x/repos", {}, list)
    assert api.now().isoformat() == (believed or here.isoformat())
    notices = said()
    assert len(notices) == (0 if believed else 1), "said once"
    assert believed or "using this machine's" in notices[0]


@pytest.fixture
def listen(tmp_path, monkeypatch):
    """Scrape a sandbox twice, the second time with a fault in LARGE; return outcomes by login, and the dataset."""
    monkeypatch.setattr("scraper.github.client.ATTEMPTS", 2)
    with Sandbox(Estate("nhs")) as github:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(sandbox_now(github.date), UTC))

        def listen(*faults, token=TOKEN, first=True, latency=0.0):
            github.latency = latency
            for github.faults in ([], faults) if first else (faults,):
                api = GitHubApi(github.url, token, max_wait=0, backoff=0.001)
                listed = [ListedAccount(LARGE, LARGE), ListedAccount(PERSON, PERSON)]
                report = scrape(
                    api,
                    listed,
                    tmp_path / "data",
                    whole_list=True,
                    workers=2,
                    progress=lambda _: None,
                )
            listen.tally = report.comparison.tally(LARGE.casefold())
            return {outcome.account.listed_login: outcome for outcome in report.outcomes}

        yield listen


BOTH = pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "anonymous"])

ODD_VALUES = {
    "a number beyond all": ("size", "1e999"),
    "a negative number": ("stargazers_count", "-1"),
    "not a number": ("forks_count", "NaN"),
    "a leap second": ("pushed_at", "2016-12-31T23:59:60Z"),
    "30 February": ("pushed_at", "2021-02-30T00:00:00Z"),
    "the year 1": ("pushed_at", "0001-01-01T00:00:00Z"),
    "the year 9999": ("pushed_at", "9999-12-31T23:59:59Z"),
    "null for a topic": ("topics", "[null]"),
    "a deep list": ("topics", "[" * 500 + "]" * 500),
    "a description that is a number": ("description", "7"),
    "a licence that is a list": ("license", "[]"),
    "a word for a boolean": ("archived", "yes"),
}


@BOTH
@pytest.mark.parametrize("field, value", ODD_VALUES.values(), ids=ODD_VALUES)
def test_an_odd_value_stops_nothing_and_a_fact_keeps_its_last_value(listen, field, value, token):
    outcome = listen(Fault("wrong-type", {"login": LARGE, "page": "1", "field": field, "value": value}), token=token)[
        LARGE
    ]
    assert outcome.observed
    assert f"{field} of the wrong kind in 1 repository." in outcome.warnings
    is_fact = field in outcome.account.repositories[0]
    records = outcome.account.repositories if is_fact else outcome.account.metrics
    assert [record[field] for record in records].count(UNKNOWN) == (0 if is_fact else 1)
    kept = f"No valid {field} in GitHub's answer about 1 repository; the last known is kept."
    assert (kept in outcome.warnings) == is_fact
    assert listen.tally == Tally(), "no news"


@pytest.mark.parametrize(
    "field, value", [("created_at", "2016-12-31T23:59:60Z"), ("fork", "7"), ("html_url", "null")]
)
def test_a_required_field_keeps_its_last_value_or_the_record_is_left_out(listen, field, value):
    fault = Fault("wrong-type", {"login": LARGE, "page": "1", "field": field, "value": value})
    fresh = listen(fault, first=False)[LARGE]
    assert fresh.observed
    assert "Skipped 1 new repository because of a value of the wrong kind." in fresh.warnings
    assert len(fresh.account.repositories) == 255
    again = listen(fault)[LARGE]
    assert again.observed
    assert len(again.account.repositories) == 256
    assert listen.tally.vanished == listen.tally.changed == 0


@pytest.mark.parametrize("field, value", [("id", "true"), ("id", "-1"), ("name", "7"), ("full_name", "[]")])
def test_what_identifies_a_repository_refuses_the_answer(listen, field, value):
    outcomes = listen(Fault("wrong-type", {"login": LARGE, "field": field, "value": value}))
    assert outcomes[LARGE].account.record["status"] == "kept"
    assert outcomes[PERSON].observed


ODD_OWNERS = {
    "half a character": '"\\ud800"',
    "a workflow command": '"x\\n::error::y"',
    "colours": '"\\u001b[31mx"',
    "a path": '"../x"',
    "a number": "7",
    "nothing": "null",
    "true": "true",
}


@BOTH
@pytest.mark.parametrize("field", ["login", "type", "id"])
@pytest.mark.parametrize("value", ODD_OWNERS.values(), ids=ODD_OWNERS)
def test_an_odd_identity_is_not_believed_and_not_repeated(listen, field, value, token):
    outcomes = listen(Fault("odd-owner", {"login": LARGE, "field": field, "value": value}), token=token)
    record = outcomes[LARGE].account.record
    assert (record["login"], record["type"]) == (LARGE, "Organization")
    assert str(record["reason"]).isprintable()
    assert outcomes[PERSON].observed
    assert len(outcomes[LARGE].account.repositories) == 256


@BOTH
@pytest.mark.parametrize("value", ["-1", "1e999", "100001", "99999999999999999999", "true", "null", "many"])
def test_an_odd_count_does_not_replace_data_with_nothing(listen, value, token):
    count = Fault("odd-count", {"login": LARGE, "value": value})
    outcomes = listen(count, f"empty-list:login={LARGE}", token=token)
    assert outcomes[LARGE].account.record["status"] == "kept"
    assert len(outcomes[LARGE].account.repositories) == 256
    assert outcomes[PERSON].observed


@BOTH
def test_pages_without_end_are_left_and_the_others_observed(listen, monkeypatch, token):
    monkeypatch.setattr("scraper.github.repositories.MOST_REPOSITORIES", 2_000)
    outcomes = listen(f"endless-pages:login={LARGE}", token=token)
    assert outcomes[PERSON].observed
    assert "has no end: page" in str(outcomes[LARGE].account.record["reason"])


@BOTH
@pytest.mark.parametrize(
    ("bound", "reason"),
    [
        ("scraper.github.owners.LONGEST_LISTING", "answers about it took too long"),
        ("scraper.github.client.LONGEST_RUN", "run"),
    ],
)
def test_a_server_that_is_slow_with_every_page_cannot_hold_a_run(listen, monkeypatch, token, bound, reason):
    listen(token=token)
    monkeypatch.setattr(bound, 2.0)
    begun = time.monotonic()
    endless = (f"endless-pages:login={LARGE}", f"odd-count:login={LARGE},value=100000")
    outcomes = listen(*endless, token=token, first=False, latency=0.1)
    assert time.monotonic() - begun < 10
    assert outcomes[PERSON].observed
    assert outcomes[LARGE].account.record["status"] == "kept"
    assert len(outcomes[LARGE].account.repositories) == 256
    assert reason in str(outcomes[LARGE].account.record["reason"])


@pytest.mark.parametrize("failure", [MemoryError, RecursionError, TypeError("odd"), UnicodeError])
def test_an_answer_that_crashes_the_program_affects_only_its_organisation(listen, monkeypatch, failure):
    def fail(api, last, known):
        if last.listed_login == LARGE:
            raise failure
        return fetch_repositories(api, last, known)

    listen()
    monkeypatch.setattr("scraper.observation.fetch_repositories", fail)
    outcomes = listen(first=False)
    assert outcomes[LARGE].account.record["status"] == "kept"
    assert "made this program fail" in str(outcomes[LARGE].account.record["reason"])
    assert outcomes[PERSON].observed
