"""Things in a git history that should not be there are reported and skipped, and make nothing vanish."""

import os
import pty
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from scraper.database.build import build
from scraper.dataset.layout import DATABASE_FILE, ORGANISATIONS_FILE
from scraper.dataset.store import load, save
from scraper.errors import DatasetError
from scraper.history import git_objects, git_reader
from tests.helpers.examples import make_account, repository
from tests.helpers.git import CLEAN, git
from tests.helpers.life import date

ALL = "SELECT kind, repository_id, observed_at FROM events ORDER BY id"


def held(path):
    return orjson.loads(path.read_bytes())


def twice(path):
    path.write_bytes(orjson.dumps([*held(path), held(path)[0]]))


def cut(path):
    path.write_bytes(path.read_bytes()[:-9])


DAMAGES = {
    "cut": (cut, "repositories/organisation-0.json", "organisation-0: unexpected end of data"),
    "cut counters": (cut, "metrics/organisation-0.jsonl", "organisation-0: unexpected end of data"),
    "cut list": (cut, ORGANISATIONS_FILE, "unexpected end of data"),
    "no list": (lambda path: path.unlink(), ORGANISATIONS_FILE, "organisations.json is missing"),
    "missing": (lambda path: path.unlink(), "metrics/organisation-0.jsonl", "a file of organisation-0 is missing"),
    "twice": (twice, "repositories/organisation-0.json", "1 appears twice"),
    "listed twice": (twice, ORGANISATIONS_FILE, "organisation-0 appears twice"),
    "no list of records": (lambda path: path.write_text("{}"), ORGANISATIONS_FILE, "a JSON list was expected"),
    "no records": (lambda path: path.write_text("[7]"), "repositories/organisation-0.json", "is 7, not an object"),
    "empty": (lambda path: path.write_bytes(b""), ORGANISATIONS_FILE, "empty"),
    "not text": (lambda path: path.write_bytes(b'["\xff"]'), ORGANISATIONS_FILE, "damaged"),
    "wrong kind": (
        lambda path: path.write_bytes(orjson.dumps([held(path)[0] | {"archived": "no"}])),
        "repositories/organisation-0.json",
        "archived is 'no', not true or false",
    ),
    "two spellings": (
        lambda path: path.with_name("ORGANISATION-0.json").write_text("[]"),
        "repositories/organisation-0.json",
        "appears twice, because case does not matter",
    ),
}


