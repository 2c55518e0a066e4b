"""Answers from GitHub and an earlier project: invented ones in the same form, and real recordings if available.

The recordings are not part of this repository. Tests that read them use the invented ones everywhere.
"""

import csv
import os
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import orjson

from sandbox import Estate
from tests.helpers.estate import FULL_PAGE, LARGE
from tests.helpers.machine import ROOT

ANSWERS = Path(os.environ.get("RECORDINGS") or ROOT.parent / "shared/recordings/github-2021-03-04")
COUNTS = ANSWERS.parent.parent / "earlier/origin.csv"
ANSWERED = ["invented", *["real"] * ANSWERS.is_dir()]
COUNTED = ["invented", *["real"] * COUNTS.is_file()]
"""Those that exist on this machine."""

DAY = date(2024, 11, 3)
NOT_YET = (
    *("allow_forking", "has_discussions", "has_pull_requests", "is_template", "pull_request_creation_policy"),
    *("topics", "visibility", "web_commit_signoff_required"),
)
"""Fields that GitHub's lists of 2021 did not have."""


def write_answers(world: Estate, folder: Path) -> None:
    """Two accounts of the estate, a file each, as GitHub listed repositories in 2021."""
    for account in world.accounts(DAY):
        if account.login in (LARGE, FULL_PAGE):
            records = [world.write(each, account) for each in world.repositories(account, DAY)]
            for record in records:
                for name in NOT_YET:
                    del record[name]
                record["homepage"] = record["homepage"] or ""
            (folder / f"{account.login}.json").write_bytes(orjson.dumps(records))


@dataclass(frozen=True)
class Published:
    """A row for each version and organisation, and the falls in them: whose, between which dates, and by how much."""

    rows: list[dict[str, str]]
    falls: list[tuple[str, str, str, int, int]]


def invented_counts() -> Published:
    """Nine versions, two of them on one day: one organisation joins, one closes, one is not on GitHub."""
    rows = [
        {
            "observed_on": str(date(2021, 6, 28) + timedelta(days=7 * min(version, 7))),
            "organisation": organisation,
            "open_repositories": str(number),
            "source_commit": f"{version:040x}",
        }
        for version in range(9)
        for organisation, number in (
            ("github.com/Alder", 40 + version),
            ("github.com/birch", 30 if version < 5 else 9),
            *([("github.com/cedar", version)] if version > 2 else []),
            ("gitlab.com/dogwood", 1),
        )
    ]
    return Published(rows, [("birch", "2021-07-26", "2021-08-02", 30, 9)])


def recorded_counts() -> Published:
    """What the earlier project published in 329 versions."""
    with COUNTS.open(encoding="utf-8", newline="") as file:
        return Published(
            list(csv.DictReader(file)),
            [
                ("nhs-pycom", "2022-06-19", "2022-06-26", 16, 5),
                ("nhsleadership", "2023-01-19", "2023-05-10", 35, 17),
                ("publichealthengland", "2022-07-17", "2022-07-24", 67, 53),
            ],
        )
