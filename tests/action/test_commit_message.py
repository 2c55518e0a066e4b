"""The commit message: counts in the subject, a line for each event, and nothing that strangers could misuse."""

import re
from dataclasses import replace

import pytest

from scraper.action.commit_message import commit_message
from scraper.model.accounts import Account
from scraper.model.closures import Closure
from scraper.model.comparison import Comparison
from scraper.model.events import Event, compare, formerly
from scraper.model.fields import REPOSITORY
from scraper.model.health import ACTIVITY, HEALTH
from scraper.model.kinds import COMPOUND, UNKNOWN
from scraper.model.records import pending
from tests.helpers.examples import make_account, repository, whereabouts

LATER = "2024-02-29T12:00:00Z"


def of(*accounts):
    return {account.listed_login.casefold(): account for account in accounts}


def later(account, *raw, **changes):
    fresh = make_account(account.listed_login, *raw, **{"id": account.record["id"], "observed_at": LATER, **changes})
    return replace(fresh, record=account.record | fresh.record)


ALDER, BIRCH = make_account("alder", repository(1), repository(2), id=10), make_account("birch", repository(3), id=11)


def message(before, after):
    return commit_message(Comparison(before, after, compare(before, after, formerly(before))))


def test_counts_in_the_subject_and_a_line_an_event():
    after = of(
        later(ALDER, repository(1, license="MIT", description="new"), repository(4), repository(5)),
        later(BIRCH, repository(3, name="new", full_name="birch/new", archived=True)),
    )
    assert message(of(ALDER, BIRCH), after) == (
        "1 repository vanished, 1 archived, 2 appeared, 1 gained a licence and 2 other changes"
        " (in 2 organisations)\n\n"
        "somebody/repository-2: vanished\n"
        "birch/new: archived\n"
        "2 repositories appeared in alder: repository-4, repository-5\n"
        "somebody/repository-1: licence none -> MIT\n"
        "birch/new: renamed from repository-3\n"
        "somebody/repository-1: description changed\n"
    )


@pytest.mark.parametrize(
    "field", [each for each in REPOSITORY if each.free_text or each.kind in COMPOUND], ids=lambda field: field.name
)
def test_what_owners_wrote_at_length_is_only_said_to_have_changed(field):
    before, after = (["a"], ["b"]) if field.kind in COMPOUND else ("a", "b")
    alder = make_account("alder", repository(1, **{field.name: before}), id=10)
    name = {"default_branch": "default branch", "mirror_url": "mirrored address"}.get(field.name, field.name)
    shown = f"{name} a -> b" if field.name == "default_branch" else f"{name} changed"
    assert message(of(alder), of(later(alder, repository(1, **{field.name: after})))).endswith(
        f"\n\nsomebody/repository-1: {shown}\n"
    )


def test_what_became_of_repositories_that_vanished_earlier_is_reported_once_it_is_known():
    def seen(number, **fates):
        account = later(ALDER, repository(9), observed_at=f"2024-03-{number:02}T12:00:00Z")
        answers = [whereabouts(int(name[1:]), fate) for name, fate in fates.items()]
        return of(replace(account, records=account.records | {"whereabouts": answers}))

    unknown = seen(1, r1=None, r2=None, r3=None, r4=None)
    known = seen(2, r1="not_public", r2="moved", r3="moved", r4=None)
    assert message(unknown, known) == (
        "3 repositories traced in 1 organisation\n\n"
        "2 repositories of alder traced, moved to elsewhere: repository-2, repository-3\n"
        "somebody/repository-1: traced, no longer public\n"
    )
    assert message(known, seen(3, r1="not_public", r2="not_public", r3="moved", r4=None)) == (
        "1 repository no longer public in 1 organisation\n\nsomebody/repository-2: no longer public\n"
    )


def newcomer(login):
    return Account(login, pending(login, login))


COUNTS = ("moved", "returned", "blocked", "unknown", "forks", "archived", "stargazers_count", "forks_count")
CLOSURE = Closure(
    *("alder", "2024-01-31T12:00:00Z", LATER, LATER, LATER),
    **{**dict.fromkeys(COUNTS, 0), "moved_to": {}, "licenses": {}, "without_license": 9},
    **{"repositories_before": 9, "repositories_after": 0, "gone": 9, "share": 1.0, "not_public": 9},
)


