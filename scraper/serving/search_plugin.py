"""A Datasette plugin, found by its entry point, so that nothing typed into a search box causes an error."""

import sqlite3

from datasette import hookimpl
from datasette.utils import escape_fts

from scraper.spacing import spaced

MATCHES_NOTHING = '""'


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Replace Datasette's escape_fts(), which turns a single quotation mark into something that SQLite cannot parse.

    Within the quotation marks that it puts around each word, characters of scripts without spaces become a phrase.
    """
    conn.create_function("escape_fts", 1, lambda text: spaced(escape_fts(text)) or MATCHES_NOTHING)
