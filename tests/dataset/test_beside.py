"""Which files about a dataset a command reads: those it was given, or those beside the folder, but no others."""

import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from scraper import cli
from scraper.config import LIST_FILE
from scraper.database.build import build
from scraper.dataset import earlier, exceptions
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import save
from scraper.site.configuration import SITE_FILE
from tests.helpers.life import Life

SOMEBODY_ELSES = {
    LIST_FILE: "people: [somebody, else]\n",
    exceptions.FILE: "rules: {E501: off}\n",
    f"{earlier.FOLDER}/drafts.csv": "chapter,words\n1,900\n",
    SITE_FILE: "baseurl: /blog\n",
}


@pytest.fixture
def life(tmp_path, invented):
    life = Life(tmp_path / "repository")
    save(life.data, invented)
    life.commit()
    life.build()
    return life


@pytest.fixture
def oss_health(life, tmp_path, monkeypatch):
    """Run a command from a folder other than the dataset's."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def oss_health(command, *options):
        if command == "site":
            options = (*options, "--output", tmp_path / "site", "--no-explore")
        return CliRunner().invoke(cli.main, [command, "--data", str(life.data), *map(str, options)])

    return oss_health


def put(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(SOMEBODY_ELSES[name])


READ = {
    "build": [LIST_FILE, exceptions.FILE, f"{earlier.FOLDER}/drafts.csv"],
    "verify": [LIST_FILE, exceptions.FILE, f"{earlier.FOLDER}/drafts.csv"],
    "scrape": [LIST_FILE],
    "site": [SITE_FILE],
}


@pytest.mark.parametrize("command, name", [(command, name) for command, names in READ.items() for name in names])
def test_somebody_elses_file_beside_the_folder_is_one_sentence_and_changes_nothing(life, oss_health, command, name):
    put(life.folder, name)
    before = (life.data / DATABASE_FILE).read_bytes()
    result = oss_health(command)
    assert result.exit_code in (1, 2)
    assert f"Error: {life.folder / name}, line 1: " in result.stderr
    assert result.stderr.count("\n") == 1
    assert (life.data / DATABASE_FILE).read_bytes() == before


@pytest.mark.parametrize("command", ["build", "verify", "site"])
def test_files_elsewhere_or_not_needed_are_not_read(life, oss_health, tmp_path, command):
    for name in SOMEBODY_ELSES:
        put(tmp_path / "here", name)
        if name not in READ[command]:
            put(life.folder, name)
    assert oss_health(command).exit_code == 0


def test_a_list_that_is_named_is_the_only_one_that_is_read(life, oss_health):
    put(life.folder, LIST_FILE)
    (life.folder / "list.yml").write_text("organisations: [alder]\nclosure-threshold: 7, 70%\n")
    named = ("--organisations-file", life.folder / "list.yml")
    assert oss_health("build", *named).exit_code == 0
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
        assert connection.execute("SELECT repositories, share FROM closure_threshold").fetchall() == [(7, 0.7)]
    assert oss_health("verify", *named).exit_code == 0
    assert oss_health("build", "--closure-threshold", "5, 20%").exit_code == 0
    assert oss_health("verify", "--closure-threshold", "5, 20%").exit_code == 0
    assert "'lost.yml' does not exist" in oss_health("build", "--organisations-file", "lost.yml").stderr


def test_building_reads_no_list(life, tmp_path):
    put(life.folder, LIST_FILE)
    build(life.data, tmp_path / "x.db")
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        assert connection.execute("SELECT repositories, share FROM closure_threshold").fetchall() == [(5, 0.2)]
