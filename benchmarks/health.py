"""What health checks cost, compared with the fewest queries that can check as many repositories.

    python -m benchmarks.health

The sandbox simulates the UK public sector's estate, and says what each query would cost: points of the quota, and
seconds by its model of GitHub's time. Each run is a whole process, including listing and writing.
"""

import math
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks.scrape import measured
from sandbox import Estate, Sandbox
from sandbox.cli import write_organisations
from sandbox.estate import DEFAULT_DATE
from scraper import clock
from scraper.config import DEFAULT_BUDGET
from scraper.dataset.store import load, save
from scraper.github.families import FAMILIES
from scraper.health import REFRESH
from scraper.model.accounts import Account, Dataset
from scraper.model.fields import Field, Record
from scraper.model.health import ACTIVITY, HEALTH, observed_at
from scraper.model.kinds import UNKNOWN

SWEEP_POINTS = 120
"""So many queries of the first sweep are enough to estimate all of it."""
NIGHTLY_SECONDS = int(DEFAULT_BUDGET.partition("/")[2])


def main() -> None:
    """Print one table: what was asked for in the first run and in a later night, and what it cost."""
    with tempfile.TemporaryDirectory() as name, Sandbox(Estate("uk"), on=DEFAULT_DATE) as github:
        folder = Path(name)
        write_organisations(github.world, github.date, folder / "organisations.yml")
        print(
            f"{'':<18}{'repositories':>13}{'queries':>9}{'least':>7}{'ratio':>7}{'points':>8}{'GitHub s':>10}"
            f"{'wall s':>8}{'peak MB':>9}"
        )
        first = _run(github, folder, "first sweep begun", SWEEP_POINTS)
        _ask_all(folder / "data", DEFAULT_DATE)
        github.date += timedelta(days=1)
        _run(github, folder, "a night", 1_000)
        own = sum(not each["fork"] for account in load(folder / "data").values() for each in account.repositories)
    nights = math.ceil(own * first / NIGHTLY_SECONDS)
    print(
        f"Of {own:,} repositories, each takes {first:.2f} s of GitHub's time: with {NIGHTLY_SECONDS} s a night,"
        f" the first sweep takes {nights} nights."
    )


def _run(github: Sandbox, folder: Path, what: str, points: int) -> float:
    """Run the program once; return GitHub's seconds for each repository that was checked completely."""
    command = [str(Path(sys.executable).with_name("oss-health")), "scrape", "--data", str(folder / "data")]
    command += ["--organisations-file", str(folder / "organisations.yml"), "--api-url", github.url]
    command += ["--health-budget", f"{points}/21600"]
    github.requests.clear()
    wall, _, peak = measured(command, {**os.environ, clock.SETTING: f"{github.date}T23:59:59Z"})
    asked = [request for request in github.requests if request.path == "/graphql" and request.points]
    seconds, spent = sum(request.seconds for request in asked), sum(request.points for request in asked)
    answered = [_answered(load(folder / "data"), family.source, github.date) for family in FAMILIES]
    least = sum(math.ceil(count / family.batch) for count, family in zip(answered, FAMILIES, strict=True))
    print(
        f"{what:<18}{max(answered):>13,}{len(asked):>9}{least:>7}{len(asked) / least:>7.2f}{spent:>8}{seconds:>10.0f}"
        f"{wall:>8.1f}{peak:>9.0f}"
    )
    return seconds / (sum(answered) / len(answered))


def _answered(dataset: Dataset, family: str, today: date) -> int:
    records = (each for account in dataset.values() for each in account.records.get("activity", []))
    return sum(str(record[observed_at(family)]).startswith(f"{today}") for record in records)


def _ask_all(data: Path, today: date) -> None:
    """Make everything known, as after a month: checked when it changed, or else in the last four weeks."""
    dataset = load(data)
    for key, account in dataset.items():
        if account.record["observed_at"] is not None:
            records = dict(account.records)
            made = list(_known(account, today))
            for place, collection in enumerate(("health", "activity")):
                if made:
                    records[collection] = [pair[place] for pair in made]
            dataset[key] = Account(account.listed_login, account.record, records)
    save(data, dataset)


def _known(account: Account, today: date) -> Iterator[tuple[Record, Record]]:
    metrics = account.by_id("metrics")
    for id_, facts in sorted(account.by_id("repositories").items()):
        if facts["fork"]:
            continue
        counted = metrics[id_]
        looked = f"{today - timedelta(days=id_ // 256 % REFRESH.days)}T00:00:00Z"
        pushed = str(counted["pushed_at"] or "")
        moment = max(looked, f"{pushed[:10]}T23:59:59Z") if pushed else looked
        said = {"id": id_, "name": facts["name"], "archived_at": facts["created_at"] if facts["archived"] else None}
        said |= {
            "license_file": facts["license"] is not None,
            "issues_open": counted["open_issues_count"],
            "pull_requests_open": 0,
            "last_commit_at": pushed or None,
        }
        said |= {observed_at(family.source): moment for family in FAMILIES}
        yield _filled(HEALTH, said), _filled(ACTIVITY, said)


EMPTY: dict[str, object] = {"boolean": False, "integer": 1, "names": ["Python"], "bytes": {"Python": 1_000}}


def _filled(fields: tuple[Field, ...], said: Record) -> Record:
    """A record with these values, and plain ones for all other default fields."""
    usual = {family.source for family in FAMILIES}
    return {
        field.name: said[field.name]
        if field.name in said
        else EMPTY.get(field.kind)
        if field.source in usual and field.kind in EMPTY
        else None
        if field.nullable
        else UNKNOWN
        for field in fields
    }


if __name__ == "__main__":
    main()
