"""Carried forward or replayed: whatever happens to the repository, the same bytes."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from scraper.database.build import build
from scraper.database.history_tables import HISTORY
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import load, save
from scraper.errors import DatasetError
from scraper.model.accounts import Account
from tests.helpers.git import git
from tests.helpers.life import Life, date
from tests.helpers.machine import ROOT

STEPS = 24 if "LIVES" in os.environ else 12


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 4 + int(os.environ.get("LIVES", "1"))))
def test_a_long_life_gives_the_same_both_ways(tmp_path, replayed, ask, seed):
    life = Life(tmp_path / "repository", seed, shallow=True)
    life.run()
    steps = []
    for _ in range(STEPS):
        steps.append(life.happen())
        life.build()
        assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0], steps
        assert ask(life, "PRAGMA foreign_key_check") == []
    assert ask(life, "SELECT count(*) FROM events")[0][0] > STEPS
    assert life.carried > STEPS / 2


def test_a_run_in_a_shallow_clone_carries_forward_and_replays_nothing(life, replays):
    life.run()
    life.shallow = True
    replays.clear()
    for _ in range(3):
        life.turn()
        life.run("organisation-0")
    life.run(*life.logins)
    life.run(only=["organisation-1"])
    git(life.folder, "revert", "--no-edit", "HEAD")
    life.run()
    life.build()

    assert replays == []


def test_a_count_in_doubt_is_no_news_and_carried_forward(life, replayed, replays):
    life.shallow = True
    for days in (["2026-01-01"], ["2026-01-01", "2026-01-02"]):
        held = load(life.data)
        doubt = {"counted": 9, "listed": 8, "ids": "0123456789abcdef", "days": days}
        account = held["organisation-0"]
        held["organisation-0"] = replace(account, record=account.record | {"status": "kept", "mismatch": doubt})
        save(life.data, held)
        life.build()
        life.commit()
    replays.clear()
    life.turn()
    life.run()
    assert replays == []
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_what_is_excluded_and_taken_in_again_is_no_news_both_ways(life, ask, replayed):
    """Exclusions are in the organisation's record, which a shallow clone has too."""
    life.shallow = True
    [id_] = list(life.world["organisation-0"])[:1]
    aside = life.world["organisation-0"].pop(id_)
    for excluded in ([id_], [id_], None):
        if excluded is None:
            life.world["organisation-0"][id_] = aside
        held = life.observe()
        account = held["organisation-0"]
        held["organisation-0"] = replace(account, record=account.record | {"excluded": excluded})
        save(life.data, held)
        life.build()
        life.commit()
    assert ask(life, f"SELECT kind FROM events WHERE repository_id = {id_}") == []
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_a_shallow_clone_can_continue_indefinitely(life, replayed, shallow, replays):
    for _ in range(4):
        life.turn()
        life.run()
    world, life.folder = life.folder, shallow(life, 2)
    replays.clear()
    for _ in range(3):
        life.turn()
        life.run("organisation-2")
    git(world, "pull", "--quiet", str(life.folder), "main")

    assert replays == []
    assert (
        (life.data / DATABASE_FILE).read_bytes()
        == (world / "data" / DATABASE_FILE).read_bytes()
        == replayed(world / "data")[0]
    )