@pytest.mark.parametrize("damage, name, reason", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_commit_is_reported_and_skipped(life, ask, replayed, damage, name, reason):
    life.appear("organisation-0")
    new = life.next_id - 1
    good = life.observe()
    damage(life.data / name)
    commit = life.commit("damaged")
    git(life.folder, "rm", "--quiet", "-r", "--cached", "data")
    for path in life.data.rglob("ORGANISATION-*"):
        path.unlink()
    save(life.data, good)
    life.world["organisation-1"].popitem()
    life.run()

    content, said = replayed(life.data)

    assert len(said) == 1
    assert re.match(
        rf"Skipped commit {commit[:10]}, because its dataset cannot be used: .*{reason}", said[0] + "damaged"
    )
    assert (life.data / DATABASE_FILE).read_bytes() == content
    assert ask(life, ALL)[0] == ("appeared", new, date(3))
    assert [kind for kind, *_ in ask(life, ALL)] == ["appeared", "vanished"]


def test_fields_that_are_no_longer_kept_are_not_damage(life, ask, replayed):
    good = life.observe()
    path = life.data / "repositories" / "organisation-0.json"
    path.write_bytes(orjson.dumps([record | {"watchers": 7} for record in held(path)]))
    life.commit("an older version of the program")
    save(life.data, good)
    life.run()

    assert replayed(life.data)[1] == []
    assert ask(life, ALL) == []


def test_a_file_changed_by_hand_makes_nothing_vanish(life, ask, replayed):
    good = load(life.data)
    life.edit("organisation-0")
    with pytest.raises(DatasetError, match="organisation-0"):
        life.build()
    life.commit("by hand")
    save(life.data, good)
    life.run()

    assert ask(life, ALL) == []
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_a_clock_that_goes_backwards_makes_nothing_vanish(life, ask, replayed):
    for _ in range(4):
        life.run()
    life.world["organisation-0"].popitem()
    life.run(backwards=3)
    assert ask(life, ALL) == []
    life.run()

    assert [(kind, when) for kind, _, when in ask(life, ALL)] == [("vanished", date(7))]
    assert ask(life, "SELECT count(*) FROM observations") == [(6,)]
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_a_login_in_other_capitals_is_no_event(life, ask, replayed):
    life.logins[0] = "Organisation-0"
    life.world["Organisation-0"] = life.world["organisation-0"]
    life.run()
    life.run()

    assert ask(life, ALL) == []
    assert "Organisation-0" in {login for (login,) in ask(life, "SELECT organisation FROM known_repositories")}
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_a_repository_in_two_files_is_where_it_was_observed_last(tmp_path, life, ask, replayed):
    id_, record = life.world["organisation-0"].popitem()
    life.world["organisation-1"][id_] = record
    life.run("organisation-0")
    life.run("organisation-0", "organisation-1")
    del life.world["organisation-1"][id_]
    life.run("organisation-0")
    life.run()

    assert ask(life, ALL) == [
        ("transferred", id_, date(2)),
        ("transferred", id_, date(4)),
        ("vanished", id_, date(5)),
    ]
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_a_revert_removes_what_was_observed_in_between(life, ask, replayed):
    life.world["organisation-0"].clear()
    life.run()
    assert {kind for kind, *_ in ask(life, ALL)} == {"vanished"}
    git(life.folder, "revert", "--no-edit", "HEAD")
    life.build()

    assert ask(life, ALL) == []
    assert ask(life, "SELECT observed_at FROM observations") == [(date(1),)]
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


@pytest.mark.parametrize("taken", ["ours", "theirs"])
def test_a_merge_that_took_one_side_whole_continues_from_that_side(life, ask, replayed, taken):
    git(life.folder, "checkout", "--quiet", "-b", "side")
    life.world["organisation-0"].clear()
    life.run()
    git(life.folder, "checkout", "--quiet", "main")
    life.appear("organisation-1")
    life.run()
    git(life.folder, "merge", "--quiet", "--no-commit", "--strategy", "ours", "side")
    if taken == "theirs":
        git(life.folder, "checkout", "side", "--", "data")
    life.commit("merge")
    life.build()

    expected = {"appeared", "vanished"} if taken == "ours" else {"vanished"}
    assert {kind for kind, *_ in ask(life, ALL)} == expected
    days = [1, 3] if taken == "ours" else [1, 2]
    assert ask(life, "SELECT observed_at FROM observations") == [(date(n),) for n in days]
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_a_dataset_that_was_removed_and_started_again_begins_there(life, ask, replayed):
    life.turn()
    life.run()
    git(life.folder, "rm", "--quiet", "-r", "data")
    life.commit("begin again")
    life.run()

    assert ask(life, "SELECT observed_at FROM observations") == [(date(3),)]
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_an_organisation_that_left_the_list_and_came_back(life, ask, replayed):
    login = life.logins.pop(0)
    life.run()
    life.logins.append(login)
    life.run()

    assert ask(life, ALL) == []
    assert ask(life, "SELECT count(*) FROM known_repositories WHERE vanished_at IS NOT NULL") == [(0,)]
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_no_settings_of_a_user_change_what_is_read(life, replayed, monkeypatch, tmp_path):
    for _ in range(2):
        life.turn()
        life.run()
    expected = replayed(life.data)[0]
    settings = tmp_path / "gitconfig"
    settings.write_text(
        "[log]\n showSignature = true\n[color]\n ui = always\n[core]\n quotePath = true\n pager = false\n"
        "[diff]\n renames = copies\n[format]\n pretty = oneline\n[log]\n follow = true\n date = raw\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere")

    assert replayed(life.data)[0] == expected


def test_the_folder_may_be_anywhere_and_called_anything(tmp_path, replayed, ask, life):
    life.folder = tmp_path / "repository" / "a folder" / "dätä ☃"
    life.folder.mkdir(parents=True)
    for _ in range(2):
        life.turn()
        life.run()

    assert ask(life, "SELECT observed_at FROM observations") == [(date(2),), (date(3),)]
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


@pytest.mark.parametrize("depth", [None, 2], ids=["all commits", "two commits"])
def test_a_renamed_folder_keeps_its_history(life, tmp_path, depth):
    life.turn(20)
    life.run()
    git(life.folder, "mv", "data", "once")
    git(life.folder, "commit", "--quiet", "--message", "another name")
    (life.folder / "a folder").mkdir()
    git(life.folder, "mv", "once", "a folder/dätä")
    git(life.folder, "commit", "--quiet", "--message", "and another")
    options = [f"--depth={depth}"] if depth else []
    git(tmp_path, "clone", "--quiet", *options, life.folder.as_uri(), "clone")
    data = tmp_path / "clone" / "a folder" / "dätä"

    def deepen(commits):
        git(data, "fetch", "--quiet", f"--deepen={commits}" if commits else "--unshallow")

    summary = build(data, data / DATABASE_FILE, deepen=deepen)

    assert (summary.observations, summary.loss) == (2, None)
    with closing(sqlite3.connect(data / DATABASE_FILE)) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() > (0,)


def test_a_folder_that_was_begun_elsewhere_has_no_history(life):
    life.turn()
    life.run()
    other = life.folder / "other"
    for number in range(2):
        save(other, {"alder": make_account("alder", repository(1), id=1, observed_at=date(9 + number))})
        life.commit("begun elsewhere")
    assert build(other, other / DATABASE_FILE).observations == 2


def test_before_the_first_commit_there_is_no_past(tmp_path):
    git(tmp_path, "init", "--quiet")
    save(tmp_path / "data", {"alder": make_account("alder", repository(1), id=1)})

    contents = []
    for from_git in (False, True):
        build(tmp_path / "data", tmp_path / "data" / DATABASE_FILE, from_git=from_git)
        contents.append((tmp_path / "data" / DATABASE_FILE).read_bytes())

    assert contents[0] == contents[1]
    with closing(sqlite3.connect(tmp_path / "data" / DATABASE_FILE)) as connection:
        assert connection.execute("SELECT repositories FROM observations").fetchall() == [(1,)]
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)


