"""A single pull request instead of pushes: no waiting data are lost, whatever happens to it or its base."""

import sqlite3
from contextlib import closing
from datetime import date

import pytest

from sandbox import Closing, Closure
from scraper.action.opening import open_checkout
from scraper.action.pull_request import Requests, propose
from scraper.dataset import store
from scraper.errors import DatasetError, GitError
from scraper.github.client import GitHubApi
from tests.action.test_run import forget_one, meanwhile, run  # noqa: F401 - fixtures
from tests.helpers.estate import FULL_PAGE, PERSON
from tests.helpers.git import git
from tests.helpers.hosting import JOB_TOKEN, hosting

NAME = "somebody/dataset"
BRANCH = "open-source-health-statistics/main/data"


@pytest.fixture
def hosted(origin):
    with hosting(NAME, origin) as running:
        yield running


@pytest.fixture(params=["push", "api"])
def way(request):
    """How commits are made."""
    return request.param


@pytest.fixture
def proposed(run, hosted):  # noqa: F811
    """A run that proposes what it finds, in a fresh checkout of main."""

    def proposed(days=0, **inputs):
        return run(days=days, home=hosted, **{"organisations": PERSON, "pull_request": "true"} | inputs)

    return proposed


def subjects(origin, branch=BRANCH):
    return git(origin, "log", "--format=%s", branch).split("\n")


def merge(origin, clone, *options, message="Merged"):
    """What a person does with the request on its page."""
    path = clone()
    git(path, "merge", "--quiet", *options, f"origin/{BRANCH}")
    if "--squash" in options:
        git(path, "commit", "--quiet", "--message", message)
    git(path, "push", "--quiet", "origin", "HEAD:main")


def observations(database):
    with closing(sqlite3.connect(database)) as connection:
        return [at[:10] for (at,) in connection.execute("SELECT observed_at FROM observations ORDER BY observed_at")]


def test_one_request_is_opened_and_later_runs_continue_from_its_data(proposed, origin, hosted, way):
    first = proposed(commit_by=way)
    assert (first.status, first.changed) == (0, "true")
    assert first.pull_request_url == f"https://github.example/{NAME}/pull/1"
    assert first.commit_sha == git(origin, "rev-parse", BRANCH)
    assert subjects(origin, "main") == ["Begin"]
    assert git(first.path, "rev-parse", "HEAD") == git(origin, "rev-parse", "main")
    assert git(first.path, "status", "--porcelain") == "?? data/"
    [request] = hosted.requests
    title = request["title"]
    assert title == subjects(origin)[0] == "first observation of 1 organisation with 97 repositories"
    assert (
        f"Committed as {first.commit_sha[:12]}.\n[Pull request #1]({first.pull_request_url}) proposes it."
        in first.summary
    )

    second = proposed(days=31, commit_by=way)
    assert second.commit_sha == git(origin, "rev-parse", BRANCH)
    assert subjects(origin)[1:] == [title, "Begin"]
    assert ", 2 appeared, " in subjects(origin)[0]
    assert observations(second.database) == ["2026-10-01", "2026-11-01"]
    assert [each["number"] for each in hosted.requests] == [1]
    assert request["title"] == "first observation of 1 organisation with 99 repositories"
    assert "&#45; " not in request["body"]
    assert "@" not in request["body"]
    assert git(origin, "for-each-ref", "--format=%(refname)", "refs/heads").split("\n") == [
        "refs/heads/main",
        f"refs/heads/{BRANCH}",
    ]

    quiet = proposed(days=31, commit_by=way)
    assert (quiet.changed, quiet.commit_sha, quiet.pull_request_url) == ("false", "", second.pull_request_url)
    author = {"push": "github-actions[bot]", "api": "GitHub"}[way]
    assert git(origin, "log", "-2", "--format=%cn", BRANCH).split("\n") == [author] * 2


