"""Datasette answers only on this machine, and everything that prevents it is reported in one sentence."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from scraper.database.build import build
from scraper.dataset.store import save
from scraper.errors import ConfigurationError
from scraper.serving import datasette_app
from scraper.serving.static_files import served
from tests.helpers.machine import ROOT
from tests.helpers.running import program

SERVE = """
from pathlib import Path
from scraper.database import metadata; from scraper.serving import datasette_app as serve
serve.serve(Path('x.db'), metadata.default_metadata(), 0)
"""


@pytest.fixture
def database(tmp_path, invented) -> Path:
    save(tmp_path / "data", invented)
    build(tmp_path / "data", tmp_path / "x.db")
    return tmp_path / "x.db"


@pytest.fixture
def metadata(tmp_path) -> Path:
    path = tmp_path / "metadata.json"
    path.write_text("{}")
    return path


def test_it_answers_until_interrupted_and_ends_quietly(database):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SERVE]
    with program(command, cwd=database.parent, env=environment, stderr=subprocess.PIPE) as process:
        said = process.stdout.readline()
        assert said.startswith("Datasette is at http://127.0.0.1:")
        address = said.split()[3].rstrip(".")
        with urllib.request.urlopen(f"{address}/x/repositories.json?_shape=array", timeout=10) as answer:
            assert answer.headers["access-control-allow-origin"] == "*"
            assert b"repository-1" in answer.read()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_port_in_use_is_one_sentence(database, metadata):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"port {port} \(Address already in use\): choose another"):
            datasette_app.serve(database, metadata, port)


def test_an_impossible_port_is_one_sentence(database, metadata):
    with pytest.raises(ConfigurationError, match="70000 is not a port"):
        datasette_app.serve(database, metadata, 70_000)


def test_a_missing_database_says_how_to_make_it(tmp_path, metadata):
    with pytest.raises(ConfigurationError, match="run `oss-health build`"):
        datasette_app.application(tmp_path / "none.db", metadata)


def test_a_file_that_is_no_database_of_ours_is_refused(tmp_path, metadata):
    for content in (b"", b"no database at all"):
        path = tmp_path / "odd.db"
        path.write_bytes(content)
        with pytest.raises(ConfigurationError, match="was not built by `oss-health build`"):
            datasette_app.application(path, metadata)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "Cannot read"),
        (b"{ [", "neither JSON nor YAML"),
        (b"\xff", "neither JSON nor YAML"),
        (b"[]", "not Datasette metadata: an object was expected."),
        (b'{"plugins": []}', "an object was expected at plugins."),
        (b'{"databases": {"x": null}}', "an object was expected at databases.x."),
        (b'{"databases": {"x": {"tables": {"events": 1}}}}', "an object was expected at databases.x.tables.events."),
        (b'{"databases": {"x": {"queries": ["select 1"]}}}', "an object was expected at databases.x.queries."),
    ],
)
def test_metadata_that_cannot_be_used_is_one_sentence(database, tmp_path, content, message):
    path = tmp_path / "other.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=message):
        datasette_app.application(database, path)


def test_what_was_inspected_is_not_counted_again(database, metadata, tmp_path):
    inspected = tmp_path / "inspected.json"
    inspected.write_text(
        json.dumps({"x": {"hash": "0", "size": 1, "file": "x.db", "tables": {"events": {"count": 7}}}})
    )
    datasette = datasette_app.application(database, metadata, inspected)
    assert asyncio.run(datasette.databases["x"].table_counts()) == {"events": 7}
    datasette.databases["x"].close()


@pytest.mark.parametrize("content", [None, b"{ [", b"[]", b'{"x": 1}', b'{"x": {"tables": []}}'])
def test_what_datasette_never_inspected_is_one_sentence(database, metadata, tmp_path, content):
    path = tmp_path / "inspected.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="inspected.json"):
        datasette_app.application(database, metadata, path)


@pytest.fixture
def pages(tmp_path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    for name in ("index.html", "404.html", "worker.mjs"):
        (folder / name).write_text(name)
    return folder


def test_a_site_is_answered_with_the_types_that_browsers_want(pages):
    with served(pages, "127.0.0.1", 0) as address:
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert (answer.read(), answer.headers.get_content_type()) == (b"index.html", "text/html")
        with urllib.request.urlopen(f"{address}worker.mjs", timeout=10) as answer:
            assert answer.headers.get_content_type() == "text/javascript"
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"{address}no/such/page", timeout=10)
    assert (missing.value.code, missing.value.read()) == (404, b"404.html")


def test_a_folder_without_a_site_and_a_port_in_use_are_one_sentence(pages, tmp_path):
    with (
        pytest.raises(ConfigurationError, match="There is no site in .*: run `oss-health site"),
        served(tmp_path, "127.0.0.1", 0),
    ):
        pass
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {taken}"), served(pages, "127.0.0.1", taken):
            pass
    with pytest.raises(ConfigurationError, match="port 65536"), served(pages, "127.0.0.1", 65536):
        pass
