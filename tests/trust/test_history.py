"""Attacks on the history: by the dates in the dataset, and by the database that is committed with it."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from sandbox import Estate, Sandbox
from scraper import cli, clock
from scraper.config import ListedAccount
from scraper.database.build import build
from scraper.dataset import layout, store
from scraper.dataset.layout import DATABASE_FILE
from scraper.errors import ConfigurationError, DatasetError
from scraper.github.client import GitHubApi
from scraper.history import git_reader, provenance
from scraper.scrape import scrape
from tests.helpers.examples import make_account, repository
from tests.helpers.git import git
from tests.helpers.life import Life, date

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def machine(monkeypatch):
    """Stop this machine's clock."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def dated(data, date):
    """A dataset of one organisation that claims this date of observation."""
    store.save(data, {"alder": make_account("alder", repository(1), id=1, observed_at=date)})


def observe(url, data):
    api = GitHubApi(url, "a-token")
    return scrape(
        api,
        [ListedAccount("alder", "Alder")],
        data,
        whole_list=True,
        workers=1,
        progress=lambda outcome: None,
    )


@pytest.mark.parametrize("date", ["2099-01-01T00:00:00Z", "2026-11-02T12:00:01Z"])
def test_a_dataset_from_the_future_is_refused_with_the_fix(tmp_path, machine, date):
    dated(tmp_path / "data", date)
    with Sandbox(Estate("nhs")) as github:
        with pytest.raises(DatasetError, match=f"{date}.* 2026-11-01T12:00:00Z.*`git log -S{date} .*`git revert`"):
            observe(github.url, tmp_path / "data")
        assert github.requests == []


def test_clocks_that_differ_by_less_than_a_day_are_nobodys_fault(tmp_path, machine):
    dated(tmp_path / "data", "2026-11-02T12:00:00Z")
    with Sandbox(Estate("nhs"), on=NOW.date() + timedelta(days=1)) as github:
        observe(github.url, tmp_path / "data")
        assert github.requests


def test_the_clock_can_be_set_for_the_sandbox(monkeypatch):
    monkeypatch.setenv(clock.SETTING, "2024-11-03T12:00:00Z")
    assert clock.now() == datetime(2024, 11, 3, 12, tzinfo=UTC)
    monkeypatch.setenv(clock.SETTING, "yesterday")
    with pytest.raises(ConfigurationError, match="OSS_HEALTH_CLOCK: 'yesterday' is not a time"):
        clock.now()


@pytest.fixture
def life(tmp_path):
    """Three observations with events of every kind."""
    life = Life(tmp_path / "repository")
    for _ in range(3):
        life.turn(30)
        life.run()
    return life


@pytest.fixture
def shallow(tmp_path):
    """Build in a clone of the last two commits, where no more can be fetched; return the bytes."""

    def shallow(life):
        git(tmp_path, "clone", "--quiet", "--depth=2", life.folder.as_uri(), "shallow")
        path = tmp_path / "shallow" / "data"
        build(path, path / DATABASE_FILE)
        return (path / DATABASE_FILE).read_bytes()

    return shallow


@pytest.fixture
def replayed(tmp_path):
    """The bytes of a replay."""

    def replayed(life):
        build(life.data, tmp_path / "replayed.db", from_git=True)
        return (tmp_path / "replayed.db").read_bytes()

    return replayed


def rewrite(life, *statements):
    """Change the database on disk, ignoring its constraints."""
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as database:
        database.execute("PRAGMA foreign_keys = off")
        for statement in statements:
            database.execute(statement)
        database.commit()


def disguise(life):
    """Commit the database as if from an observation, with changed bytes in organisations.json and its digest."""
    path = life.data / layout.ORGANISATIONS_FILE
    path.write_bytes(path.read_bytes() + b"\n")
    checkout = git_reader.find(life.data)
    rewrite(life, f"UPDATE provenance SET files = '{provenance.of_folder(checkout)}'")
    life.commit("a disguise")


FALSE = (
    "UPDATE events SET kind = 'appeared' WHERE kind = 'vanished'",
    "DELETE FROM departures WHERE moved_to IS NULL",
    "UPDATE metric_history SET stargazers_count = 1000000",
)


def test_a_pull_request_that_changes_only_the_database_rewrites_nothing(life, shallow, replayed):
    truth = replayed(life)
    rewrite(life, *FALSE)
    life.commit("a pull request")

    with pytest.raises(DatasetError, match=r"changed the database, but observed nothing.*`fetch-depth: 0`"):
        shallow(life)
    life.build()

    assert (life.data / DATABASE_FILE).read_bytes() == truth == replayed(life)


def test_a_false_database_in_disguise_heals_with_the_next_replay(life, shallow, replayed):
    """A database with only credible values is believed where nothing can be replayed, and only there."""
    truth = replayed(life)
    rewrite(life, *FALSE)
    disguise(life)

    assert shallow(life) != truth
    life.build()
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life)
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as database:
        assert database.execute("SELECT count(*) FROM events WHERE kind = 'vanished'").fetchone() > (0,)