def test_the_subject_stays_short():
    events = [
        Event(kind, "alder", number * 1_000_000 + i, "alder/x", "license")
        for number, kind in enumerate(("appeared", "vanished", "reappeared", "renamed", "archived", "unarchived"))
        for i in range(1000)
    ]
    subject, _, body = commit_message(Comparison({}, {}, events)).partition("\n\n")
    assert subject == (
        "1,000 repositories vanished, 1,000 archived, 1,000 appeared, 1,000 reappeared and 2,000 other changes"
        " in 1 organisation"
    )
    assert "\n1,000 repositories appeared in alder: x, x, x, x, x, x, x, x, x, x, and 990 more\n" in body
    assert body.endswith("\nalder/x: renamed from None\n... and 805 more: 805 renamed\n")
    assert len(body.splitlines()) == 201


def test_the_least_important_lines_are_cut_and_every_organisation_is_named():
    def of_one(number):
        names = (f"o{number:03}", number * 1000)
        released = [Event("released", names[0], names[1] + n, f"{names[0]}/r{n}", new="v1") for n in range(50)]
        return [*released, *([Event("vanished", names[0], names[1] + 60, f"{names[0]}/gone")] if number > 7 else [])]

    events = [event for number in range(10) for event in of_one(number)]
    events += [Event("relicensed", "zoo", 1, "zoo/r1", "license", "MIT", None)]
    kept = Account("pine", pending("pine", "Pine") | {"status": "kept", "reason": "Away."})
    closure = replace(CLOSURE, organisation="zoo")
    _, _, body = commit_message(Comparison(of(newcomer("pine")), of(kept), events), [closure]).partition("\n\n")
    lines = body.splitlines()
    assert lines[:4] == [
        closure.sentence,
        "o008/gone: vanished",
        "o009/gone: vanished",
        "zoo/r1: licence MIT -> none",
    ]
    assert {f"o{number:03}" for number in range(10)} <= {line.partition("/")[0] for line in lines}
    assert lines[-2:] == ["pine: not observed, there are no data yet: Away", "... and 305 more: 305 released"]
    assert len(lines) == 201
    assert commit_message(Comparison({}, {}, events[::-1])) == commit_message(Comparison({}, {}, events))


def test_more_organisations_than_lines_are_counted_by_what_happened_to_them():
    listed = [newcomer(f"o{number:03}") for number in range(400)]
    failing = [replace(each, record=each.record | {"status": "kept", "reason": "Away."}) for each in listed]
    events = [Event("released", "o399", 1, "o399/r", new="v1")]
    lines = commit_message(Comparison(of(*listed), of(*failing), events), [CLOSURE] * 2).splitlines()
    assert lines[2:5] == [CLOSURE.sentence, "o399/r: released v1", "o000: not observed, there are no data yet: Away"]
    assert lines[-1] == "... and 203 more: 1 closure, 202 organisations not observed"


def test_a_licence_that_comes_or_goes_with_its_file_is_reported_once():
    def event(kind, number, field, **values):
        return Event(kind, "alder", number, f"alder/r{number}", field, **values)

    events = [
        event("relicensed", 1, "license", new="MIT"),
        event("gained", 1, "license_file", old=False, new=True),
        event("relicensed", 2, "license", old="MIT"),
        event("lost", 2, "license_file", old=True, new=False),
        event("relicensed", 3, "license", old="MIT", new="ISC"),
        event("gained", 3, "license_file", old=False, new=True),
        event("gained", 4, "license_file", old=False, new=True),
        event("gained", 1, "readme", old=False, new=True),
    ]
    assert commit_message(Comparison({}, {}, events)) == (
        "1 repository lost a licence, 1 relicensed, 1 gained a licence, 3 gained a recommended file in 1 organisation"
        "\n\nalder/r2: licence MIT -> none\nalder/r3: licence MIT -> ISC\nalder/r1: licence none -> MIT\n"
        "alder/r1: gained: README\nalder/r3: gained: licence file\nalder/r4: gained: licence file\n"
    )


def test_the_first_observation():
    newcomer = Account("birch", pending("birch", "Birch"))
    assert message({}, of(ALDER, newcomer)) == (
        "first observation of 1 organisation with 2 repositories\n\n"
        "alder: observed for the first time, 2 repositories\n"
        "birch: listed, not observed yet\n"
    )
    assert message(of(ALDER, newcomer), of(ALDER, BIRCH)).startswith("first observation of 1 organisation with")


