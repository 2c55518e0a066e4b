"""A plugin of Datasette, found by its entry point: nothing typed into a search box causes an error."""

import sqlite3

from datasette import hookimpl
from datasette.utils import escape_fts

from scraper.spacing import spaced

MATCHES_NOTHING = '""'


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Put an escape_fts() in the place of Datasette's, which makes of a lone quote what SQLite refuses to parse.

    Within the quotes that it puts around each word, the characters of scripts without spaces become a phrase.
    """
    conn.create_function("escape_fts", 1, lambda text: spaced(escape_fts(text)) or MATCHES_NOTHING)