def test_a_disguise_that_changes_nothing_is_carried_forward(life, shallow, replayed):
    """Otherwise the next test would prove nothing."""
    disguise(life)
    assert shallow(life) == replayed(life)


ODD = {
    "a blob as a date": "UPDATE events SET observed_at = x'00' WHERE id = 1",
    "a blob as an observation": "UPDATE observations SET observed_at = x'00' WHERE observed_at LIKE '2020-01-02%'",
    "a date that does not exist": "UPDATE known_repositories SET created_at = '2021-02-30T00:00:00Z'",
    "a date with a line break": "UPDATE known_repositories SET created_at = created_at || char(10)",
    "the largest integer": "UPDATE events SET id = 9223372036854775807 WHERE id = 1",
    "an event of the largest id": "UPDATE events SET repository_id = 9223372036854775807 WHERE id = 1",
    "a number below zero": "UPDATE metric_history SET forks_count = -1",
    "a fraction": "UPDATE observations SET repositories = 0.5",
    "infinity": "UPDATE metric_history SET size = 9e999",
    "text for a number": "UPDATE metric_history SET stargazers_count = 'many'",
    "a blob for a number": "UPDATE organisation_history SET repositories = x'ff'",
    "a blob as a login": "UPDATE organisation_history SET organisation = x'ff' WHERE organisation = 'organisation-0'",
    "text that is not UTF-8": "UPDATE events SET old = CAST(x'ff' AS TEXT) WHERE id = 1",
    "text with a NUL": "UPDATE known_repositories SET full_name = 'a' || char(0) WHERE vanished_at IS NOT NULL",
    "text without end": "UPDATE events SET new = replace(hex(zeroblob(10000)), '0', 'x') WHERE id = 1",
    "an unknown kind": "UPDATE events SET kind = 'exploded' WHERE id = 1",
    "an unknown field": "UPDATE events SET field = 'password' WHERE id = 1",
    "topics that are not a list": "UPDATE events SET field = 'topics', old = '7' WHERE id = 1",
    "topics that are not JSON": "UPDATE events SET field = 'topics', new = '[' WHERE id = 1",
    "an event of an unknown repository": "UPDATE events SET repository_id = 999999 WHERE id = 1",
    "counters of an unknown repository": "UPDATE metric_history SET repository_id = 999999 WHERE repository_id = 1",
    "an event of no observation": "UPDATE events SET observed_at = '2020-06-01T00:00:00Z' WHERE id = 1",
    "a missing event": "DELETE FROM events WHERE id = 2",
    "events out of order": "UPDATE events SET observed_at = (SELECT max(observed_at) FROM observations) WHERE id = 1",
    "half a fork": "UPDATE known_repositories SET fork = 2",
    "another owner": "UPDATE known_repositories SET organisation = 'nobody'",
    "everything vanished": "UPDATE known_repositories SET vanished_at = first_observed_at",
    "a repository looked up is excluded": "UPDATE known_repositories SET excluded_at = (SELECT max(observed_at) FROM"
    " observations) WHERE vanished_at IS NOT NULL",
    "excluded before it vanished": "UPDATE known_repositories SET excluded_at = first_observed_at",
    "no known repositories": "DELETE FROM known_repositories",
    "no departures": "DELETE FROM departures",
    "a departure of a listed repository": "UPDATE departures SET moved_to = NULL",
    "a departure before the first observation": "UPDATE departures SET missing_at = '2019-01-01T00:00:00Z'",
    "unknown fields that are not a list": "UPDATE departures SET unknown_fields = '{}'",
    "no observation": "DELETE FROM observations",
    "an observation in the future": "INSERT INTO observations SELECT '2099-01-01T00:00:00Z', 1, 1, 0, 1, 1",
    "a view for a table": "DROP TABLE known_repositories; CREATE VIEW known_repositories AS SELECT 1",
}


@pytest.mark.parametrize("statement", ODD.values(), ids=ODD)
def test_an_odd_value_in_the_database_crashes_nothing(life, shallow, replayed, statement):
    rewrite(life, *statement.split("; "))
    disguise(life)

    with pytest.raises(DatasetError, match="the committed database is damaged, or from another version"):
        shallow(life)
    life.build()

    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life)


def test_a_commit_from_the_future_is_skipped_once_it_is_reverted(life, replayed, said):
    path = life.data / layout.ORGANISATIONS_FILE
    good = path.read_bytes()
    path.write_bytes(good.replace(date(3)[:4].encode(), b"2099"))
    life.commit("a pull request")
    said()
    build(life.data, life.data / DATABASE_FILE)
    assert said() == [
        f"Skipped commit {git(life.folder, 'rev-parse', 'HEAD')[:10]}, because its dataset cannot be used:"
        f" it is dated 2099{date(3)[4:]}, later than the commit."
    ]
    path.write_bytes(good + b"\n")
    life.commit("mended by hand")
    life.turn()
    life.run()

    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as database:
        days = database.execute("SELECT observed_at FROM observations").fetchall()
    assert days == [(date(number),) for number in (1, 2, 3, 4)]
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life)


