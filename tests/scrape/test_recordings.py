"""Real answers of GitHub, recorded on 2021-03-04, all the way to SQL. They are not part of this repository."""

import json
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from sandbox import Recordings, Sandbox
from scraper.database.build import build
from tests.helpers.estate import files

COUNTS = {"nhsconnect": 177, "nhsuk": 100, "NHSDigital": 79, "nhsx": 42, "nhsengland": 23, "111Online": 13}


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
def test_434_repositories_in_six_organisations(real_recordings, run, tmp_path, token):
    with Sandbox(Recordings(real_recordings)) as github:
        report = run("nhsdigital", *(COUNTS.keys() - {"NHSDigital"}), token=token, url=github.url)
        assert report.exit_code == 0
        written = files(tmp_path / "data")
        assert run("nhsdigital", *(COUNTS.keys() - {"NHSDigital"}), token=token, url=github.url).files == []
        assert files(tmp_path / "data") == written
    build(tmp_path / "data", tmp_path / "health.db")
    with closing(sqlite3.connect(tmp_path / "health.db")) as database:

        def ask(sql):
            return database.execute(sql).fetchall()

        assert dict(ask("select login, repositories from organisations")) == COUNTS
        assert dict(ask("select organisation, count(*) from repositories group by 1")) == COUNTS
        assert ask("select count(*) from repositories where organisation = 'NHSX'") == [(42,)]
        # What GitHub did not say in 2021 is unknown, not false.
        assert ask("select distinct topics, is_template, allow_forking from repositories") == [(None, None, None)]
        assert ask(
            "select license, language, archived from repositories where full_name = 'nhsx/nhsx-prototype'"
        ) == [("MIT", "HTML", 1)]
        raw = [
            record
            for path in real_recordings.glob("*.json")
            for record in json.loads(path.read_text(encoding="utf-8"))
        ]
        licences = Counter(record["license"]["spdx_id"] if record["license"] else None for record in raw)
        assert dict(ask("select license, count(*) from repositories group by 1")) == licences
        assert ask("select min(created_at) from repositories") == [(min(record["created_at"] for record in raw),)]
