"""Datasets to ask: GitHub's recorded answers, and a small one in which everything odd happens once."""

import json
from pathlib import Path

from scraper.model.accounts import Account, Dataset
from scraper.model.fields import METRICS, PENDING, REPOSITORY, Record, read, read_organisation

HOSTILE = "<script>alert('1')</script> \"'; DROP TABLE repositories; -- {{ 7*7 }} ☃ \x1b[31m"


def recorded(folder: Path) -> Dataset:
    """GitHub's answers in `folder` as a dataset."""
    dataset: Dataset = {}
    for path in sorted(folder.glob("*.json")):
        raw = json.loads(path.read_text(encoding="utf-8"))
        owner = raw[0]["owner"]
        dataset[path.stem.casefold()] = make_account(owner["login"], *raw, id=owner["id"])
    return dataset


def invented() -> Dataset:
    """Observed, kept, empty, pending and not found; forks, hostile text, unknown licences, unknown numbers."""
    accounts = [
        make_account(
            "Alder",
            repository(1, language="Python", license="MIT", topics=["testing", "nhs"], stargazers_count=5),
            repository(2, created_at="2020-05-01T08:00:00Z", language="R", description="Tests of a lantern"),
            repository(3, created_at="2020-05-01T23:59:59Z", license="NOASSERTION", pushed_at="2021-01-01T00:00:00Z"),
            repository(4, fork=True, language="Go", license="LicenseRef-own", description="A lantern, forked"),
            repository(5, created_at="2021-07-01T00:00:00Z", archived=True, pushed_at="2019-01-01T00:00:00Z"),
            id=10,
        ),
        make_account(
            "birch",
            repository(6, name="hostile", description=HOSTILE, homepage=HOSTILE, topics=[HOSTILE, "nhs"]),
            repository(7, language="C++", archived=None, pushed_at="2010-01-01T00:00:00Z", stargazers_count=None),
            id=11,
            type="User",
            status="kept",
            reason="The network was down: nothing to do, the next run tries again.",
            observed_at="2023-12-31T12:00:00Z",
        ),
        make_account("cedar", id=12),
        make_account("dogwood", status="pending", reason=PENDING, observed_at=None, repositories=None),
        make_account("elder", status="not_found", reason=HOSTILE, observed_at=None, repositories=None, type=None),
    ]
    return {account.listed_login.casefold(): account for account in accounts}


def make_account(login: str, *raw: dict[str, object], **changes: object) -> Account:
    """An observed organisation with these repositories, which are given as GitHub's API would give them."""
    record: Record = {"login": login, "name": f"The {login}", "type": "Organization", "repositories": len(raw)}
    record |= {"status": "ok", "observed_at": "2024-01-31T12:00:00Z"} | changes
    return Account(
        login,
        read_organisation(record),
        {
            "repositories": [read(REPOSITORY, each) for each in raw],
            "metrics": [read(METRICS, each) for each in raw],
        }
        if record["observed_at"]
        else {},
    )


def repository(identity: int, **changes: object) -> dict[str, object]:
    """A repository as GitHub's API would give it."""
    name = str(changes.get("name", f"repository-{identity}"))
    return {
        "id": identity,
        "name": name,
        "full_name": f"somebody/{name}",
        "html_url": f"https://github.com/somebody/{name}",
        "description": None,
        "homepage": None,
        "language": None,
        "license": None,
        "mirror_url": None,
        "default_branch": "main",
        "fork": False,
        "archived": False,
        "created_at": "2019-03-01T10:00:00Z",
        "pushed_at": "2023-06-01T10:00:00Z",
        "stargazers_count": identity,
        "forks_count": 0,
        "open_issues_count": 0,
        "size": 100,
        **changes,
    }