def test_a_commit_that_claims_to_be_from_the_future_itself_is_no_excuse(life, monkeypatch, said):
    path = life.data / layout.ORGANISATIONS_FILE
    path.write_bytes(path.read_bytes().replace(date(3)[:4].encode(), b"2099"))
    git(life.folder, "add", "--all")
    commit = git(life.folder, "commit-tree", git(life.folder, "write-tree"), "-p", "HEAD", "-m", "2099")
    raw = git(life.folder, "cat-file", "commit", commit)
    stamp = raw.split("committer ")[1].split("> ")[1].split()[0]
    (life.folder / "raw").write_text(raw.replace(stamp, "99999999999") + "\n")
    git(life.folder, "reset", "--hard", git(life.folder, "hash-object", "-t", "commit", "-w", "raw"))
    said()

    build(life.data, life.data / DATABASE_FILE)

    assert "it is dated 2099" in said()[0]


def test_a_build_never_loses_observations_without_saying_so(life):
    git(life.folder, "rm", "--quiet", "-r", "--cached", "data")
    git(life.folder, "commit", "--quiet", "--message", "begin again")

    summary = build(life.data, life.data / DATABASE_FILE)

    assert (summary.observations, summary.observations_before) == (1, 3)
    assert "has 1 observation, and the one that it replaces had 3" in summary.loss
    assert build(life.data, life.data / DATABASE_FILE).loss is None


def verified(data):
    result = CliRunner().invoke(cli.main, ["verify", "--data", str(data)])
    return result.exit_code, result.output


def test_verify_finds_nothing_in_what_was_built(life):
    status, output = verified(life.data)
    assert (status, output.splitlines()[-1]) == (0, f"{life.data / DATABASE_FILE} agrees with git.")


FORGED = {
    "one row fewer": (
        "DELETE FROM events WHERE id = 1",
        "events: [0-9]+ rows, but [0-9]+ according to git: 0 that should not",
    ),
    "another row": (
        "UPDATE metric_history SET size = 77777 WHERE repository_id = 1",
        r"(?s)metric_history: .*  \+ .*77777",
    ),
    "the same number in another type": (
        "UPDATE organisations SET name = x'41' WHERE login = 'organisation-0'",
        r"(?s)organisations: .*b'A'",
    ),
    "terminal escapes": (
        "UPDATE known_repositories SET full_name = char(27) || '[2J'",
        r"known_repositories: (?s:.*)'\\x1b\[2J'",
    ),
    "a line break": ("UPDATE known_repositories SET full_name = 'a' || char(10) || '::error::'", r"'a\\n::error::'"),
    "text that is not UTF-8": ("UPDATE known_repositories SET full_name = CAST(x'ff' AS TEXT)", r"\\xff"),
    "a view": ("CREATE VIEW hello AS SELECT 1", "'hello' is not one that this program declares"),
    "a trigger": (
        "CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM known_repositories; END",
        "'t' is not one that this program declares",
    ),
    "a missing view": ("DROP VIEW monthly_events", "'monthly_events' is missing"),
    "another column": (
        "ALTER TABLE events ADD COLUMN mood TEXT",
        "'events' is declared differently by this program",
    ),
    "a version": ("PRAGMA user_version = 1", "from another version of this program"),
    "the search index": ("DELETE FROM repositories_fts_docsize", "something else differs: the search index"),
}


@pytest.mark.parametrize("statement, said", FORGED.values(), ids=FORGED)
def test_verify_says_what_is_forged_and_a_build_heals_it(life, statement, said):
    rewrite(life, statement)
    life.commit("a pull request")

    status, output = verified(life.data)

    assert status == 1
    assert re.search(said, output), output
    assert "\x1b" not in output
    assert not any(line.startswith("::") for line in output.splitlines())
    life.build()
    assert verified(life.data)[0] == 0


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + bytes(4080)])
def test_verify_of_a_damaged_database_is_no(life, content):
    (life.data / DATABASE_FILE).write_bytes(content)
    assert verified(life.data)[0] == 1


def test_what_cannot_be_verified_is_neither_yes_nor_no(life, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth=2", life.folder.as_uri(), "shallow")
    status, output = verified(tmp_path / "shallow" / "data")
    assert status == 2
    assert "`git fetch --unshallow`" in output
    (life.folder / ".git").rename(tmp_path / "away")
    assert verified(life.data)[0] == 2
    (life.data / DATABASE_FILE).unlink()
    assert verified(life.data)[0] == 2
