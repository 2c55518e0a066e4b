"""Visitors of the server may send any SQL: it cannot use up others' memory or time, and it can only read."""

import asyncio
import resource
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from scraper.database.build import build
from scraper.database.sqlite_file import open_readonly
from scraper.dataset.store import save
from scraper.serving import datasette_app, untrusted_sql
from tests.helpers.examples import invented
from tests.helpers.machine import ROOT

METADATA = ROOT / "metadata.json"


@pytest.fixture(scope="module")
def datasette(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    save(folder / "data", invented())
    build(folder / "data", folder / "x.db")
    return datasette_app.application(folder / "x.db", METADATA)


@pytest.fixture(autouse=True)
def as_installed(monkeypatch):
    """Without rich, which is only for development: it prints a page of local variables for each error."""
    monkeypatch.setattr("datasette.handle_exception.rich", None)


def client(datasette):
    transport = httpx.ASGITransport(app=datasette.app())
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60)


def ask(datasette, *queries):
    """The answers to queries that are sent at the same time, and how long each took."""

    async def one(session, sql):
        start = time.monotonic()
        answer = await session.get("/x.json", params={"sql": sql, "_shape": "array"})
        return answer, time.monotonic() - start

    async def all_of_them():
        await datasette.invoke_startup()
        async with client(datasette) as session:
            return await asyncio.gather(*(one(session, sql) for sql in queries))

    return asyncio.run(all_of_them())


ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
BOMBS = {
    "zeroblob": "select zeroblob(1000000000)",
    "hex": "select hex(zeroblob(900000000))",
    "randomblob": "select hex(randomblob(500000000))",
    "printf": "select printf('%1000000000d', 1)",
    "replace": "select replace(printf('%100000d', 1), ' ', printf('%100000d', 1))",
    "concatenation": "with recursive n(i, x) as (select 1, 'x' union all select i + 1, x || x from n where i < 40)"
    " select max(length(x)) from n",
    "group_concat": "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)"
    " select group_concat(printf('%1000d', i)) from n",
    "json": "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)"
    " select json_group_array(printf('%1000d', i)) from n",
    "many large values": "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)"
    " select zeroblob(900000) from n",
    "endless": ENDLESS,
    "cross join": f"select count(*) from {', '.join(f'repositories r{n}' for n in range(10))}",
    "like": f"select printf('%900000d', 1) like '{'%a' * 400}'",
    "long pattern": f"select 'a' like '{'%a' * 2000}'",
    "deep": f"select {'(' * 500}1{')' * 500}",
    "compound": " union all ".join(["select 1"] * 200),
}


@pytest.mark.parametrize("sql", BOMBS.values(), ids=BOMBS)
def test_no_query_takes_long_or_much(datasette, sql):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [(answer, seconds)] = ask(datasette, sql)
    assert answer.status_code in (400, 414) or len(answer.content) < 2_000_000
    assert seconds < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120_000


def test_a_server_that_is_asked_too_much_says_so_and_answers_the_rest_soon(datasette):
    answers = ask(datasette, *[ENDLESS] * 60)
    statuses = [answer.status_code for answer, _ in answers]
    assert statuses.count(503) == 60 - untrusted_sql.MOST_REQUESTS
    assert max(seconds for _, seconds in answers) < 12
    busy = next(answer for answer, _ in answers if answer.status_code == 503)
    assert busy.headers["retry-after"] == "5"
    [(answer, _)] = ask(datasette, "select 1 as one")
    assert answer.json() == [{"one": 1}]


WRITES = (
    "attach 'file:other.db' as other",
    "vacuum into 'copy.db'",
    "create table t (x)",
    "pragma writable_schema = 1",
    "pragma hard_heap_limit = 0",
    "delete from repositories",
    "select load_extension('x')",
)


@pytest.mark.parametrize("sql", WRITES)
def test_a_connection_reads_and_does_nothing_else(tmp_path, monkeypatch, sql):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as writing:
        writing.execute("CREATE TABLE repositories (id)")
    with closing(open_readonly(path)) as connection:
        untrusted_sql.prepare_connection(connection, "x")
        with pytest.raises(sqlite3.Error):
            connection.execute(sql)
        assert connection.execute("PRAGMA table_info(repositories)").fetchall()
    assert [each.name for each in tmp_path.iterdir()] == ["x.db"]


@pytest.mark.parametrize("path", ["/", "/x/repositories", "/x.json?sql=select+1", "/-/dashboards", "/nowhere"])
def test_every_answer_says_what_a_page_may_do(datasette, path):
    async def get():
        await datasette.invoke_startup()
        async with client(datasette) as session:
            return await session.get(path)

    headers = asyncio.run(get()).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert ("'unsafe-eval'" in headers["content-security-policy"]) == path.startswith("/-/dashboards")


def test_plain_datasette_has_the_same_bounds(tmp_path):
    save(tmp_path / "data", invented())
    build(tmp_path / "data", tmp_path / "x.db")
    command = [Path(sys.executable).with_name("datasette"), "--get", "/x.json?sql=select+zeroblob(100000000)"]
    done = subprocess.run([*command, "-i", tmp_path / "x.db"], capture_output=True, text=True, check=False)
    assert "too big" in done.stdout
