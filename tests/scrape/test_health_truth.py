"""A life of invented repositories, seen through failures and small budgets: what SQL says is true."""

import os
import random
import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import date, datetime, timedelta

import pytest

from sandbox import Fault
from scraper.config import NO_BUDGET, Budget
from scraper.database.build import build
from scraper.dataset import store
from scraper.dataset.layout import DATABASE_FILE
from scraper.model.checks import is_open
from scraper.model.health import HEALTH, observed_at
from tests.helpers.estate import PERSON
from tests.helpers.git import git

LOGINS = ("openquill", "openquill-core", "tidewater-prescribing", "Amberlea-Blood-Bank", PERSON)
FIRST = date(2023, 3, 1)
STEPS = 12
STALE = (STEPS // 2, STEPS - 2)
"""After these, what was found earlier is compared."""
FILES = {field.name for field in HEALTH if field.is_file} - {"license_file"}  # in the sandbox it moves without a push
TROUBLES = (
    *("server-error:path=graphql,status=502", "forbidden-id:every=5", "resource-limits:above=10", "lost-id:every=4"),
    *("stubborn-id:every=20", "null-leaves-of-id:every=3", "graphql-rate-limit", "other-id:every=6"),
)
BUDGETS = (Budget(1000, 60), Budget(1000, 60), Budget(5, 60), Budget(2, 60), NO_BUDGET)


@pytest.fixture(scope="module", params=range(1, int(os.environ.get("HEALTH_LIVES", "1")) + 1))
def chance(request):
    return random.Random(request.param)


def day_of(moment):
    return date.fromisoformat(moment[:10])


def is_within(moment, moment_of_look, days):
    return datetime.fromisoformat(moment) >= datetime.fromisoformat(moment_of_look) - timedelta(days=days)


def true_checks(facts, health, asked):
    """What each check should say about a repository, by its state when it was checked and listed."""
    files, commits, counts = (health[family] for family in ("files", "commits", "counts"))
    release, moments = files.latest_release, [facts["pushed_at"], commits.committed_at, counts.issue_updated_at]
    answers = {
        "license": is_open(facts["license"]),
        "readme": "readme" in files.files,
        "security_policy": "security_policy" in files.files,
        "contributing": "contributing" in files.files,
        "code_of_conduct": "code_of_conduct" in files.files,
        "released": bool(release) and is_within(release.published_at, asked["files"], 365),
        "maintained": not facts["archived"]
        and any(m and is_within(m, min(asked["commits"], asked["counts"]), 90) for m in moments),
        "ci": "workflows" in files.files,
        "dependency_updates": "dependency_updates" in files.files,
        "reuse_metadata": not files.files.isdisjoint(("publiccode", "code_json", "citation", "codemeta")),
        "description": bool(facts["description"] and facts["topics"]),
    }
    about = ("license", "maintained") if facts["archived"] else answers
    return {name: "passed" if answers[name] else "failed" for name in about}


def check_truth(database, held, world, whole=False):
    """Compare what each check says with the truth, for everything if `whole`; return the days of the oldest looks."""
    said, days = defaultdict(dict), []
    for id_, name, result in database.execute("SELECT repository_id, check_name, result FROM check_results"):
        said[id_][name] = result
    for account in held.values():
        metrics, activity = account.by_id("metrics"), account.by_id("activity")
        for facts in account.repositories:
            if not facts["fork"]:
                id_ = facts["id"]
                record = activity.get(id_, {})
                moments = {family: record.get(observed_at(family)) for family in ("files", "counts", "commits")}
                known = all(type(moment) is str for moment in moments.values())
                assert known or not whole
                if known:
                    states = {family: world.health(id_, day_of(moment)) for family, moment in moments.items()}
                    assert said[id_] == true_checks(facts | metrics[id_], states, moments)
                    days.append(day_of(min(moments.values())))
    return days


def test_events_checks_and_measures_of_a_life_are_the_truth(github, run, world, tmp_path, chance):
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    asked = defaultdict(list)  # the days on which each repository's files were checked
    expected = set()
    troubles = 0
    for step in range(STEPS):
        day = FIRST + timedelta(days=30 * step)
        last = step == STEPS - 1
        faults = [Fault.parse(chance.choice(TROUBLES))] if not last and chance.random() < 0.5 else []
        budget = BUDGETS[0] if last else NO_BUDGET if step in STALE else chance.choice(BUDGETS)
        troubles += bool(faults) or budget is not BUDGETS[0]
        github.date, github.faults = day, faults
        assert run(*LOGINS, budget=budget).exit_code == 0
        held = store.load(tmp_path / "data")
        for id_ in asked.keys() - {id_ for account in held.values() for id_ in account.facts}:
            del asked[id_]  # what changed while it was not public is not an event
        for account in held.values():
            for id_, activity in account.by_id("activity").items():
                moment = activity[observed_at("files")]
                if type(moment) is str and day_of(moment) == day:
                    for before in asked[id_][-1:]:
                        was, now = world.health(id_, before), world.health(id_, day)
                        expected |= {(id_, str(day), "gained", name) for name in now.files & FILES - was.files}
                        expected |= {(id_, str(day), "lost", name) for name in was.files & FILES - now.files}
                        if now.latest_release and now.latest_release != was.latest_release:
                            expected.add((id_, str(day), "released", "latest_release"))
                    asked[id_].append(day)
        dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"{day}T23:59:59Z")
        git(tmp_path, "add", "data")
        git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", str(day), **dates)
        if step in STALE:
            build(tmp_path / "data", tmp_path / "data" / DATABASE_FILE)
            with closing(sqlite3.connect(tmp_path / "data" / DATABASE_FILE)) as database:
                stale = check_truth(database, held, world)
            assert sum(each < day - timedelta(days=20) for each in stale) > 100
    assert troubles > STEPS / 3

    build(tmp_path / "data", tmp_path / "data" / DATABASE_FILE)
    with closing(sqlite3.connect(tmp_path / "data" / DATABASE_FILE)) as database:
        found = database.execute(
            "SELECT repository_id, substr(observed_at, 1, 10), kind, field FROM events"
            " WHERE kind IN ('gained', 'lost', 'released') AND field <> 'license_file'"
        ).fetchall()
        check_truth(database, held, world, whole=True)
        development = database.execute(
            "SELECT repository_id, since, until, pull_requests_opened, pull_requests_ended, releases, issues_opened,"
            " issues_ended FROM development"
        ).fetchall()
    assert len(found) == len(set(found)) > 20
    assert set(found) == expected

    assert len(development) > 100
    for id_, since, until, opened, ended, releases, issues_opened, issues_ended in development:
        was, now = (world.health(id_, day_of(moment)) for moment in (since, until))
        closed = [each.merged_pull_requests + each.closed_pull_requests for each in (was, now)]
        assert ended == closed[1] - closed[0]
        assert opened == ended + now.open_pull_requests - was.open_pull_requests
        assert releases == now.releases - was.releases
        assert issues_ended == now.closed_issues - was.closed_issues
        assert issues_opened == issues_ended + now.open_issues - was.open_issues
