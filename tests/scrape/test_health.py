"""The second look: what it finds is true, what it cannot find stays as it was, and its cost is limited."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median

import pytest

from sandbox import Fault
from sandbox.id_faults import TEXTS
from scraper.config import Budget
from scraper.dataset import store
from scraper.errors import BadToken
from scraper.github import families
from scraper.github.details import INSIDERS
from scraper.model.health import ACTIVITY, FAMILY_NAMES, HEALTH, observed_at
from scraper.model.kinds import UNKNOWN
from tests.helpers.estate import FULL_PAGE, PERSON, files

DAY = date(2024, 11, 1)
PLENTY = Budget(1_000, 60)


def later(days):
    return DAY + timedelta(days=days)


TRUE = [field.name for field in (*HEALTH, *ACTIVITY) if field.source in ("files", "counts", "commits")]


def true(health):
    """What should be recorded about a repository, if it is true."""
    release, history = health.latest_release, health.history
    return {
        "is_empty": history is None,
        "archived_at": health.archived_at,
        "template_id": health.template_repository,
        **{field.name: field.name in health.files for field in HEALTH if field.is_file},
        "languages": sorted(health.languages),
        "language_bytes": dict(health.languages),
        "latest_release": release and release.tag_name,
        "latest_release_at": release and release.published_at,
        "subscribers_count": health.watchers,
        "issues_open": health.open_issues,
        "issues_closed": health.closed_issues,
        "issue_updated_at": health.issue_updated_at,
        "pull_requests_open": health.open_pull_requests,
        "pull_requests_merged": health.merged_pull_requests,
        "pull_requests_closed": health.closed_pull_requests,
        "releases_count": health.releases,
        "discussions_count": health.discussions,
        "commits_count": health.commits,
        "last_commit_at": health.committed_at,
    }


@pytest.fixture
def look(github, run):
    """Scrape on a day, with faults; return the report."""

    def look(day, *faults, **settings):
        github.date, github.faults = day, list(faults)
        return run(*settings.pop("logins", (FULL_PAGE, PERSON)), **{"budget": PLENTY, **settings})

    return look


@pytest.fixture
def known(held):
    """The recorded health of repositories, by id."""

    def known():
        found = {}
        for login in (FULL_PAGE, PERSON):
            account = held(login)
            activity = account.by_id("activity")
            assert all(record["name"] == account.facts[id_]["name"] for id_, record in activity.items())
            found |= {id_: activity[id_] | record | {"name": None} for id_, record in account.by_id("health").items()}
        return found

    return known


def own(held):
    """The ids of the repositories that are not forks."""
    return {r["id"] for login in (FULL_PAGE, PERSON) for r in held(login).repositories if not r["fork"]}


def test_what_it_finds_is_the_truth(look, known, held, world):
    report = look(DAY)

    found = known()
    assert found.keys() == own(held)
    for id_, record in found.items():
        truth = true(world.health(id_, DAY))
        assert {name: record[name] for name in truth} == truth
        dates = [record[observed_at(family)] for family in FAMILY_NAMES]
        assert dates == [held(FULL_PAGE).record["observed_at"]] * 3 + [UNKNOWN] * 2
        assert UNKNOWN not in [record[name] for name in truth]
    assert sum(record["security_policy"] for record in found.values()) > 5
    assert sum(record["latest_release"] is not None for record in found.values()) > 5
    examination = report.examination
    assert (examination.due, examination.answered, examination.waiting) == (len(found), len(found), 0)
    assert not report.comparison.events


def test_on_the_next_day_only_what_moved_is_asked_for_and_after_four_weeks_all(look, known, held, world, tmp_path):
    look(DAY)
    first = known()
    report = look(later(1))
    asked_at = held(FULL_PAGE).record["observed_at"]
    pushed = {r["id"]: str(r["pushed_at"]) for login in (FULL_PAGE, PERSON) for r in held(login).metrics}
    moved = {id_ for id_, record in known().items() if record != first[id_]}
    assert {id_ for id_ in own(held) if str(later(1)) <= pushed[id_] <= asked_at} <= moved
    assert 0 < report.examination.answered < len(first) / 2
    quiet = ("subscribers_count", "discussions_count", "issue_updated_at")
    for id_, record in known().items():
        if pushed[id_] <= asked_at:  # the sandbox shows each day as it is at its end; otherwise it is seen tomorrow
            truth = true(world.health(id_, later(1)))
            assert {name: record[name] for name in truth if name not in quiet} == {
                name: value for name, value in truth.items() if name not in quiet
            }

    assert look(later(29)).examination.answered == len(known())


def test_if_nothing_changed_nothing_is_asked_and_no_byte_changes(look, known, held, tmp_path):
    look(DAY)
    before = files(tmp_path / "data")
    report = look(DAY)
    assert (report.examination.due, report.examination.queries) == (0, 0)
    after = files(tmp_path / "data")
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {"organisations.json"}


@pytest.mark.parametrize(
    "settings, sentence",
    [({"token": None}, "No token: repositories are not checked for files"), ({"budget": Budget(0, 60)}, "")],
    ids=["no token", "no budget"],
)
def test_without_a_token_or_a_budget_nothing_is_asked_and_nothing_lost(look, known, settings, sentence):
    look(DAY)
    before = known()
    report = look(later(1), **settings)
    assert report.examination is None
    assert sentence in "".join(report.notices)
    after = known()
    assert after == {id_: before[id_] for id_ in after}


def test_what_the_budget_leaves_waits_for_the_next_run(look, known, held):
    report = look(DAY, budget=Budget(4, 60))
    assert 0 < len(known()) < len(own(held))
    assert report.examination.waiting == len(own(held)) - len(known())
    assert report.examination.points <= 4
    assert f"{report.examination.waiting} wait for the next run" in report.examination.sentence
    for _ in range(3):
        look(DAY, budget=Budget(4, 60))
    assert known().keys() == own(held)
    assert all(UNKNOWN not in [record[name] for name in TRUE] for record in known().values())


def test_events_are_what_truly_happened(look, known, world, held):
    look(DAY)
    kinds = set()
    last = DAY
    for step in range(1, 11):
        day = later(28 * step)
        before = known()
        report = look(day)
        expected = []
        for id_ in before.keys() & own(held):
            was, now = world.health(id_, last), world.health(id_, day)
            expected += [("gained", id_, name) for name in now.files - was.files]
            expected += [("lost", id_, name) for name in was.files - now.files]
            if now.latest_release and now.latest_release != was.latest_release:
                expected.append(("released", id_, "latest_release"))
        found = [
            (event.kind, event.repository_id, event.field)
            for event in report.comparison.events
            if event.kind in ("gained", "lost", "released")
        ]
        assert sorted(found) == sorted(expected)
        kinds |= {kind for kind, *_ in found}
        last = day
    assert kinds == {"gained", "lost", "released"}


def test_a_family_that_fails_keeps_its_answers_and_their_date(look, known, monkeypatch):
    look(DAY)
    before = known()
    _, counts, _ = families.FAMILIES
    monkeypatch.setattr(type(counts), "read", _failing(type(counts).read, counts))
    look(later(29))
    after = known()
    for id_ in before.keys() & after.keys():
        assert after[id_]["counts_observed_at"] == before[id_]["counts_observed_at"]
        assert after[id_]["issues_closed"] == before[id_]["issues_closed"]
        assert after[id_]["files_observed_at"] > before[id_]["files_observed_at"]
    assert all(after[id_]["issues_closed"] is UNKNOWN for id_ in after.keys() - before.keys())


def _failing(read, family):
    def fail(self, node):
        if self is family:
            raise families.Incomplete("counts")
        return read(self, node)

    return fail


@pytest.mark.parametrize(
    "fault",
    ["server-error:path=graphql,status=502", "truncated:path=graphql", "html:path=graphql", "graphql-rate-limit"],
)
def test_an_outage_of_graphql_leaves_the_listing_and_what_was_known(look, known, held, fault):
    look(DAY)
    before = known()
    report = look(later(29), Fault.parse(fault))
    assert report.exit_code == 0
    assert held(FULL_PAGE).record["observed_at"] > f"{later(29)}"
    after = known()
    assert after == {id_: before[id_] for id_ in after}
    assert report.examination.queries < 40


@pytest.mark.parametrize(
    "fault, most",
    [
        ("gone-id:every=3", 30),
        ("forbidden-id:every=3", 30),
        ("null-fields-of-id:every=3", 90),
        ("null-leaves-of-id:every=3", 90),
        ("lost-id:every=3", 60),
        ("other-id:every=3", 60),
        ("resource-limits:above=10", 60),
        ("too-many-ids:above=10", 95),
        ("stubborn-id:every=20", 240),
        ("short-nodes", 40),
        ("shuffled-nodes", 12),
        ("odd-value:field=nodes,value=null", 40),
        ("odd-value:field=totalCount,value=-1", 40),
        ("odd-value:field=tagName,value=null", 30),
        ("huge-tree:every=97", 60),
    ],
)
def test_no_fault_of_an_answer_makes_anything_untrue_or_asks_for_long(look, known, world, fault, most):
    report = look(DAY, Fault.parse(fault))
    assert report.exit_code == 0
    for id_, record in known().items():
        for name, value in true(world.health(id_, DAY)).items():
            template_is_gone = name == "template_id" and fault.startswith("gone-id") and record[name] is None
            assert template_is_gone or record[name] in (value, UNKNOWN)
    assert report.examination.queries <= most
    if fault in ("shuffled-nodes", "resource-limits:above=10", "too-many-ids:above=10"):
        assert report.examination.answered == report.examination.due


def test_hostile_names_stay_names(look, known):
    look(DAY, Fault.parse("hostile-names"))
    stored = {text.translate({0: "\ufffd"}) for text in TEXTS.values()} - {TEXTS["surrogate"]}
    stored.add("half \ufffd a character")
    released = {record["latest_release"] for record in known().values()} - {None, UNKNOWN}
    languages = {name for record in known().values() for name in record["languages"] or ()}
    assert stored <= released
    assert stored & languages


def test_details_are_true_and_asked_for_only_if_wanted_and_once_in_four_weeks(look, known, world):
    wanted = Budget(1_000, 60, details=True)
    look(DAY, budget=wanted)
    for id_, record in known().items():
        talks, people = world.conversations(id_, DAY, 20), world.contributors(id_, DAY)
        opened = [
            each
            for each in (*talks.issues, *talks.pull_requests)
            if each.author != "Bot" and each.author_association not in INSIDERS
        ]
        waits = []
        for each in opened:
            replies = [*each.comments[:5], *each.reviews[:5]]
            moments = [r.created_at for r in replies if r.author_association in INSIDERS and r.author != "Bot"]
            if moments:
                begun, answered = (datetime.fromisoformat(moment) for moment in (each.created_at, min(moments)))
                waits.append(max(0, (answered - begun).total_seconds()))
        assert record["outsiders_opened"] == len(opened)
        assert record["outsiders_answered"] == len(waits)
        assert record["first_response_seconds"] == (int(median(waits)) if waits else None)
        numbers = sorted((person.contributions for person in people if person.type != "Bot"), reverse=True)
        if len(people) < 100:
            assert record["contributors_count"] == len(numbers)
            few = next((n for n in range(len(numbers) + 1) if 2 * sum(numbers[:n]) >= sum(numbers)), 0)
            assert record["contributor_absence_factor"] == few
    first = known()
    assert {record["contributors_observed_at"] for record in first.values()} == {
        record["files_observed_at"] for record in first.values()
    }
    look(later(3), budget=wanted)
    after = known()
    assert all(
        after[id_]["contributors_observed_at"] == first[id_]["contributors_observed_at"]
        for id_ in first.keys() & after.keys()
    )


def test_those_that_github_never_answers_about_keep_nobody_else_waiting(look, known):
    look(DAY, Fault.parse("stubborn-id:every=20"))
    answered = len(known())
    report = look(later(29), Fault.parse("stubborn-id:every=20"))
    assert report.examination.answered >= answered - 5
    assert sum(record["files_observed_at"] > f"{later(29)}" for record in known().values()) >= answered - 5


def test_details_come_after_all_else_within_the_budget(look, known):
    report = look(DAY, budget=Budget(60, 60, details=True))
    assert all(UNKNOWN not in [record[name] for name in TRUE] for record in known().values())
    assert 0 < report.examination.waiting < len(known())


def test_a_refused_token_is_reported_and_earlier_answers_stay(look, known, monkeypatch):
    look(DAY)
    before = known()

    def refuse(*_):
        raise BadToken("GitHub refused the token: put a valid one in GITHUB_TOKEN.")

    monkeypatch.setattr("scraper.github.client.GitHubApi.graphql_once", refuse)
    report = look(later(29))
    assert report.exit_code == 0
    assert "The health of some repositories was not checked: GitHub refused the token" in "".join(report.notices)
    after = known()
    assert after == {id_: before[id_] for id_ in after}


def test_if_two_accounts_list_a_repository_the_later_look_counts(look, known, tmp_path):
    look(DAY)
    held = store.load(tmp_path / "data")
    true_ = held[FULL_PAGE]
    id_ = next(iter(true_.by_id("health")))
    old = {name: [true_.by_id(name)[id_] for _ in (1,)] for name in ("repositories", "metrics", "health", "activity")}
    old["health"] = [old["health"][0] | {"readme": not old["health"][0]["readme"]}]
    old["activity"] = [old["activity"][0] | {"files_observed_at": "2020-01-01T00:00:00Z"}]
    stale = replace(
        true_.with_record(login="zzz", id=77, repositories=1, status="kept"), listed_login="zzz", records=old
    )
    store.save(tmp_path / "data", held | {"zzz": stale})
    report = look(later(1), budget=Budget(0, 0), whole_list=False)
    assert not [event for event in report.comparison.events if event.kind in ("gained", "lost")]
