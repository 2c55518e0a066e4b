"""Every measured fault: the scrape survives it, or leaves the last good data with the reason."""

import datetime
import re

import pytest

from scraper.errors import ConfigurationError, OssHealthError
from tests.helpers.estate import FULL_PAGE, LARGE, PERSON, files, names

BEFORE, AFTER = datetime.date(2026, 6, 1), datetime.date(2026, 11, 1)


def patience(fault):
    """Seconds before an answer counts as missing: few only where one is missing."""
    return 0.4 if fault.startswith(("no-answer", "stall")) else 10


SURVIVED = {
    "5xx": "server-error:times=3,status=500",
    "503 with a page": "server-error:times=3,status=503",
    "connection reset": "reset:times=3",
    "no answer": "no-answer:times=2",
    "truncated body": "truncated:times=3",
    "stall in the body": "stall:times=2",
    "JSON cut at the right length": "cut-json:times=3",
    "HTML with 200": "html:times=3",
    "an object for a list": "object:times=3",
    "empty 200": "empty:times=3",
    "301 loses the query": "redirect:status=301,page=2,times=1",
    "302": "redirect:status=302,page=2,times=1",
    "307": "redirect:status=307,page=2,times=1",
    "308": "redirect:status=308,page=2,times=1",
    "Link missing on a full page": "no-link",
    "304 to an unconditional request": "not-modified:times=3",
    "202": "accepted:times=3",
    "secondary limit without header": "secondary-limit:times=1",
    "secondary limit with Retry-After": "retry-after:seconds=1,times=1",
    "429": "too-many-requests:times=1",
    "primary limit": "primary-limit:seconds=1,times=1",
    "pages drift, one created": "drift",
    "pages drift, one removed": "drift:how=removed,times=1",
    "a record on two pages": "duplicate",
    "a record missing": "short:times=1",
    "an empty list": "empty-list:times=1",
    "null in the list": "null-record:times=1",
    "null owner, licence, pushed_at": "null-fields",
    "an optional field missing": "missing-field:field=pushed_at",
    "a required field missing once": "missing-field:field=full_name,times=1",
    "a wrong type": "wrong-type",
    "unknown fields": "extra-field",
    "invalid UTF-8": "invalid-utf8",
    "a lone surrogate": "lone-surrogate",
    "hostile text": "hostile-text",
    "huge text": "huge-text",
    "clock skew": "clock-skew:seconds=86400",
}


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
@pytest.mark.parametrize("fault", SURVIVED.values(), ids=SURVIVED)
def test_survivable_faults_are_survived(github, run, held, truth, fault, token):
    github.date = BEFORE
    run(LARGE, token=token)
    github.date, github.faults = AFTER, [f"{fault},login={LARGE}" if ":" in fault else f"{fault}:login={LARGE}"]
    report = run(LARGE, token=token, timeout=patience(fault))
    assert github.faults[0].struck > 0
    assert report.exit_code == 0, report.outcomes[0].account.record
    expected = truth(LARGE, AFTER)
    found = names(held(LARGE))
    if fault == "drift":  # the repository that was created while we read
        assert len(found) in (len(expected), len(expected) + 1)
        found = {id_: name for id_, name in found.items() if id_ in expected}
    assert found == expected


KEPT = {
    "5xx": ("server-error:status=500", "kept", "status 500"),
    "connection reset": ("reset", "kept", "the connection failed"),
    "no answer": ("no-answer", "kept", "did not answer in time"),
    "truncated body": ("truncated", "kept", "5 attempts: its answer broke off"),
    "stall in the body": ("stall", "kept", "5 attempts: the connection failed"),
    "JSON cut at the right length": ("cut-json", "kept", "not the expected JSON"),
    "HTML with 200": ("html", "kept", "not the expected JSON"),
    "an object for a list": ("object", "kept", "not the expected JSON"),
    "empty 200": ("empty", "kept", "not the expected JSON"),
    "202": ("accepted", "kept", "status 202"),
    "304": ("not-modified", "kept", "status 304"),
    "a redirect to another server": ("redirect:status=301,to=http://127.0.0.2:9/x", "kept", "another server"),
    "endless redirects": ("redirect:status=302,to=/orgs/LanternInstitute/repos", "kept", "status 302"),
    "a record missing": ("short", "kept", "lists"),
    "an empty list": ("empty-list", "kept", "public repositories, but lists 0"),
    "a required field missing": ("missing-field:field=full_name", "kept", "full_name is missing"),
    "a wrong type": ("wrong-type:field=name,value=7", "kept", "name is 7, not text"),
    "an odd count": ("odd-count:value=-1", "kept", "unexpected form"),
    "an odd owner": ("odd-owner", "kept", "unexpected form"),
    "the primary limit, too long": ("primary-limit:seconds=900", "kept", "rate limit is used up"),
    "Retry-After, too long": ("retry-after:seconds=900", "kept", "fewer requests at once"),
    "451": ("blocked", "kept", "status 451"),
    "404": ("not-found", "not_found", "renamed, deleted or suspended"),
    "suspended": ("suspended", "not_found", "renamed, deleted or suspended"),
    "the login belongs to another": ("claimed", "replaced", "now belongs to another account"),
}


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
@pytest.mark.parametrize("fault, status, words", KEPT.values(), ids=KEPT)
def test_other_faults_leave_the_last_good_data(github, run, held, truth, tmp_path, fault, status, words, token):
    github.date = BEFORE
    run(LARGE, PERSON, token=token)
    before = files(tmp_path / "data")
    github.date, github.faults = AFTER, [f"{fault},login={LARGE}" if ":" in fault else f"{fault}:login={LARGE}"]
    report = run(LARGE, PERSON, token=token, workers=1, timeout=patience(fault), max_wait=5)
    after = files(tmp_path / "data")
    assert report.exit_code in ((1, 3) if "limit" in words or "requests at once" in words else (3,))
    assert held(LARGE).record["status"] == status
    assert words in held(LARGE).record["reason"]
    assert held(LARGE).record["observed_at"].startswith(str(BEFORE))
    for name in (f"repositories/{LARGE}.json", f"metrics/{LARGE}.jsonl"):
        assert after[name] == before[name]
    if report.exit_code == 3:
        assert names(held(PERSON)) == truth(PERSON, AFTER)
    run(LARGE, PERSON, token=token, workers=1, timeout=patience(fault), max_wait=5)
    assert files(tmp_path / "data") == after, "the same failure again is no news"
    github.faults = []
    assert run(LARGE, PERSON, token=token).exit_code == 0
    assert held(LARGE).record["reason"] is None
    assert names(held(LARGE)) == truth(LARGE, AFTER)