def test_a_repository_that_git_refuses_is_an_error(life, monkeypatch):
    (life.folder / ".git" / "config").write_text("[core]\n repositoryformatversion = 99\n")

    with pytest.raises(DatasetError, match="Git cannot read the history of .* repo"):
        build(life.data, life.data / DATABASE_FILE)


def test_without_git_on_the_machine_the_database_begins_now(life, monkeypatch, tmp_path, said):
    monkeypatch.setenv("PATH", str(tmp_path))
    said()

    build(life.data, life.data / DATABASE_FILE)

    assert said() == [
        "This dataset is not in a git repository, so the history in the database begins with this build."
    ]


def test_an_object_that_git_lost_is_damage(life, replayed):
    life.turn()
    life.run()
    lost = git(life.folder, "rev-parse", "HEAD~1:data/repositories/organisation-0.json")
    (life.folder / ".git" / "objects" / lost[:2] / lost[2:]).unlink()

    _, said = replayed(life.data)

    assert len(said) == 1
    assert "organisation-0: git no longer has its content" in said[0]


@pytest.mark.slow
def test_more_than_a_pipe_holds_goes_through(tmp_path, replayed):
    git(tmp_path, "init", "--quiet")
    text = "x" * 5_000
    logins = [f"organisation-{n}" for n in range(150)]
    for day in (1, 2):
        accounts = [
            make_account(login, repository(n, description=text), id=n, observed_at=date(day))
            for n, login in enumerate(logins)
        ]
        save(tmp_path / "data", {account.listed_login: account for account in accounts})
        git(tmp_path, "add", "--all")
        git(tmp_path, "commit", "--quiet", "--message", "data")

    assert replayed(tmp_path / "data")[1] == []


def test_a_replay_shows_a_bar_on_a_terminal_and_plain_lines_elsewhere(life):
    life.run()
    command = [Path(sys.executable).with_name("oss-health"), "build", "--from-git", "--data", life.data]
    plain = subprocess.run(command, capture_output=True, text=True, check=True)
    assert plain.stderr == "Replayed 2 of 2 commits.\n"

    controller, terminal = pty.openpty()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=terminal, check=False, env=CLEAN)
    os.close(terminal)
    shown = os.read(controller, 65_536).decode()
    os.close(controller)
    assert done.returncode == 0
    assert "2/2" in shown
    assert "Replayed" not in shown


def test_only_what_changed_is_read(life, monkeypatch):
    for _ in range(3):
        life.world["organisation-1"][life.next_id] = repository(life.next_id)
        life.next_id += 1
        life.run()
    read = []
    asked = git_objects.Objects.read
    monkeypatch.setattr(git_objects.Objects, "read", lambda self, ids: read.append(len(ids)) or asked(self, ids))

    build(life.data, life.data / "again.db", from_git=True)

    # For each commit: organisations.json, the folders, and the files of all five organisations or of the changed one.
    assert read == [*[1, 1, 1, 10], *[1, 1, 1, 2] * 3]


def test_the_process_is_gone_when_a_replay_stops(life):
    checkout = git_reader.find(life.data)
    with pytest.raises(KeyboardInterrupt), git_objects.objects(checkout.repository):
        raise KeyboardInterrupt
    every = ["ps", "-A", "-o", "ppid=", "-o", "args="]
    running = subprocess.run(every, capture_output=True, text=True, env=CLEAN, check=True).stdout.splitlines()
    ours = [line for line in running if line.split()[0] == str(os.getpid())]
    assert not any("cat-file" in line for line in ours)
    assert ours, "ps itself"
