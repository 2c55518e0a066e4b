"""Search finds parts of text written without spaces, both in Datasette's box and in the canned query."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from scraper.database.build import build
from scraper.database.metadata import default_metadata
from scraper.dataset.store import save
from scraper.serving import datasette_app, search_plugin
from scraper.spacing import spaced
from tests.helpers.examples import make_account, repository

TEXTS = {
    1: "医療情報システムの標準化",  # Japanese
    2: "公共卫生数据平台",  # Chinese
    3: "ระบบข้อมูลสุขภาพแห่งชาติ",  # Thai
    4: "보건의료빅데이터 개방시스템",  # Korean
    5: "Statistics of health services, 健康API v2",
    6: "Statistiken über Gesundheit",
}
FOUND = {
    "情報": [1],
    "標": [1],
    "システム": [1],
    "卫生数据": [2],
    "ข้อมูล": [3],
    "データ": [],
    "데이터": [4],
    "健康": [5],
    "健康api": [5],
    "health statistics": [5],
    "卫生 平台": [2],
    "生卫": [],
    "uber": [6],
    '"': [],
    '"医療': [1],
}


@pytest.fixture(scope="module")
def datasette(tmp_path_factory):
    folder = tmp_path_factory.mktemp("searched")
    raw = [repository(id_, description=text) for id_, text in TEXTS.items()]
    save(folder / "data", {"alder": make_account("alder", *raw, id=1)})
    build(folder / "data", folder / "open-source-health.db")
    return datasette_app.application(folder / "open-source-health.db", default_metadata())


def get(datasette, path, **parameters):
    async def answer():
        await datasette.invoke_startup()
        transport = httpx.ASGITransport(app=datasette.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path, params=parameters | {"_shape": "array"})

    return asyncio.run(answer()).json()


@pytest.mark.parametrize("words, ids", FOUND.items(), ids=FOUND)
def test_parts_of_texts_without_spaces_are_found(datasette, words, ids):
    found = get(datasette, "/open-source-health/repositories.json", _search=words)
    assert sorted(row["id"] for row in found) == ids
    found = get(datasette, "/open-source-health/search.json", words=words)
    assert sorted(row["name"] for row in found) == [f"repository-{id_}" for id_ in ids]


def test_what_is_shown_is_the_text_as_its_owners_wrote_it(datasette):
    [row] = get(datasette, "/open-source-health/repositories.json", _search="情報")
    assert row["description"] == TEXTS[1]


def test_text_with_spaces_is_indexed_as_it_is():
    for text in (None, "", "plain text", "Statistiken über Gesundheit", "Ещё один"):
        assert spaced(text) == text


def test_the_function_is_there_on_each_connection():
    with closing(sqlite3.connect(Path(":memory:"))) as connection:
        search_plugin.prepare_connection(connection)
        assert connection.execute("SELECT escape_fts('データ x')").fetchone()[0].split() == [
            *('"', "デ", "ー", "タ", '"', '"x"'),
        ]
