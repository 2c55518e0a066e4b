"""How long a replay of the history takes, compared with simonw/git-history on the same history, and with its bound.

    python -m benchmarks.history

The bound is what every replay must do: read every file that a commit changed from one `git cat-file`, and parse it.
git-history reads one file, so the same states are committed twice: as data/, and as one list of repositories.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import orjson

from benchmarks.build import in_own_process
from benchmarks.estate import healthy
from scraper.database.history import load_history
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import save
from scraper.history import git_objects, git_reader, lineage
from scraper.model.accounts import Account, Dataset
from scraper.model.collections import ALL
from scraper.model.fields import METRICS, ORGANISATION, REPOSITORY
from scraper.model.records import known, read

ORGANISATIONS, REPOSITORIES, COMMITS, CHANGING = 26, 1_300, 60, 0.1
BOUND = "bound: read and parse alone"
WIDE = 4
"""So many times as many organisations, to which nothing happens."""
LONG = 4
"""So many times as many commits, in which the same happens in all."""

REQUIREMENTS = Path(__file__).with_name("git-history.txt")
WORDS = ("care", "data", "service", "open", "health", "frontend", "platform", "test", "map", "river", "lantern")
GIT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "benchmark" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def main() -> None:
    """Print one table: wall time and peak memory of each way, and ratios to the replay and the bound."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        versions = _commit_life(folder)
        _commit_long_life(folder)
        ways: dict[str, Callable[[Path], float]] = {
            BOUND: _bound,
            "replay": _replay,
            f"{BOUND}, with health": _bound_with_health,
            "replay, with health": _healthy,
            f"replay, dataset {WIDE} times as large": _wide,
            f"replay, {LONG} times as many commits": _long,
        }
        measured = {way: min(in_own_process(function, folder) for _ in range(3)) for way, function in ways.items()}
        program = str(Path(sys.executable).with_name("oss-health"))
        measured["oss-health build --from-git"] = _process(
            program, "build", "--from-git", "--data", folder / "deep/data"
        )
        theirs = ("file", folder / "theirs.db", "repositories.json", "--repo", folder / "flat", "--id", "id")
        measured["git-history file"] = _process(_git_history(), *theirs, "--silent", cwd=folder / "flat")
    ours = measured["oss-health build --from-git"][0]
    print(
        f"Replay of {COMMITS} commits of {ORGANISATIONS} organisations with {REPOSITORIES:,} repositories,"
        f" {CHANGING:.0%} of them changed by each ({versions / 1e6:.0f} MB of versions)"
    )
    print(f"{'way':<44}{'seconds':>9}{'/ bound':>9}{'/ build':>9}{'peak MB':>9}")
    for way, (wall, peak) in measured.items():
        bound = measured[f"{BOUND}, with health" if "with health" in way else BOUND][0]
        print(f"{way:<44}{wall:>9.2f}{wall / bound:>9.1f}{wall / ours:>9.1f}{peak:>9.0f}")


def _bound(folder: Path) -> float:
    return _read_and_parsed(folder / "deep/data")


def _bound_with_health(folder: Path) -> float:
    return _read_and_parsed(folder / "healthy/data")


def _read_and_parsed(data: Path) -> float:
    checkout = git_reader.find(data)
    assert checkout
    seen: set[str] = set()
    begin = time.perf_counter()
    with git_objects.objects(checkout.repository) as objects:
        for state in lineage.states(checkout):
            [listed] = objects.read([str(state.organisations)])
            orjson.loads(listed or b"")
            for folder_id, collection in zip(state.folders, ALL, strict=True):
                files = objects.tree(folder_id) if folder_id else {}
                changed = [id_ for id_ in files.values() if id_ not in seen]
                seen.update(changed)
                for content in objects.read(changed):
                    lines = (content or b"").splitlines() if collection.suffix == ".jsonl" else [content or b""]
                    for text in lines:
                        orjson.loads(text)
    return time.perf_counter() - begin


def _replay(folder: Path) -> float:
    return _replayed(folder / "deep/data")


def _healthy(folder: Path) -> float:
    return _replayed(folder / "healthy/data")


def _wide(folder: Path) -> float:
    return _replayed(folder / "wide/data")


def _long(folder: Path) -> float:
    return _replayed(folder / "long/data")


def _replayed(data: Path) -> float:
    begin = time.perf_counter()
    with load_history(
        data,
        data / DATABASE_FILE,
        from_git=True,
        onto=None,
        deepen=None,
        progress=lambda done, total: None,
    ):
        return time.perf_counter() - begin


def _process(*command: object, cwd: Path | None = None) -> tuple[float, float]:
    """Wall in seconds and peak memory in MB of a whole process."""
    begin = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], cwd=cwd, env=GIT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed.")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def _git_history() -> Path:
    """git-history in a separate environment, because it needs a different version of sqlite-utils."""
    home = Path(sys.prefix) / "git-history"
    program = home / "bin/git-history"
    if not program.exists():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, home], check=True)
        install = [
            "pip",
            "install",
            "--quiet",
            "--python",
            home / "bin/python",
            "--require-hashes",
            "-r",
            REQUIREMENTS,
        ]
        subprocess.run([uv, *install], check=True)
    return program