@pytest.mark.parametrize("others, fetched", [(0, [1]), (3, [1, 49]), (60, [1, 49, None])])
def test_no_more_is_fetched_than_shows_which_commit_wrote_the_database(
    life, shallow, replays, replayed, others, fetched
):
    for _ in range(3):
        life.turn()
        life.run()
    for number in range(others):
        git(life.folder, "commit", "--quiet", "--allow-empty", "--message", f"code {number}")
    replays.clear()
    folder, asked = shallow(life, 1), []

    def deepen(commits):
        asked.append(commits)
        git(folder, "fetch", "--quiet", f"--deepen={commits}" if commits else "--unshallow")

    build(folder / "data", folder / "data" / DATABASE_FILE, deepen=deepen)

    assert asked == fetched
    assert len(replays) == (None in fetched)
    assert (folder / "data" / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


@pytest.mark.parametrize("damage", ["missing", "corrupt", "cut", "schema", "version", "stale"])
def test_what_cannot_be_carried_forward_is_replayed_and_a_shallow_clone_says_what_to_do(
    life, replayed, shallow, replays, damage
):
    life.turn()
    life.run()
    path = life.data / DATABASE_FILE
    whole = path.read_bytes()
    match damage:
        case "missing":
            path.unlink()
        case "corrupt":
            path.write_bytes(whole[:8192] + bytes(8192) + whole[16384:])
        case "cut":
            path.write_bytes(whole[:20_000])
        case "schema":
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("ALTER TABLE events ADD COLUMN mood TEXT")
        case "version":
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA user_version = 999")
        case "stale":
            git(life.folder, "checkout", "HEAD^", "--", f"data/{DATABASE_FILE}")
    git(life.folder, "add", "--all")
    git(life.folder, "commit", "--quiet", "--amend", "--message", damage)
    folder = shallow(life, 1)
    git(folder, "fetch", "--quiet", "--deepen=1")
    before = sorted((folder / "data").iterdir())
    with pytest.raises(DatasetError, match="`fetch-depth: 0`"):
        build(folder / "data", folder / "data" / DATABASE_FILE)
    assert sorted((folder / "data").iterdir()) == before

    life.build()

    assert path.read_bytes() == whole == replayed(life.data)[0]


def test_a_first_run_in_a_shallow_clone_needs_no_past(tmp_path, ask):
    (tmp_path / "code").mkdir()
    git(tmp_path / "code", "init", "--quiet", "--initial-branch", "main")
    for _ in range(2):
        git(tmp_path / "code", "commit", "--quiet", "--allow-empty", "--message", "code")
    git(tmp_path, "clone", "--quiet", "--depth", "1", (tmp_path / "code").as_uri(), "shallow")
    life = Life(tmp_path / "elsewhere")
    life.folder = tmp_path / "shallow"

    life.run()

    assert git(life.folder, "rev-parse", "--is-shallow-repository") == "true"
    assert ask(life, "SELECT observed_at FROM observations") == [(date(1),)]
    assert ask(life, "SELECT count(*) FROM known_repositories")[0][0] == sum(map(len, life.world.values()))


def test_a_database_that_is_not_committed_is_not_believed(life, replayed):
    (life.folder / ".gitignore").write_text("*.db\n")
    git(life.folder, "rm", "--quiet", "--cached", f"data/{DATABASE_FILE}")
    life.commit("a cache holds the database")
    life.turn()
    life.run()
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as cached:
        cached.execute("DELETE FROM events")
        cached.commit()
    life.run()

    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_building_again_and_again_before_a_commit_adds_nothing(life, ask, replayed):
    for _ in range(3):
        life.turn()
        life.observe()
        life.build()

    assert ask(life, "SELECT observed_at FROM observations") == [(date(1),), (date(4),)]
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_outside_git_the_database_begins_now_and_says_so(life, ask, tmp_path, said):
    life.turn()
    life.run()
    (life.folder / ".git").rename(tmp_path / "away")
    said()

    build(life.data, life.data / DATABASE_FILE)

    assert ask(life, "SELECT observed_at FROM observations") == [(date(2),)]
    nothing, fewer = said()
    assert (
        nothing == "This dataset is not in a git repository, so the history in the database begins with this build."
    )
    assert "had 2" in fewer


@pytest.fixture
def rewritten(life) -> Life:
    """The second of four observations is cut out of the past; the committed database still has it."""
    for _ in range(3):
        life.turn()
        life.run()
    third = git(life.folder, "rev-parse", "HEAD~1")
    git(life.folder, "replace", "--graft", third, "HEAD~3")
    return life


@pytest.mark.parametrize("observed", [False, True], ids=["as it is", "with one more observation"])
def test_rewritten_history_is_what_it_says_now(rewritten, ask, replayed, observed):
    if observed:
        rewritten.observe()
    rewritten.build()

    days = (1, 3, 4, 5) if observed else (1, 3, 4)
    assert ask(rewritten, "SELECT observed_at FROM observations") == [(date(n),) for n in days]
    assert (rewritten.data / DATABASE_FILE).read_bytes() == replayed(rewritten.data)[0]


def test_a_last_commit_that_was_rewritten_is_noticed_even_in_a_shallow_clone(life, ask, shallow):
    """One repository is removed from the last observation, under the same date."""
    life.run()
    life.run()
    struck = max(life.world["organisation-1"])
    state = load(life.data)
    account = state["organisation-1"]
    facts, metrics = (
        [record for record in part if record["id"] != struck] for part in (account.repositories, account.metrics)
    )
    record = account.record | {"repositories": len(facts)}
    save(
        life.data,
        state
        | {"organisation-1": Account(account.listed_login, record, {"repositories": facts, "metrics": metrics})},
    )
    git(life.folder, "add", "--all")
    git(life.folder, "commit", "--quiet", "--amend", "--message", "struck out")
    folder = shallow(life, 2)

    with pytest.raises(DatasetError, match="it was built from another dataset"):
        build(folder / "data", folder / "data" / DATABASE_FILE)
    life.build()

    assert ask(life, f"SELECT id FROM repositories WHERE id = {struck}") == []
    life.run()
    assert ("reappeared", struck) in ask(life, "SELECT kind, repository_id FROM events")


@pytest.mark.parametrize("part", ["repositories/organisation-1.json", "metrics/organisation-1.jsonl"])
def test_a_last_commit_that_was_rewritten_in_one_file_is_noticed(life, part, shallow):
    life.run()
    life.run()
    path = life.data / part
    path.write_bytes(path.read_bytes().replace(b'"repository-', b'"hushed-up-'))
    git(life.folder, "commit", "--quiet", "--all", "--amend", "--message", "one name is another")
    folder = shallow(life, 2)

    with pytest.raises(DatasetError, match="it was built from another dataset"):
        build(folder / "data", folder / "data" / DATABASE_FILE)


@pytest.mark.parametrize("name", ["repositories/.gitkeep", "metrics/.DS_Store", ".gitattributes", "other.db"])
def test_files_of_others_beside_the_dataset_do_not_matter(life, shallow, replays, name):
    life.run()
    life.run()
    (life.data / name).write_text("somebody's")
    life.commit("somebody's")
    life.folder = shallow(life, 3)
    replays.clear()

    life.run()

    assert replays == []


def test_growth_is_at_the_end(life):
    """The rows that an observation adds to a table come after all earlier ones."""

    def rows() -> dict[str, list[tuple]]:
        with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
            return {table.name: connection.execute(f"SELECT * FROM {table.name}").fetchall() for table in HISTORY}

    life.turn(20)
    life.run()
    before = rows()
    life.turn(20)
    life.run()

    after = rows()
    for name in before.keys() - {"known_repositories"}:
        assert after[name][: len(before[name])] == before[name]
        assert len(after[name]) > len(before[name])


TOY = """    Check("toy", "Toy", "Is it a toy?", "None", "https://example.org", "Play.", _has("has_issues"), LISTING),
)
NAMES = """


def test_an_added_check_has_a_past_by_replay_and_carried_forward(tmp_path, life, ask):
    """In a copy of the program, with one more check, and one commit before the last to carry forward from."""
    life.turn()
    life.run()
    program = tmp_path / "program"
    shutil.copytree(ROOT / "scraper", program / "scraper", ignore=shutil.ignore_patterns("__pycache__"))
    checks = program / "scraper/model/checks.py"
    before, names, after = checks.read_text(encoding="utf-8").partition(")\nNAMES = ")
    checks.write_text(before + TOY + after, encoding="utf-8")
    assert names
    clone = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=2", life.folder.as_uri(), clone.name)

    def building(data, *ways):
        command = (sys.executable, "-m", "scraper", "build", "--data", data, *ways)
        return subprocess.run(command, cwd=program, check=False, capture_output=True, text=True)

    assert "it was built from another dataset, or with other checks" in building(clone / "data").stderr
    git(clone, "fetch", "--quiet", "--unshallow")
    assert building(clone / "data").returncode == building(life.data, "--from-git").returncode == 0
    assert ask(life, "SELECT count(*) > 0 FROM check_history WHERE check_name = 'toy'") == [(1,)]
    assert (clone / "data" / DATABASE_FILE).read_bytes() == (life.data / DATABASE_FILE).read_bytes()
