"""The health queries of metadata.json, answered again in plain Python from all states of a dataset."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date as day
from datetime import timedelta
from typing import Any

from scraper.dataset.exceptions import Excepted
from scraper.model.accounts import Dataset, owners
from scraper.model.checks import CHECKS, Check
from scraper.model.health import HEALTH
from scraper.model.news import field_name
from tests.helpers.by_hand import repositories
from tests.helpers.examples import asked, make_account, repository
from tests.helpers.history_by_hand import date, events

Row = dict[str, Any]
States = list[Dataset]

FILES = {"license_file": "license", "workflows": "ci"} | {
    name: name for name in ("readme", "security_policy", "contributing", "code_of_conduct", "dependency_updates")
}
"""The file that each of these checks looks for."""
OF_LISTING, OF_COMMITS, OF_ARCHIVED = ("license", "description"), ("maintained",), ("license", "maintained")
"""Checks that use the listing, and commits; and those that also apply to archived repositories."""
URGENT = ("security_policy", "license", "readme")
EXCEPTIONS = (
    ("alder/r-1", "readme", "2021-05-20"),
    ("alder/r-2", "security_policy", "2021-07-01"),
    ("alder/r-3", "license", "2022-01-01"),
    ("birch/r-11", "ci", "2021-06-05"),
    ("birch/r-12", "description", "2021-12-31"),
)


def life(seed: int) -> States:
    """Six months of two organisations whose repositories gain, lose and publish things; some are never checked."""
    chance = random.Random(seed)
    files = [field.name for field in HEALTH if field.is_file]
    raw = {
        n: {"full_name": f"{'alder' if n < 10 else 'birch'}/r-{n}", "fork": n in (9, 18), "archived": n in (8, 17),
            "license": chance.choice(("MIT", "NOASSERTION", None)),
            "stargazers_count": chance.choice((None, 1, n, 50)),
            "pushed_at": "2021-02-20T10:00:00Z" if n % 4 == 3 else "2019-01-01T10:00:00Z",
            "description": chance.choice((None, "Work")), "topics": chance.choice(([], ["a"]))}
        for n in (*range(1, 10), *range(10, 19))
    }  # fmt: skip
    has: dict[int, Row] = {n: {name: chance.random() < 0.6 for name in files} for n in raw if n not in (7, 9, 16, 18)}
    counts = dict.fromkeys(has, 0)
    states = []
    for month in range(1, 7):
        now = f"2021-{month:02}-03T12:00:00Z"
        for n, said in has.items():
            for name in chance.sample(files, 2):
                said[name] = not said[name]
            closed = said.get("pull_requests_closed", 0) + chance.randint(0, 4)
            counts[n] += chance.choice((0, 0, 1, 3))
            said |= {
                "pull_requests_closed": closed,
                "pull_requests_open": chance.randint(0, 5),
                "pull_requests_merged": counts[n],
                "releases_count": said.get("releases_count", 0) + chance.choice((0, 0, 1)),
                "latest_release": f"v{month}",
                "latest_release_at": now,
                "last_commit_at": chance.choice(("2020-01-01T00:00:00Z", now)),
                "language_bytes": {name: chance.randint(1, 999) for name in chance.sample(("C", "Go", "R"), 2)},
            }
        state: Dataset = {}
        for login, ids in (("alder", range(1, 10)), ("birch", range(10, 19))):
            first = [n for n in ids if n in has and (month > 2 or n % 2)]  # the others are checked later
            account = make_account(login, *(repository(n, name=f"r-{n}", **raw[n]) for n in ids), observed_at=now)
            state[login] = asked(account, {n: dict(has[n]) for n in first}, now)
        states.append(state)
    return states


def exceptions() -> list[Excepted]:
    return [
        Excepted(name, check, f"Reason {number}", until) for number, (name, check, until) in enumerate(EXCEPTIONS)
    ]


def _is(login: str, organisation: str) -> bool:
    return organisation.casefold() in ("", login.casefold())


def _days_to(moment: str, observed_at: str) -> int:
    return (day.fromisoformat(observed_at[:10]) - day.fromisoformat(moment[:10])).days


def _results(row: Row) -> dict[str, bool | None]:
    """What each check says about a repository in `life`, which was checked completely or only listed."""
    files = {check: bool(row[file]) for file, check in FILES.items() if file != "license_file"}
    published, now = row["latest_release_at"], row["files_observed_at"]
    at_work = (row["last_commit_at"], row["issue_updated_at"], row["pushed_at"])
    asked = {
        **files,
        "released": published is not None and 0 <= _days_to(published, now) <= 365,
        "maintained": not row["archived"] and any(moment and _days_to(moment, now) <= 90 for moment in at_work),
        "reuse_metadata": any(row[name] for name in ("publiccode", "citation", "codemeta", "code_json")),
    } if now else {}  # fmt: skip
    listed = {"license": row["license"] == "MIT", "description": bool(row["description"] and row["topics"])}
    return {check.name: {**asked, **listed}.get(check.name) for check in CHECKS}


def _said(state: Dataset) -> Iterator[tuple[Row, Check, bool | None]]:
    """What each check says about each repository that it applies to."""
    for row in repositories(state):
        said = _results(row)
        about = CHECKS if not row["archived"] else [check for check in CHECKS if check.name in OF_ARCHIVED]
        yield from ((row, check, said[check.name]) for check in about)


def regardless_of_exceptions(state: Dataset, title: str, organisation: str = "") -> list[bool | None]:
    """What the check with this title says about each repository."""
    return [
        passed
        for row, check, passed in _said(state)
        if check.title == title and _is(row["organisation"], organisation)
    ]


def _answers(state: Dataset) -> list[Row]:
    excepted = {(each.repository, each.check): each for each in exceptions()}
    today = date(state)[:10]
    found = []
    for row, check, passed in _said(state):
        exception = excepted.get((row["full_name"], check.name))
        holds = exception is not None and exception.until >= today and passed is not True
        known = "passed" if passed else "failed" if passed is False else "unknown"
        committed, counted = row["commits_observed_at"], row["counts_observed_at"]
        observed = row["files_observed_at"]
        if check.name in OF_LISTING:
            observed = date(state)
        elif check.name in OF_COMMITS:
            observed = min(committed, counted or committed, key=str)
        found.append({**row, "check": check, "result": "excepted" if holds else known, "observed_at": observed})
    return found


def what_to_act_on(states: States, organisation: str = "") -> list[Row]:
    state = states[-1]
    today = day.fromisoformat(date(state)[:10])
    now = {row["id"]: row for row in repositories(state)}
    answers = {(row["id"], row["check"].name): row for row in _answers(state)}
    found: dict[tuple[int, str], tuple[int, str, str]] = {}
    for when, event in events(states):
        row = now.get(event.repository_id)
        if row is None or day.fromisoformat(when[:10]) < today - timedelta(days=30):
            continue
        if event.kind == "lost" and row[event.field] is False:
            key = (row["id"], FILES.get(str(event.field), str(event.field)))
            if key not in answers or answers[key]["result"] == "failed":
                found[key] = (1, when, "lost lately")
    by_name = {row["full_name"]: row["id"] for row in now.values()}
    for each in exceptions():
        key = (by_name[each.repository], each.check)
        if each.until <= f"{today + timedelta(days=30)}" and answers[key]["result"] in ("failed", "excepted"):
            ended = "exception ended" if each.until < f"{today}" else "exception ends soon"
            found.setdefault(key, (2, each.until, ended))
    for key, row in answers.items():
        if key[1] in URGENT and row["result"] == "failed":
            found.setdefault(key, (3, row["observed_at"], "fails"))
    titles = {check.name: check.title for check in CHECKS}
    rows = []
    for login in ("alder", "birch"):
        own = [
            (urgency, -day.fromisoformat(when[:10]).toordinal() if urgency == 1 else 0, when if urgency == 2 else "",
             now[id_]["stargazers_count"] is None, -(now[id_]["stargazers_count"] or 0), now[id_]["full_name"],
             URGENT.index(name) if name in URGENT else 3, name, because, when)
            for (id_, name), (urgency, when, because) in found.items()
            if now[id_]["organisation"] == login and now[id_]["archived"] is not True
        ]  # fmt: skip
        rows += [
            {"organisation": login, "place": place, "because": because, "full_name": full_name, "date": when,
             "subject": titles.get(name) or field_name(name)}
            for place, (*_, full_name, _, name, because, when) in enumerate(sorted(own)[:10], 1)
            if _is(login, organisation)
        ]  # fmt: skip
    return rows


def repositories_that_fail_a_check(states: States, organisation: str = "", check: str = "") -> list[Row]:
    rows = [
        {
            "organisation": row["organisation"],
            "full_name": row["full_name"],
            "observed_at": row["observed_at"],
            "stargazers_count": row["stargazers_count"],
            "id": row["id"],
        }
        for row in _answers(states[-1])
        if row["check"].name == (check or "security_policy")
        and row["result"] == "failed"
        and _is(row["organisation"], organisation)
    ]
    rows.sort(key=lambda row: (row["stargazers_count"] is None, -(row["stargazers_count"] or 0), row.pop("id")))
    return rows


def checks_of_each_organisation(states: States, organisation: str = "") -> list[Row]:
    rows = []
    for login in ("alder", "birch"):
        own = [row for row in _answers(states[-1]) if row["organisation"] == login and _is(login, organisation)]
        for check in CHECKS:
            counted = Counter(row["result"] for row in own if row["check"] is check)
            dates = [row["observed_at"] for row in own if row["check"] is check]
            known = counted["passed"] + counted["failed"]
            if counted:
                rows.append(
                    {
                        "organisation": login,
                        "check_title": check.title,
                        "passed": counted["passed"],
                        "failed": counted["failed"],
                        "excepted": counted["excepted"],
                        "unknown": counted["unknown"],
                        "repositories": counted.total(),
                        "percent": (2000 * counted["passed"] + known) // (2 * known) / 10 if known else None,
                        "oldest_observed_at": min((each for each in dates if each), default=None),
                    }
                )
    return rows


def lost_files(states: States, organisation: str = "", year: str = "") -> list[Row]:
    last = {(event.repository_id, event.field): event.kind for _, event in events(states)}
    rows = [
        {
            "observed_at": when,
            "organisation": event.organisation,
            "full_name": event.full_name,
            "file": event.field,
            "there_again": int(last[event.repository_id, event.field] == "gained")
            if event.repository_id in owners(states[-1])
            else None,
        }
        for when, event in events(states)
        if event.kind == "lost"
        and when.startswith(year or date(states[-1])[:4])
        and _is(event.organisation, organisation)
    ]
    return rows[::-1]


def _period(states: States, since: str, until: str) -> list[tuple[Row, Row]]:
    """The counters of each repository at both ends of a period."""
    today = day.fromisoformat(date(states[-1])[:10])
    since, until = since or f"{today - timedelta(days=365)}", until or f"{today}"
    counted: dict[int, list[Row]] = {}
    for state in states:
        for row in repositories(state):
            if row["counts_observed_at"]:
                counted.setdefault(row["id"], []).append({**row, "when": date(state)[:10]})
    ends = []
    for rows in counted.values():
        first = [row for row in rows if row["when"] <= since][-1:] or rows[:1]
        last = [row for row in rows if row["when"] <= until][-1:]
        if last and first[0]["when"] < last[0]["when"]:
            ends.append((first[0], last[0]))
    return ends


def change_request_closure_ratio(
    states: States, organisation: str = "", since: str = "", until: str = ""
) -> list[Row]:
    rows = []
    for one, two in _period(states, since, until):
        ended = [row["pull_requests_merged"] + row["pull_requests_closed"] for row in (one, two)]
        opened = ended[1] - ended[0] + two["pull_requests_open"] - one["pull_requests_open"]
        if opened > 0 and _is(two["organisation"], organisation):
            rows.append(
                {
                    "organisation": two["organisation"],
                    "full_name": two["full_name"],
                    "since": one["counts_observed_at"],
                    "until": two["counts_observed_at"],
                    "pull_requests_opened": opened,
                    "pull_requests_ended": ended[1] - ended[0],
                    "repository_id": two["id"],
                    "closure_ratio": round((ended[1] - ended[0]) / opened, 4),
                }
            )
    return sorted(rows, key=lambda row: (-row["pull_requests_opened"], row["repository_id"]))


def release_frequency(states: States, organisation: str = "", since: str = "", until: str = "") -> list[Row]:
    rows = [
        {
            "organisation": two["organisation"],
            "full_name": two["full_name"],
            "since": one["counts_observed_at"],
            "until": two["counts_observed_at"],
            "releases": two["releases_count"] - one["releases_count"],
            "repository_id": two["id"],
        }
        for one, two in _period(states, since, until)
        if two["releases_count"] > one["releases_count"] and _is(two["organisation"], organisation)
    ]
    return sorted(rows, key=lambda row: (-row["releases"], row["repository_id"]))


def languages_by_bytes(states: States, organisation: str = "") -> list[Row]:
    rows = [row for row in repositories(states[-1], organisation) if row["language_bytes"]]
    sizes, number = Counter[str](), Counter[str]()
    for row in rows:
        sizes.update(row["language_bytes"])
        number.update(row["language_bytes"].keys())
    total = sizes.total()
    return [
        {
            "language": language,
            "bytes": size,
            "percent": (2000 * size + total) // (2 * total) / 10,
            "repositories": number[language],
        }
        for language, size in sorted(sizes.items(), key=lambda each: (-each[1], each[0]))
    ]


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    function.__name__: function
    for function in (
        what_to_act_on,
        repositories_that_fail_a_check,
        checks_of_each_organisation,
        lost_files,
        change_request_closure_ratio,
        release_frequency,
        languages_by_bytes,
    )
}