def _commit_life(folder: Path) -> int:
    """The same life in four repositories; the size of all versions of the list in bytes."""
    chance, size = random.Random(1), 0
    raw = {login: _organisation(chance, login, number) for number, login in enumerate(_logins(ORGANISATIONS))}
    still = {
        login: _organisation(chance, login, number)
        for number, login in enumerate(_logins(ORGANISATIONS * WIDE))
        if login not in raw
    }
    for name in ("deep", "flat", "wide", "healthy"):
        (folder / name).mkdir()
        _git(folder / name, "init", "--quiet", "--initial-branch", "main")
    known: Dataset = {}
    for day in range(COMMITS):
        if day:
            _turn(chance, raw, CHANGING)
        now = _observed(raw, day)
        save(folder / "deep/data", now)
        known = _looked_at(now, known, day)
        save(folder / "healthy/data", known)
        save(folder / "wide/data", _observed(raw | still, day))
        text = orjson.dumps(_flat(now), option=orjson.OPT_INDENT_2)
        (folder / "flat/repositories.json").write_bytes(text)
        size += len(text)
        for name in ("deep", "flat", "wide", "healthy"):
            _git(folder / name, "add", "--all")
            _git(folder / name, "commit", "--quiet", "--message", f"day {day}")
    return size


def _commit_long_life(folder: Path) -> None:
    """The same changes, in smaller steps."""
    chance = random.Random(1)
    raw = {login: _organisation(chance, login, number) for number, login in enumerate(_logins(ORGANISATIONS))}
    (folder / "long").mkdir()
    _git(folder / "long", "init", "--quiet", "--initial-branch", "main")
    for day in range(COMMITS * LONG):
        if day:
            _turn(chance, raw, CHANGING / LONG)
        save(folder / "long/data", _observed(raw, day))
        _git(folder / "long", "add", "--all")
        _git(folder / "long", "commit", "--quiet", "--message", f"day {day}")


def _observed(raw: dict[str, list[dict[str, object]]], day: int) -> Dataset:
    return {
        login: _account(login, number, repositories, _date(day))
        for number, (login, repositories) in enumerate(raw.items())
    }


def _date(day: int) -> str:
    return f"{2026 + day // 336}-{day // 28 % 12 + 1:02}-{day % 28 + 1:02}T12:00:00Z"


def _looked_at(now: Dataset, before: Dataset, day: int) -> Dataset:
    """Add health: of all repositories at first, then of those with new pushes and of one in thirty."""
    chance = random.Random(day)
    found = healthy(now, chance, _date(day))
    for key, last in before.items():
        pushed = {each["id"]: each["pushed_at"] for each in last.metrics}
        asked = {
            each["id"]
            for each in now[key].metrics
            if pushed[each["id"]] != each["pushed_at"] or each["id"] % 30 == day % 30
        }
        for name in ("health", "activity"):
            old = last.by_id(name)
            records = found[key].records[name]
            records[:] = [each if each["id"] in asked else old[cast(int, each["id"])] for each in records]
        facts = last.by_id("health")  # few of them move, however often they are asked for
        found[key].records["health"][:] = [
            each if chance.random() < 0.002 else facts[cast(int, each["id"])] for each in found[key].records["health"]
        ]
    return found


def _flat(dataset: Dataset) -> list[Mapping[str, object]]:
    return [
        known({**facts, **metrics})
        for account in dataset.values()
        for facts, metrics in zip(account.repositories, account.metrics, strict=True)
    ]


def _turn(chance: random.Random, raw: dict[str, list[dict[str, object]]], share: float) -> None:
    """Counters change in a share of the repositories, and facts in a few; most organisations do not change."""
    for login in chance.sample(sorted(raw), 8):
        for repository in chance.sample(raw[login], round(len(raw[login]) * share * len(raw) / 8)):
            repository["stargazers_count"] = int(str(repository["stargazers_count"])) + 1
            repository["pushed_at"] = f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T08:00:00Z"
            if chance.random() < 0.05:
                repository["license"] = chance.choice(("MIT", "Apache-2.0"))


def _logins(count: int) -> list[str]:
    return [f"organisation-{number}" for number in range(count)]


def _organisation(chance: random.Random, login: str, number: int) -> list[dict[str, object]]:
    return [
        {
            "id": number * 1_000 + n,
            "name": f"{login}-{n}",
            "full_name": f"{login}/{n}",
            "html_url": f"https://github.com/{login}/{n}",
            "description": " ".join(chance.choices(WORDS, k=8)),
            "topics": chance.sample(WORDS, 3),
            "language": chance.choice(WORDS),
            "license": "MIT",
            "fork": False,
            "created_at": "2020-01-01T00:00:00Z",
            "stargazers_count": chance.randint(0, 99),
            "forks_count": chance.randint(0, 9),
            "open_issues_count": chance.randint(0, 9),
            "size": chance.randint(0, 9_999),
            "pushed_at": "2025-12-31T00:00:00Z",
        }
        for n in range(REPOSITORIES // ORGANISATIONS)
    ]


def _account(login: str, number: int, repositories: list[dict[str, object]], date: str) -> Account:
    record = {
        "id": number,
        "login": login,
        "name": login,
        "repositories": len(repositories),
        "status": "ok",
        "observed_at": date,
    }
    facts, metrics = ([read(fields, each) for each in repositories] for fields in (REPOSITORY, METRICS))
    return Account(login, read(ORGANISATION, record), {"repositories": facts, "metrics": metrics})


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "gc.auto=0", *arguments], cwd=folder, env=GIT, check=True)


if __name__ == "__main__":
    main()
