"""How much nightly health checks add to a repository, packed by git, for each collection.

    python -m benchmarks.growth

Each night checks a sixteenth of a quarter of the UK's estate: the repositories that changed, at the rates measured
over 44 days in 1,156 repositories, then those with the oldest answers. The files are those that the program writes.
"""

import random
import subprocess
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from string import ascii_lowercase
from typing import cast

from benchmarks.estate import REPOSITORIES, estate, healthy
from benchmarks.history import GIT
from scraper.dataset.store import save
from scraper.model.accounts import Dataset
from scraper.model.fields import Record
from scraper.model.health import FAMILY_NAMES, observed_at

RUNS, YEAR, SHARE = 20, 365, 4
ASKED, MOVED, PUSHED = 1_550 / REPOSITORIES, 0.031, 0.02
BEGIN = date(2026, 2, 1)
PUSH = ("commits_count", "commits_last_year")
COUNTERS = {
    "pull_requests_open": 0.0145,
    "pull_requests_merged": 0.012,
    "issues_open": 0.0079,
    "issues_closed": 0.006,
    "pull_requests_closed": 0.003,
    "releases_count": 0.0016,
}
"""The share of all repositories in which each changes in a day. Closed ones were not measured; they are a guess."""
BYTES, FACTS = 0.01, 0.0005
LISTED = ("repositories", "metrics")


def main() -> None:
    """Print one table: by collection, the megabytes of a year with runs each night, and with runs each week."""
    nightly, quiet = _grown(1)
    weekly, _ = _grown(7)
    print(f"{REPOSITORIES:,} repositories, {round(ASKED * REPOSITORIES):,} of them asked for each night: MB a year")
    print(f"{'':<34}{'nightly':>8}{'weekly':>8}")
    for what in sorted(nightly):
        print(f"{what:<34}{nightly[what] / 1e6:>8.1f}{weekly[what] / 1e6:>8.1f}")
    a_night, a_week = (sum(size for what, size in grown.items() if what not in LISTED) for grown in (nightly, weekly))
    print(f"{'all but what the listing brings':<34}{a_night / 1e6:>8.1f}{a_week / 1e6:>8.1f}")
    print(f"After a night in which nothing moved, {quiet} files of health differ.")


def _grown(days: int) -> tuple[dict[str, float], int]:
    """The bytes of a year with a run every so many days, and the files of health that a quiet run changes."""
    with tempfile.TemporaryDirectory() as name:
        folder, chance = Path(name), random.Random(1)
        everything = healthy(estate(chance), chance)
        # Git looks for deltas among paths that end alike, so logins that end alike would cost more than real ones.
        dataset = {
            key: replace(account, listed_login="".join(chance.choices(ascii_lowercase, k=10)))
            for n, (key, account) in enumerate(everything.items())
            if not n % SHARE
        }
        _git(folder, "init", "--quiet", "--initial-branch", "main")
        _forget_when(dataset, chance)
        _commit(folder, dataset)
        before = _packed(folder)
        for run in range(1, RUNS + 1):
            _turn(dataset, BEGIN + timedelta(days=run * days), days, chance)
            _commit(folder, dataset)
        grown = _packed(folder)
        grown.subtract(before)
        quiet = _quiet_night(folder, dataset, BEGIN + timedelta(days=(RUNS + 1) * days))
        count = sum(len(account.repositories) for account in dataset.values())
    year = YEAR / days / RUNS * REPOSITORIES / count
    return {what: size * year for what, size in grown.items()}, quiet


def _forget_when(dataset: Dataset, chance: random.Random) -> None:
    """Date each answer to some day in the last four weeks."""
    for record in _activity(dataset):
        _date(record, BEGIN - timedelta(days=chance.randrange(28)))


def _activity(dataset: Dataset) -> list[Record]:
    return [record for account in dataset.values() for record in account.records.get("activity", [])]


def _date(record: Record, day: date) -> None:
    record |= {observed_at(family): f"{day}T03:17:42Z" for family in FAMILY_NAMES}


def _turn(dataset: Dataset, day: date, days: int, chance: random.Random) -> None:
    """What happened in so many days until this one, and a run that asks about it."""
    records = _activity(dataset)
    facts = {each["id"]: each for account in dataset.values() for each in account.records.get("health", [])}
    metrics = {each["id"]: cast(Record, each) for account in dataset.values() for each in account.metrics}

    def some(share: float, of: list[Record]) -> list[Record]:
        return chance.sample(of, round(_within(days, share) * len(records)))

    moved = some(MOVED, records)
    pushed = moved[: round(_within(days, PUSHED) * len(records))]
    for name, share in COUNTERS.items():
        for record in some(share, moved if "open" in name or "closed" in name else pushed):
            record[name] = max(0, cast(int, record[name]) + chance.choice((1, 1, -1) if "open" in name else (1, 2)))
    for record in pushed:
        record |= {name: cast(int, record[name]) + chance.randint(1, 3) for name in PUSH}
        moment = f"{day}T{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}Z"
        record["last_commit_at"] = metrics[record["id"]]["pushed_at"] = moment
    for record in some(BYTES, pushed):
        sizes = cast(dict[str, int], record["language_bytes"])
        record["language_bytes"] = {name: size + chance.randrange(2_000) for name, size in sizes.items()}
    for record in some(FACTS, pushed):
        facts[record["id"]]["workflows"] = not facts[record["id"]]["workflows"]
    for record in some(COUNTERS["releases_count"], pushed):
        facts[record["id"]] |= {"latest_release": f"v{day:%y.%m}", "latest_release_at": f"{day}T09:00:00Z"}
    oldest = sorted(records, key=lambda record: (str(record[observed_at(FAMILY_NAMES[0])]), cast(int, record["id"])))
    for record in [*moved, *oldest[: round((ASKED - MOVED) * days * len(records))]]:
        _date(record, day)


def _within(days: int, share: float) -> float:
    """The share to which something happens in so many days, of which this happens in one."""
    return 1 - (1 - share) ** days


def _quiet_night(folder: Path, dataset: Dataset, day: date) -> int:
    for record in _activity(dataset):
        _date(record, day)
    _commit(folder, dataset)
    return len(_git(folder, "diff", "--name-only", "HEAD^", "HEAD", "--", "data/health").split())


def _commit(folder: Path, dataset: Dataset) -> None:
    save(folder / "data", dataset)
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "A run")


def _packed(folder: Path) -> "Counter[str]":
    """Bytes of packed objects by collection; the rest are commits and folders."""
    # With more threads, git divides a file's versions among them, and stores a whole file for each; and it keeps
    # whole files as they are unless everything is packed again.
    _git(folder, "-c", "pack.threads=1", "repack", "-a", "-d", "-f", "-q")
    listed = _git(folder, "rev-list", "--objects", "--all")
    sizes: Counter[str] = Counter()
    for line in _git(folder, "cat-file", "--batch-check=%(objectsize:disk) %(rest)", stdin=listed).splitlines():
        size, _, path = line.partition(" ")
        place = path.split("/")
        sizes[place[1] if len(place) > 1 and "." not in place[1] else "commits, and all else"] += int(size)
    sizes["the pack's index"] = sum(path.stat().st_size for path in folder.glob(".git/objects/pack/*.idx"))
    return sizes


def _git(folder: Path, *arguments: str, stdin: str | None = None) -> str:
    command = ["git", "-c", "gc.auto=0", *arguments]
    return subprocess.run(
        command, cwd=folder, env=GIT, check=True, input=stdin, capture_output=True, text=True
    ).stdout


if __name__ == "__main__":
    main()
