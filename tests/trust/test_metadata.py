"""metadata.json contains SQL to run and charts to draw: only the one that was named counts, within limits."""

import json
import sqlite3
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

from scraper import cli
from scraper.database import metadata
from scraper.database.build import build
from scraper.database.sqlite_file import open_readonly, reading_only
from scraper.dataset.store import save
from scraper.errors import ConfigurationError, OssHealthError
from scraper.site import draw, pictures
from scraper.site.configuration import read_configuration
from tests.helpers.examples import invented
from tests.helpers.machine import ROOT
from tests.helpers.running import answering


@pytest.fixture
def connection(tmp_path):
    save(tmp_path / "data", invented())
    build(tmp_path / "data", tmp_path / "x.db")
    with closing(open_readonly(tmp_path / "x.db")) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def test_a_file_in_the_current_directory_is_not_used(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metadata.json").write_text('{"title": "planted"}')
    assert metadata.default_metadata() == ROOT / "metadata.json"


def test_what_is_published_has_no_settings_of_plugins_and_no_unknown_key(tmp_path):
    described = json.loads((ROOT / "metadata.json").read_text())
    assert metadata.publishable(described) == described, "all that the program's own says is published"
    planted = {
        **described,
        "allow": {"id": "root"},
        "settings": {"x": 1},
        "plugins": {**described["plugins"], "datasette-auth-github": {"client_secret": "swordfish"}},
        "databases": {
            "open-source-health": {
                "plugins": {"x": "swordfish"},
                "tables": {"events": {"title": "Events", "plugins": {"x": "swordfish"}}},
                "queries": {"q": {"sql": "select 1", "write": True, "on_success_redirect": "swordfish"}},
            }
        },
    }
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(planted))
    _, published = read_configuration(None, path, None)
    assert "swordfish" not in json.dumps(published)
    assert published["databases"]["open-source-health"]["queries"] == {"q": {"sql": "select 1"}}


WRITES = (
    "attach 'other.db' as other",
    "vacuum into 'copy.db'",
    "pragma journal_mode = delete",
    "create temp table t (x)",
    "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n",
)


@pytest.mark.parametrize("sql", WRITES)
def test_its_sql_reads_and_for_a_while_only(connection, tmp_path, monkeypatch, sql):
    monkeypatch.chdir(tmp_path)
    with reading_only(connection, 0.3), pytest.raises(sqlite3.Error):
        connection.execute(sql).fetchall()
    assert connection.execute("SELECT count(*) FROM repositories").fetchone()[0] == 7
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data", "x.db"]


def test_a_chart_whose_sql_writes_is_refused(connection, tmp_path):
    described = json.loads((ROOT / "metadata.json").read_text())
    charts = next(iter(described["plugins"]["datasette-dashboards"].values()))["charts"]
    charts["growth"]["query"] = f"vacuum into '{tmp_path / 'copy.db'}'"
    with pytest.raises(sqlite3.Error):
        pictures.pictures(connection, described)
    assert not (tmp_path / "copy.db").exists()


@pytest.fixture
def listener():
    """A server on this machine that must not be contacted."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with answering(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as address:
        yield f"{address}/", asked


def loading(address: str) -> dict[str, dict[str, object]]:
    point = {"mark": "point", "encoding": {"x": {"field": "x", "type": "quantitative"}}}
    return {
        "rows": {**point, "data": {"url": f"{address}rows.json"}},
        "a file": {**point, "data": {"url": "file:///etc/passwd"}},
        "an image": {"data": {"values": [{"x": 1}]}, "mark": {"type": "image", "url": f"{address}x.png"}},
        "an image of each row": {
            "data": {"values": [{"u": f"{address}x.png"}]},
            "mark": "image",
            "encoding": {"url": {"field": "u"}},
        },
        "deep": {"layer": [{**point, "data": {"url": f"{address}rows.json"}}], "data": {"values": []}},
        "a lookup": {
            **point,
            "data": {"values": []},
            "transform": [{"lookup": "x", "from": {"data": {"url": f"{address}x.csv"}, "key": "x", "fields": ["y"]}}],
        },
    }


@pytest.mark.parametrize("name", loading(""))
def test_a_chart_loads_nothing(listener, name):
    address, asked = listener
    with pytest.raises(ConfigurationError, match="names something to load"):
        draw.draw([draw.svg(loading(address)[name], {})])
    assert asked == []


def test_an_image_in_a_picture_is_not_fetched(listener):
    address, asked = listener
    image = f'<image href="{address}x.png" width="9" height="9"/>'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{image}</svg>'
    with pytest.raises(ConfigurationError, match="names an image to load"):
        draw.draw([draw.png(drawing)])
    assert asked == []


def test_a_converter_that_the_system_ends_is_one_sentence(monkeypatch, tmp_path):
    dying = tmp_path / "python"
    dying.write_text("#!/bin/sh\nkill -9 $$\n")
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    with pytest.raises(OssHealthError, match=r"the system ended vl-convert \(signal 9\), which needs about"):
        draw.draw([draw.png("<svg/>")])


def test_help_says_which_metadata_is_used():
    assert "the one that comes with the program" in " ".join(
        CliRunner().invoke(cli.main, ["serve", "--help"]).output.split()
    )
