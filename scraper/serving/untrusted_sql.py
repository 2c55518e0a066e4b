"""A Datasette plugin: limits on what visitors may ask, and headers on the answers.

Anyone may send SQL, so each connection has the limits that SQLite recommends for untrusted SQL, an authorizer that
allows only reading, and a limit on the size of results. https://sqlite.org/security.html
"""

import sqlite3
import weakref
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette import hookimpl

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1_000_000,  # bytes of a value or a row: ten times our longest
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 500,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 500,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 10_000,  # Datasette looks up the labels of a whole page in one query
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
}
LARGEST_HEAP = 256 * 1024 * 1024
"""Bytes that SQLite may use for all connections together."""
LARGEST_RESULT = 16 * 1024 * 1024
"""Bytes of text and blobs that one query may return."""
MOST_REQUESTS = 16
"""Requests at once: with a second for each query and three threads, nobody waits much longer than five seconds."""

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
DATASETTES_OWN = ("_internal", "_memory")
"""In-memory databases, which Datasette writes: what it knows about the tables, and one to test SQLite's features."""
WRITING = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE}
PRAGMAS = ("table_info", "table_xinfo", "table_list", "foreign_key_list", "index_list", "index_info", "index_xinfo")
"""Pragmas that take the name of a table or an index; any other may be read, but not set."""

POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline'",
    "style-src": "'self' 'unsafe-inline' data:",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
"""What Datasette's pages may do: run the scripts that they contain, and load nothing from elsewhere."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
BUSY = b"This server has many queries to answer. Please try again in a few seconds.\n"

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Limit what a Datasette connection may do and cost."""
    for pragma in ("trusted_schema = off", "cell_size_check = on", f"hard_heap_limit = {LARGEST_HEAP}"):
        conn.execute(f"PRAGMA {pragma}")
    limit(conn)
    if database not in DATASETTES_OWN:
        conn.set_authorizer(_authorize)
    conn.row_factory = _bounded_rows()


def limit(connection: sqlite3.Connection) -> None:
    """Set SQLite's limits for untrusted SQL on a connection."""
    for category, value in LIMITS.items():
        connection.setlimit(category, value)


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    reads = action in READING or (action == sqlite3.SQLITE_PRAGMA and (second is None or first in PRAGMAS))
    # Virtual tables, such as the search index, declare their columns like this; the file itself is read-only.
    declares = action == sqlite3.SQLITE_CREATE_TABLE or (action in WRITING and first == "sqlite_master")
    return sqlite3.SQLITE_OK if reads or declares else sqlite3.SQLITE_DENY


def _bounded_rows() -> Callable[[sqlite3.Cursor, tuple[Any, ...]], sqlite3.Row]:
    """Makes rows, and refuses results that would fill the memory although each value is within the limits."""
    current: weakref.ref[sqlite3.Cursor] | None = None
    size = 0

    def row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        nonlocal current, size
        if current is None or current() is not cursor:
            current, size = weakref.ref(cursor), 0
        size += sum(len(value) for value in values if isinstance(value, str | bytes))
        if size > LARGEST_RESULT:
            raise sqlite3.OperationalError(f"the result is larger than {LARGEST_RESULT // 2**20} MiB: ask for less")
        return sqlite3.Row(cursor, values)

    return row


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper() -> Callable[[Application], Application]:
    """Refuse requests that would have to wait too long, and say in headers what a page may do."""

    def wrap(application: Application) -> Application:
        under_way = 0

        async def bounded(scope: Message, receive: Any, send: Send) -> None:
            nonlocal under_way
            if scope["type"] != "http":
                await application(scope, receive, send)
                return

            async def with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    theirs = message["headers"]
                    named = {name.lower() for name, _ in theirs}
                    ours = [header for header in headers_of(scope["path"]) if header[0] not in named]
                    message = {**message, "headers": [*theirs, *ours]}
                await send(message)

            if under_way >= MOST_REQUESTS and "/-/static" not in scope["path"]:
                kind = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"5")]
                await with_headers({"type": "http.response.start", "status": 503, "headers": kind})
                await send({"type": "http.response.body", "body": BUSY})
                return
            under_way += 1
            try:
                await application(scope, receive, with_headers)
            finally:
                under_way -= 1

        return bounded

    return wrap


def headers_of(path: str) -> list[tuple[bytes, bytes]]:
    """The security headers of the page at a path."""
    policy = POLICY
    if "/-/dashboards" in path:  # Vega, which draws them, makes functions from text
        policy = POLICY | {"script-src": POLICY["script-src"] + " 'unsafe-eval'"}
    headers = HEADERS | {"content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items())}
    return [(name.encode(), value.encode()) for name, value in headers.items()]