def test_a_shallow_checkout_continues_too(proposed, origin, clone, hosted):
    proposed()
    proposed(days=31)
    dates = ["2026-10-01", "2026-11-01"]
    for days, on, fetches in (45, "2026-11-15", False), (62, "2026-12-02", True):  # a month's first replays
        path = clone("--depth=1", of=origin.as_uri())
        result = proposed(days=days, checkout=path)
        dates.append(on)
        assert observations(result.database) == dates
        assert ("Fetching every commit" in result.log) == fetches
    assert subjects(origin)[4:] == ["Begin"]
    assert len(hosted.requests) == 1


def test_once_it_is_merged_the_next_one_begins_on_the_base(proposed, origin, clone, hosted):
    proposed()
    proposed(days=31)
    merge(origin, clone, "--no-ff")
    assert proposed(days=31).changed == "false"
    result = proposed(days=62)
    assert [each["state"] for each in hosted.requests] == ["closed", "open"]
    assert git(origin, "rev-list", "--parents", f"main..{BRANCH}").split()[1:] == [git(origin, "rev-parse", "main")]
    assert observations(result.database) == ["2026-10-01", "2026-11-01", "2026-12-02"]


def test_a_squash_keeps_the_data_but_only_the_last_observation(proposed, origin, clone):
    """Git is the source of truth in a shallow checkout too, although the squashed database knows more."""
    proposed()
    merge(origin, clone, "--no-ff")
    for days in (10, 20):
        proposed(days=days)
    merge(origin, clone, "--squash")
    result = proposed(days=25, checkout=clone("--depth=1", of=origin.as_uri()))
    assert git(origin, "rev-list", "--parents", f"main..{BRANCH}").split()[1:] == [git(origin, "rev-parse", "main")]
    assert observations(result.database) == ["2026-10-01", "2026-10-21", "2026-10-26"]


