"""The database as CSV, for spreadsheets: whatever strangers wrote stays text there.

Columns have the same names as in the database, which describes them. Times are UTC, ISO 8601; `size` is in kilobytes;
flags are 1 or 0; `license_share` is between 0 and 1; `topics`, `languages` and `unknown_fields` are JSON lists,
`language_bytes` is a JSON object; an empty cell means none or unknown. Counts called `open_repositories` leave forks
out. The files are UTF-8 with CRLF, as in RFC 4180; no cell has a line break or a tab. An apostrophe that is not in
GitHub's text is put before anything that a spreadsheet might take for a formula, at the start of a text and after a
semicolon, which separates cells in countries with decimal commas.
"""

import csv
import io
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from urllib.parse import quote

import orjson

from scraper.database.tables import COMPOUND_COLUMNS
from scraper.dataset.layout import DATABASE_FILE
from scraper.site import closures, queries

FILES = {
    "downloads/organisations.csv": "Every listed organisation: its status, the date of its data, and its statistics",
    "downloads/repositories.csv": "Every repository with all its facts and counters; fork is 1 for forks",
    "downloads/growth.csv": "Repositories that exist today by day of creation, forks left out",
    "downloads/growth-as-observed.csv": "What was counted on each day of observation",
    "downloads/languages.csv": "Repositories by language and year of creation, forks left out",
    "downloads/licences.csv": "Repositories by licence and year of creation, forks left out",
    "downloads/without-licence.csv": "Every repository in which GitHub found no licence, forks left out",
    "downloads/failed-checks.csv": "Failed checks that can be put right: what to do, and when that was last observed",
    "downloads/events.csv": "What appeared, vanished, was released, gained, lost or changed, and when",
    "downloads/no-longer-public.csv": "What is no longer public, as last known, and its whereabouts; with forks",
    "downloads/closures.csv": "Many repositories lost at once; source names who counted, if not us",
    "downloads/earlier-counts.csv": "What others counted before us, version by version as they published it",
}
"""The meaning of each file, by path. Some are also split by organisation."""

WORKLIST = "downloads/without-licence.csv"
FAILED = "downloads/failed-checks.csv"
BY_ORGANISATION = (WORKLIST, FAILED)
"""Files that are in the order of organisations."""
EARLIER = "downloads/earlier-counts.csv"
"""Files that are left out if nobody counted before us."""
SQL = {
    "downloads/organisations.csv": """
        SELECT organisations.login AS organisation, id, name, status, organisations.observed_at, s.repositories,
            s.open_repositories, stargazers_count, forks_count, open_issues_count, top_language, top_license,
            first_created_at, latest_created_at, with_license, without_license, license_share, archived, not_archived,
            pushed_last_year, not_pushed_last_year
        FROM organisations LEFT JOIN organisation_statistics AS s ON s.organisation = login ORDER BY login""",
    "downloads/repositories.csv": "SELECT * FROM repositories ORDER BY id",
    "downloads/growth.csv": "SELECT * FROM growth ORDER BY organisation, date",
    "downloads/growth-as-observed.csv": "SELECT * FROM organisation_history ORDER BY observed_at, organisation",
    "downloads/languages.csv": "SELECT * FROM language_growth ORDER BY organisation, created_year, language",
    "downloads/licences.csv": "SELECT * FROM license_growth ORDER BY organisation, created_year, license",
    WORKLIST: f"""
        SELECT organisation, id, name, html_url, description, stargazers_count, created_at, pushed_at, archived
        FROM repositories WHERE {queries.WITHOUT_LICENSE} AND fork = 0
        ORDER BY organisation, stargazers_count DESC, id""",  # noqa: S608 - our own text
    FAILED: """
        SELECT full_name AS repository, organisation, check_name AS "check", result, observed_at, remedy, html_url
        FROM check_results WHERE remedy IS NOT NULL ORDER BY organisation, full_name, check_name""",
    "downloads/events.csv": "SELECT * FROM events ORDER BY id",
    "downloads/no-longer-public.csv": "SELECT * FROM no_longer_public ORDER BY missing_at, repository_id",
    "downloads/closures.csv": """
        SELECT organisation, last_seen_at, first_missing_at, last_missing_at, repositories_before, repositories_after,
            gone, share, moved, moved_to, returned, blocked, not_public, unknown, forks, archived, stargazers_count,
            forks_count, without_license, licenses, NULL AS source, NULL AS source_commit FROM closures
        UNION ALL
        SELECT organisation, last_counted_on, first_missing_on, last_missing_on, repositories_before,
            repositories_after, gone, share, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            source, source_commit FROM earlier_closures
        ORDER BY last_missing_at, organisation, source""",
    EARLIER: "SELECT * FROM earlier_counts ORDER BY id",
}