@pytest.mark.parametrize("fault", ["ip-allow-list", "saml"])
def test_if_the_token_is_refused_it_asks_without(github, run, held, truth, fault):
    github.faults = [f"{fault}:login={LARGE}"]
    assert run(LARGE, PERSON).exit_code == 0
    assert names(held(LARGE)) == truth(LARGE, AFTER)
    assert {request.token for request in github.requests if LARGE in request.path} == {True, False}


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
def test_a_refused_token_ends_the_run_at_once_and_nothing_is_written(github, run, tmp_path, token):
    github.date = BEFORE
    run(LARGE)
    before = files(tmp_path / "data")
    github.date, github.faults = AFTER, ["bad-credentials"]
    github.requests.clear()
    with pytest.raises(ConfigurationError, match="GITHUB_TOKEN") as failure:
        run(LARGE, token=token)
    assert failure.value.exit_code == 2
    assert len(github.requests) <= 2
    assert files(tmp_path / "data") == before


def test_a_token_that_expires_in_the_middle_ends_the_run_too(github, run, tmp_path):
    github.faults = [f"bad-credentials:login={LARGE},page=2"]
    with pytest.raises(ConfigurationError):
        run(LARGE, PERSON)
    assert files(tmp_path / "data") == {}


PREFLIGHT = {
    "graphql-rate-limit:times=1": True,
    "graphql-rate-limit:times=1,kind=RATE_LIMIT": True,
    "graphql-rate-limit:seconds=900": False,
    "server-error:status=502,path=graphql": False,
    "server-error:status=502,path=graphql,times=2": True,
    "html:path=graphql": False,
    "not-found:path=graphql": False,
    "graphql-partial": True,
}


@pytest.mark.parametrize("fault", PREFLIGHT)
def test_without_the_pre_flight_the_pages_decide(github, run, held, truth, fault):
    github.faults = [fault]
    report = run(LARGE, PERSON, max_wait=5)
    assert github.faults[0].struck > 0
    assert report.exit_code == 0
    assert names(held(LARGE)) == truth(LARGE, AFTER)
    assert names(held(PERSON)) == truth(PERSON, AFTER)
    assert bool(report.notices) == (not PREFLIGHT[fault] or "rate-limit" in fault)


def test_without_a_token_a_large_drop_is_compared_with_the_accounts_count(github, run, held):
    github.date = BEFORE
    run(LARGE, token=None)
    github.faults = [f"empty-list:login={LARGE},page=2"]
    assert run(LARGE, FULL_PAGE, token=None).exit_code == 3
    assert held(LARGE).record["reason"].startswith("GitHub counts")


def test_private_repositories_never_get_in(github, run, held, truth):
    github.faults = [f"private:login={LARGE},page=2"]
    report = run(LARGE, token=None)
    assert report.exit_code == 0
    assert len(truth(LARGE, AFTER)) - len(names(held(LARGE))) == 1
    assert "Skipped 1 repository not open to the public." in report.outcomes[0].warnings


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
def test_an_empty_entry_in_the_list_is_compared_with_the_count(github, run, held, token):
    github.faults = [f"null-record:login={LARGE},page=2"]
    assert run(LARGE, PERSON, token=token).exit_code == 3
    assert held(LARGE).record["reason"] == "GitHub counts 256 public repositories, but lists 255."


@pytest.mark.parametrize("fault", ["invalid-utf8", "lone-surrogate"])
def test_damaged_text_is_counted_in_a_warning(github, run, fault):
    github.faults = [f"{fault}:login={PERSON}"]
    assert run(PERSON).outcomes[0].warnings == ("Text that is not valid Unicode in 1 repository.",)


def test_records_without_owner_or_push_are_counted_in_a_warning(github, run):
    github.faults = [f"null-fields:login={PERSON}"]
    outcome = run(PERSON).outcomes[0]
    (warning,) = outcome.warnings
    assert re.fullmatch(r"\d+ repositor(y|ies) came without an owner or a date of the last push\.", warning)
    assert outcome.observed


@pytest.mark.parametrize("token", ["t", None], ids=["token", "anonymous"])
def test_no_network_is_one_sentence_and_nothing_is_written(run, tmp_path, token):
    with pytest.raises(OssHealthError, match=r"Cannot reach http://127.0.0.1:.*the connection failed") as failure:
        run(LARGE, token=token, url="http://127.0.0.1:9")
    assert failure.value.exit_code == 1
    assert files(tmp_path / "data") == {}


def test_waiting_for_a_reset_goes_by_githubs_clock(github, run):
    github.faults = [f"clock-skew:seconds=-86400,login={LARGE}", f"primary-limit:seconds=1,times=1,login={LARGE}"]
    assert run(LARGE, max_wait=5).exit_code == 0
