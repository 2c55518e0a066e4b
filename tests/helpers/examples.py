"""Small datasets in which every odd thing happens once."""

import json

from scraper.model.accounts import Account, Dataset
from scraper.model.collections import COLLECTIONS
from scraper.model.fields import Record
from scraper.model.health import ACTIVITY, FAMILY_NAMES, HEALTH, observed_at
from scraper.model.records import PENDING, read, read_organisation

LISTED = tuple(each for each in COLLECTIONS if not each.optional)
"""The collections that come from GitHub's list of repositories."""

HOSTILE = "<script>alert('1')</script> \"'; DROP TABLE repositories; -- {{ 7*7 }} ☃ \x1b[31m"

EXCEPTIONS = f"""
exceptions:
  - {{repository: fir-tree/work-3, check: ci, reason: {json.dumps(HOSTILE[:-8])}, until: 2031-01-01}}
  - {{repository: Fir-Tree/work-7, check: readme, reason: It is a mirror., until: 2024-02-27}}
  - {{repository: fir-tree/work-9, check: security_policy, reason: The owner's holds., until: 2024-03-20}}
  - {{repository: nobody/nowhere, check: license, reason: It was moved., until: 2030-01-01}}
  - {{repository: somebody/repository-4, check: ci, reason: It is a fork., until: 2030-01-01}}
"""
"""Exceptions for `lively`: one holds, one expired, one ends soon, one is for no repository, and one for a fork."""


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


def lively() -> tuple[Dataset, Dataset]:
    """Two states in which every odd thing happens once, with an event of each kind between them."""
    before, after = invented(), invented()
    late = "2024-02-28T12:00:00Z"
    raw = [
        repository(20 + n, name=f"work-{n}", full_name=f"fir-tree/work-{n}", license=("MIT", None, "GPL-3.0")[n % 3],
                   language=("Python", "HTML", "Jupyter Notebook", "R")[n % 4],
                   created_at=f"20{10 + n % 14}-0{1 + n % 9}-11T10:00:00Z", description=HOSTILE if n == 5 else "Work")
        for n in range(70)
    ]  # fmt: skip
    had = {20 + n: {"readme": n % 3 != 1, "workflows": n % 2 == 0} for n in range(40)}
    release = {"latest_release": HOSTILE, "latest_release_at": late}
    has = had | {22: {"readme": False}, 23: {"readme": True, "security_policy": True}, 24: had[24] | release}
    before["fir-tree"] = asked(make_account("Fir-Tree", *raw[:65], id=16), had, "2024-01-31T12:00:00Z")
    after["fir-tree"] = make_account(
        "Fir-Tree", *(each | {"license": "MIT"} for each in raw[1:]), id=16, observed_at=late, name=HOSTILE[:60]
    )
    after["fir-tree"] = asked(after["fir-tree"], has, late)
    after["alder"].record["observed_at"] = late
    after["alder"].repositories[0]["archived"] = True
    after["alder"].repositories[1] |= {"name": "renamed", "full_name": "somebody/renamed"}
    return before, after


def make_account(login: str, *raw: dict[str, object], **changes: object) -> Account:
    """An observed organisation with these repositories, given in the form of GitHub's API."""
    record: Record = {"login": login, "name": f"The {login}", "type": "Organization", "repositories": len(raw)}
    record |= {"status": "ok", "observed_at": "2024-01-31T12:00:00Z"} | changes
    return Account(
        login,
        read_organisation(record),
        {part.name: [read(part.fields, each) for each in raw] for part in LISTED} if record["observed_at"] else {},
    )


def asked(account: Account, values: dict[int, Record], date: str) -> Account:
    """The account after a second look at the repositories with these ids: they have only what is given."""
    names = {facts["id"]: facts["name"] for facts in account.repositories}
    health: Record = {field.name: False if field.is_file else None for field in HEALTH}
    health |= {"is_empty": False, "languages": []}
    activity: Record = {field.name: 0 if field.kind == "integer" else None for field in ACTIVITY} | {
        "language_bytes": {}
    }
    activity |= {observed_at(family): date for family in FAMILY_NAMES} | {"last_commit_at": "2020-01-01T00:00:00Z"}
    records = {
        name: [
            empty | {"id": id_, "name": names[id_]} | {key: said[key] for key in said if key in empty}
            for id_, said in sorted(values.items())
            if id_ in names
        ]
        for name, empty in (("health", health), ("activity", activity))
    }
    return Account(account.listed_login, account.record, {**account.records, **records})


def whereabouts(identity: int, found: str | None = None, **changes: object) -> Record:
    """What became of a repository that is no longer where it was."""
    more = {
        "moved": {"moved_to": f"elsewhere/repository-{identity}", "owner_id": 9_000},
        "blocked": {"blocked_for": "dmca"},
    }
    return {
        "id": identity,
        "name": f"repository-{identity}",
        "full_name": f"somebody/repository-{identity}",
        "missing_since": "2024-01-31T12:00:00Z",
        "whereabouts": found,
        "moved_to": None,
        "owner_id": None,
        "blocked_for": None,
        "checked_at": "2024-01-31T12:00:00Z" if found else None,
        **more.get(str(found), {}),
        **changes,
    }


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