# Characters that begin a formula, and their full-width, small, raised and doubled compatibility forms.
STARTS = "=+@\u2212\u207a-\u207c\u208a-\u208c\u2a75\u2a76\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20-"
# Characters that spreadsheets strip or do not show before it: quotation marks, blanks, controls, invisible ones.
SKIPPED = (
    '"\\s\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f'
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
FORMULA = re.compile(f"(^|;)(?=[{SKIPPED}]*[{STARTS}])")

JSON = {
    "downloads/organisations.json": "Every listed organisation: its status, the date of its data, and its statistics",
    "downloads/repositories.json": "Every repository with all its facts and counters, forks included",
    "downloads/no-longer-public.json": "What is no longer public, as last known, and its whereabouts; with forks",
}

JSON_COLUMNS = (*COMPOUND_COLUMNS, "unknown_fields")
"""Columns that are text in SQL and CSV, but lists and objects here."""

Offers = dict[str, tuple[str, str, int]]
"""Group, meaning and size in bytes of each file, by its path."""


def downloads(connection: sqlite3.Connection) -> dict[str, bytes]:
    """Every file by its path below the site."""
    files = {}
    for path, sql in SQL.items():
        cursor = connection.execute(sql)
        names, rows = [column[0] for column in cursor.description], cursor.fetchall()
        if path == EARLIER and not rows:
            continue
        if path not in BY_ORGANISATION:
            files[path] = _csv(names, rows)
            continue
        found = groupby(rows, key=itemgetter(names.index("organisation")))
        header, own = _csv(names, []), {login: _csv([], of_one) for login, of_one in found}
        files[path] = b"".join([header, *own.values()])
        files |= {own_file(path, login): header + lines for login, lines in own.items()}
    return files


def own_file(path: str, login: str) -> str:
    """The path of an organisation's part of a file; it does not exist if it would have no rows."""
    return f"{path.removesuffix('.csv')}/{quote(login, safe='')}.csv"


def _csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A header, if there are `names`, and a line for each row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if names:
        writer.writerow(names)
    writer.writerows([_neutralised(value) if type(value) is str else value for value in row] for row in rows)
    return text.getvalue().encode()


def _neutralised(text: str) -> str:
    """The text on one line, with nothing that a spreadsheet would compute."""
    return FORMULA.sub(r"\1'", " ".join(text.splitlines()).replace("\t", " "))


def as_json(connection: sqlite3.Connection, *, archive_links: bool = True) -> dict[str, bytes]:
    """The tables that programs need most, as JSON."""
    repositories = queries.rows(connection, "SELECT * FROM repositories ORDER BY id")
    gone = closures.no_longer_public(connection, archive_links=archive_links)
    for each in (*repositories, *gone):
        each |= {name: orjson.Fragment(each[name]) for name in JSON_COLUMNS if each.get(name)}
    contents = (queries.organisations(connection), repositories, gone)
    return {path: orjson.dumps(content) for path, content in zip(JSON, contents, strict=True)}


def offers(files: Mapping[str, bytes], database_size: int) -> Offers:
    """The database and the files that are described; `files` has contents by path."""
    whole = f"downloads/{DATABASE_FILE}"
    return {
        whole: ("SQLite", "Everything, with history and full-text search", database_size),
        **{path: ("CSV", meaning, len(files[path])) for path, meaning in FILES.items() if path in files},
        **{path: ("JSON", meaning, len(files[path])) for path, meaning in JSON.items()},
    }
