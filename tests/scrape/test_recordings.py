"""GitHub's answers in the form of 2021, recorded or invented, all the way to SQL."""

import json
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from sandbox import Recordings, Sandbox
from scraper.database.build import build
from tests.helpers.estate import files


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
def test_what_was_recorded_is_in_the_database(answers, run, tmp_path, token):
    recorded = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in answers.glob("*.json")}
    listed = [login.lower() for login in recorded]
    with Sandbox(Recordings(answers)) as github:
        report = run(*listed, token=token, url=github.url)
        assert report.exit_code == 0
        written = files(tmp_path / "data")
        assert run(*listed, token=token, url=github.url).files == []
        assert files(tmp_path / "data") == written
    build(tmp_path / "data", tmp_path / "health.db")
    with closing(sqlite3.connect(tmp_path / "health.db")) as database:

        def ask(sql):
            return database.execute(sql).fetchall()

        counts = {login: len(records) for login, records in recorded.items()}
        assert dict(ask("select login, repositories from organisations")) == counts
        assert dict(ask("select organisation, count(*) from repositories group by 1")) == counts
        assert ask(f"select count(*) from repositories where organisation = '{listed[0].upper()}'") == [
            (next(iter(counts.values())),)
        ]
        # What GitHub did not say in 2021 is unknown, not false.
        assert ask("select distinct topics, is_template, allow_forking from repositories") == [(None, None, None)]
        raw = [record for records in recorded.values() for record in records]
        licenses = Counter(record["license"]["spdx_id"] if record["license"] else None for record in raw)
        assert dict(ask("select license, count(*) from repositories group by 1")) == licenses
        assert set(ask("select id, language, archived, created_at from repositories")) == {
            (record["id"], record["language"], record["archived"], record["created_at"]) for record in raw
        }
