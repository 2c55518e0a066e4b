"""A dataset from an earlier version says the same today as it did then: fields that were added since are not news.

before_health.bundle has ten commits with five invented organisations, written by the version before health; the
expected result is what that version found in them. It lacks all fields added since, so each new one is tested too.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from scraper.database.build import build
from scraper.database.verify import verify
from scraper.dataset.layout import DATABASE_FILE
from tests.helpers.git import git

BUNDLE = Path(__file__).with_name("before_health.bundle")
EVENTS = "SELECT observed_at, kind, organisation, repository_id, full_name, field, old, new FROM events ORDER BY id"
COUNTERS = (
    "SELECT observed_at, repository_id, stargazers_count, forks_count, open_issues_count, size, pushed_at"
    " FROM metric_history ORDER BY 1, 2"
)
KINDS = {
    "appeared": 57,
    "archived": 25,
    "changed": 20,
    "relicensed": 12,
    "renamed": 9,
    "vanished": 4,
    "unarchived": 2,
}
DIGESTS = {
    EVENTS: "7fd6cb0bac3e26d5fe634bab5dd59af0daf680723cf90f789f44484d11155c17",
    COUNTERS: "712d5b270744607b10a77ef273d2c2340051aed42f9f17479b28c28efb50ceb6",
}


def test_what_an_earlier_version_wrote_has_no_other_events(tmp_path):
    git(tmp_path, "clone", "--quiet", "--branch", "main", str(BUNDLE), "clone")
    data = tmp_path / "clone/data"
    build(data, data / DATABASE_FILE)

    with closing(sqlite3.connect(data / DATABASE_FILE)) as connection:
        rows = {sql: connection.execute(sql).fetchall() for sql in DIGESTS}
        checks = connection.execute("SELECT DISTINCT check_name FROM check_history").fetchall()
    assert Counter(row[1] for row in rows[EVENTS]) == KINDS
    assert {sql: hashlib.sha256(json.dumps(each).encode()).hexdigest() for sql, each in rows.items()} == DIGESTS
    assert {"license", "description"} <= {name for (name,) in checks}
    assert verify(data, data / DATABASE_FILE, lambda done, total: None) == []