def test_if_the_data_of_the_base_changed_the_branch_begins_again_and_loses_no_data(
    proposed, github, origin, hosted, way
):
    both = f"{PERSON} {FULL_PAGE}"
    proposed(organisations=both, commit_by=way)
    proposed(days=31, pull_request="")  # somebody's workflow pushed
    github.faults = [f"not-found:login={FULL_PAGE}"]
    result = proposed(days=62, organisations=both, commit_by=way)
    assert (result.status, result.changed) == (0, "true")
    assert git(origin, "log", "-1", "--format=%P", BRANCH) == git(origin, "rev-parse", "main")
    assert [(each["number"], each["state"]) for each in hosted.requests] == [(1, "open")]
    assert subjects(origin)[0].startswith("first observation of 1 organisation with 100 repositories; ")
    assert "first observation of 1 organisation" in hosted.requests[0]["title"]
    assert (result.path / f"data/repositories/{FULL_PAGE}.json").exists()
    assert observations(result.database) == ["2026-11-01", "2026-12-02"]
    branches = git(origin, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split("\n")
    assert branches == ["main", BRANCH]


def test_the_forgotten_on_the_base_do_not_come_back_with_waiting_data(proposed, github, origin, clone):
    proposed(organisations=FULL_PAGE)
    merge(origin, clone, "--no-ff")
    proposed(days=31, organisations=FULL_PAGE)
    gone = forget_one(clone(), origin)
    github.faults = [f"not-found:login={FULL_PAGE}"]
    result = proposed(days=40, organisations=FULL_PAGE)
    held = store.load(result.path / "data")[FULL_PAGE.casefold()]
    assert held.record["observed_at"].startswith("2026-11-01")
    assert gone not in {each["id"] for each in held.repositories}
    assert git(origin, "diff", "--name-only", "main", BRANCH, "--", "data/forgotten.json") == ""


def test_other_changes_of_the_base_leave_the_branch_as_it_is(proposed, origin, clone, hosted):
    proposed()
    path = clone()
    (path / "other.txt").write_text("theirs\n")
    git(path, "add", ".")
    git(path, "commit", "--quiet", "--message", "Theirs")
    git(path, "push", "--quiet", "origin", "HEAD")
    proposed(days=31)
    assert len(subjects(origin)) == 3
    assert len(hosted.requests) == 1


def test_a_request_that_somebody_closed_is_left_alone(proposed, origin, hosted):
    proposed()
    hosted.requests[0]["state"] = "closed"
    result = proposed(days=31, commit_by="api")
    assert observations(result.database) == ["2026-11-01"]
    assert result.pull_request_url.endswith("/pull/2")
    assert subjects(origin) == ["first observation of 1 organisation with 99 repositories", "Begin"]


def test_what_an_earlier_step_left_in_the_checkout_does_not_count(proposed, hosted):
    first = proposed()
    hosted.requests[0]["state"] = "closed"
    result = proposed(days=31, checkout=first.path)
    assert observations(result.database) == ["2026-11-01"]
    assert hosted.requests[1]["title"] == "first observation of 1 organisation with 99 repositories"


def test_a_token_that_the_repositorys_github_refuses_is_one_sentence(proposed, github, monkeypatch):
    monkeypatch.setattr("tests.action.test_run.JOB_TOKEN", "ghs_Unknown")
    with pytest.raises(GitError, match="GitHub refused the token for this repository: check the input token"):
        proposed()
    assert github.requests == []


def test_closures_stay_in_the_text_until_it_is_merged(proposed, hosted, world, github, monkeypatch):
    closed = Closing(world, Closure(FULL_PAGE, date(2026, 10, 2), share=0.6, fates=("private",)))
    monkeypatch.setattr(github._service, "world", closed)
    for days in (0, 1, 3):
        proposed(days=days, organisations=FULL_PAGE)
    assert "### Closures" in hosted.requests[0]["body"]
    assert "60 of 100 repositories no longer public" in hosted.requests[0]["body"]


def test_a_branch_that_somebody_deleted_comes_back_with_another_request(proposed, origin, hosted):
    proposed()
    git(origin, "update-ref", "-d", f"refs/heads/{BRANCH}")
    assert proposed().pull_request_url.endswith("/pull/2")
    assert [each["state"] for each in hosted.requests] == ["closed", "open"]


def test_a_faster_run_is_kept_and_ours_comes_on_top(proposed, origin, hosted, meanwhile):  # noqa: F811
    proposed()
    meanwhile(lambda: proposed(days=31, organisations=f"{PERSON} {FULL_PAGE}"))
    result = proposed(days=62, organisations=f"{PERSON} {FULL_PAGE}", commit_by="api")
    assert "The branch moved" in result.log
    assert result.status == 0
    assert observations(result.database) == ["2026-10-01", "2026-11-01", "2026-12-02"]
    assert len(subjects(origin)) == 4
    assert len(hosted.requests) == 1


@pytest.mark.parametrize("way, sentence", {"push": "was deleted during the run", "api": "was refused"}.items())
def test_a_branch_that_is_deleted_during_a_run_is_one_sentence(proposed, origin, meanwhile, way, sentence):  # noqa: F811
    proposed(commit_by=way)
    meanwhile(lambda: git(origin, "update-ref", "-d", f"refs/heads/{BRANCH}"))
    result = proposed(days=31, commit_by=way)
    assert (result.status, result.changed) == (1, "false")
    assert f"{BRANCH} {sentence}" in result.log
    assert git(origin, "for-each-ref", f"refs/heads/{BRANCH}") == ""


def test_a_request_that_is_closed_during_a_run_is_not_written_to(proposed, hosted, meanwhile):  # noqa: F811
    proposed()
    title = hosted.requests[0]["title"]
    meanwhile(lambda: hosted.requests[0].update(state="closed"))
    assert proposed(days=31).pull_request_url.endswith("/pull/2")
    assert hosted.requests[0]["title"] == title


def test_what_others_counted_is_that_of_the_base(proposed, clone, hosted):
    proposed()
    path = clone()
    (path / "earlier").mkdir()
    (path / "earlier" / "them.csv").write_text("who,n\n")
    with pytest.raises(DatasetError, match=r"earlier/them.csv, line 1"):
        proposed(days=31, checkout=path)


def test_without_the_permission_to_see_requests_nothing_is_scraped(proposed, github, hosted):
    hosted.shows_requests = False
    with pytest.raises(GitError, match=r"give the job `permissions: pull-requests: write` .*Resource not accessible"):
        proposed()
    assert github.requests == []


def test_without_permission_to_open_a_request_the_setting_is_named_and_the_next_run_does_it(proposed, origin, hosted):
    hosted.opens_requests = False
    result = proposed()
    assert (result.status, result.changed, result.pull_request_url) == (1, "true", "")
    assert result.commit_sha == git(origin, "rev-parse", BRANCH)
    assert "**The pull request could not be written.**" in result.summary
    assert "permissions: pull-requests: write" in result.log
    assert "allow GitHub Actions to create pull requests" in result.log
    hosted.opens_requests = True
    assert proposed(days=1).pull_request_url.endswith("/pull/1")


def test_an_answer_that_was_lost_opens_no_second_request(proposed, hosted):
    hosted.loses = 1
    assert proposed().pull_request_url.endswith("/pull/1")
    assert len(hosted.requests) == 1


def test_invalid_data_on_the_branch_are_one_sentence(proposed, origin, clone):
    proposed()
    path = clone(f"--branch={BRANCH}")
    (path / "data/organisations.json").write_text('{"organisations": "all"}')
    git(path, "commit", "--quiet", "--all", "--message", "Somebody's")
    git(path, "push", "--quiet", "origin", "HEAD")
    with pytest.raises(DatasetError, match=f"The data on the branch {BRANCH} cannot be used, so close its pull"):
        proposed(days=31)


def test_an_empty_repository_has_nothing_to_merge_into(tmp_path, hosted):
    git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    git(tmp_path, "clone", "--quiet", "empty.git", "checkout")
    checkout = open_checkout(tmp_path / "checkout" / "data", "https://github.example", None)
    with pytest.raises(GitError, match="Input pull-request: the repository has no commit to merge"):
        propose(checkout, GitHubApi(hosted.url, JOB_TOKEN), NAME, "data")


def test_the_branch_tells_bases_and_datasets_apart(clone, hosted):
    path = clone()
    git(path, "checkout", "--quiet", "-b", "feature/x")
    checkout = open_checkout(path / "data", "https://github.example", None)
    found = propose(checkout, GitHubApi(hosted.url, JOB_TOKEN), NAME, "some where/.data..x.lock")
    assert found.checkout.branch == "open-source-health-statistics/feature/x/some-where/-data-x-lock"
    git(path, "check-ref-format", found.checkout.target.ref)


def test_what_is_asked_and_answered_is_as_github_describes_it(proposed, hosted, description):
    proposed()
    proposed(days=31)
    kinds = {"pulls": "/pulls", "1": "/pulls/{pull_number}", "compare": "/compare/{basehead}"}
    found = []
    for asked, said in zip(hosted.asked, hosted.said, strict=True):
        kind = kinds[next(each for each in reversed(asked.path.split("/")) if each in kinds)]
        found.append((asked.method, kind))
        path = f"/repos/{{owner}}/{{repo}}{kind}"
        assert description.exchange_errors(path, asked.method, asked.query, asked.document, said) == []
    assert set(found) == {("GET", "/pulls"), ("POST", "/pulls"), ("PATCH", kinds["1"]), ("GET", kinds["compare"])}


def test_long_texts_are_cut_where_github_would_refuse_them(clone, hosted):
    path = clone()
    git(path, "commit", "--quiet", "--allow-empty", "--message", "More")
    git(path, "push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}")
    requests = Requests(GitHubApi(hosted.url, JOB_TOKEN), NAME, BRANCH, "main")
    assert requests.publish("t" * 300, "line\n" * 20_000) == 1
    assert len(hosted.requests[0]["title"]) == 250
    assert hosted.requests[0]["body"].endswith("\nline\n- and more, in the commits\n")