def test_organisations_that_fail_return_or_leave():
    kept = replace(ALDER, record=ALDER.record | {"status": "kept", "reason": "GitHub was\naway."})
    assert message(of(ALDER), of(kept)) == (
        "1 organisation not observed\n\nalder: not observed, its data as of 2024-01-31 are kept: GitHub was away\n"
    )
    assert "alder: observed again" in message(of(kept), of(ALDER))
    assert message(of(ALDER, BIRCH), of(ALDER)) == (
        "1 organisation no longer listed\n\nbirch: no longer listed, its data removed\n"
    )


def test_counters_alone_and_dates_alone():
    moved = of(later(ALDER, repository(1, stargazers_count=9), repository(2)))
    assert message(of(ALDER), moved).startswith("counters changed in 1 repository\n")
    quiet = of(later(ALDER, repository(1), repository(2)))
    assert message(of(ALDER), quiet) == "no change since 2024-01-31\n"
    renamed = of(replace(ALDER, record=ALDER.record | {"name": "The new name"}))
    assert message(of(ALDER), renamed).startswith("organisation details changed")


HOSTILE = (
    "a\nb",
    "::set-output name=x::y",
    "@everyone",
    "[skip ci]",
    "[CI SKIP]",
    "[skip\u200b ci]",
    "[no ci]",
    "[actions skip]",
    "fixes #12",
    "closes GH-7",
    "resolves https://github.com/a/b/issues/1",
    "`rm -rf`",
    "$(id)",
    "\x1b[31m",
    "\u202eevil",
    "x" * 1000,
    "Co-authored-by: a <a@b.c>",
    "\n\nskip-checks: true",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_github_has_no_effect(text):
    name = repository(1, name=text, full_name=f"alder/{text}", language=text, default_branch=text)
    words = message(of(ALDER), of(later(ALDER, name, repository(2), reason=text, status="ok")))
    subject, _, body = words.partition("\n\n")
    assert subject == "1 repository renamed, 1 changed in 1 organisation"
    assert len(body.splitlines()) == 3
    assert not re.search(r"@\w|#\d|GH-\d|[\[\]]|://|[\x00-\x09\x0b-\x1f\u202e\u200b]", words, re.IGNORECASE)
    assert not re.search("^(skip-checks|co-authored-by):", words, re.IGNORECASE | re.MULTILINE)
    assert max(map(len, body.splitlines())) < 400


def healthy(account, date, **values):
    """The account, with something known about the health of its repositories."""
    record = {"issues_open": 1, "counts_observed_at": date, **values}
    unknown = dict.fromkeys(UNASKED, UNKNOWN)
    activity = [{"id": each["id"], "name": each["name"], **unknown, **record} for each in account.repositories]
    return replace(account, records={**account.records, "activity": activity})


LATEST = "2024-03-31T12:00:00Z"
UNASKED = [field.name for field in ACTIVITY if field.name not in ("id", "name")]


@pytest.mark.parametrize(
    "before, after, said",
    [
        (ALDER, healthy(ALDER, LATER), "first look at the health of 2 repositories"),
        (
            healthy(ALDER, LATER),
            healthy(ALDER, LATEST),
            "health of 2 repositories rechecked, no change",
        ),
        (healthy(ALDER, LATER), healthy(ALDER, LATEST, issues_open=2), "counters changed in 2 repositories"),
    ],
)
def test_a_health_check_without_news_is_reported_as_such(before, after, said):
    assert message(of(before), of(after)).splitlines()[0] == said


def test_files_and_releases_are_a_line_each():
    health = {field.name: UNKNOWN for field in HEALTH}
    facts = {"id": 1, "name": "repository-1", "latest_release": "v1", "latest_release_at": "2023-01-01T00:00:00Z"}
    before = health | facts | {"security_policy": True, "readme": False}
    after = before | {
        "security_policy": False,
        "readme": True,
        "latest_release": "v2\n@all",
        "latest_release_at": LATER,
    }
    old, new = (replace(ALDER, records={**ALDER.records, "health": [each]}) for each in (before, after))
    subject, _, body = message(of(old), of(new)).partition("\n\n")
    assert (
        subject == "1 repository lost a recommended file, 1 released, 1 gained a recommended file in 1 organisation"
    )
    lost, released, gained = body.splitlines()
    assert lost == "somebody/repository-1: lost: security policy"
    assert released.startswith("somebody/repository-1: released v2 ")
    assert "@all" not in released
    assert gained == "somebody/repository-1: gained: README"
