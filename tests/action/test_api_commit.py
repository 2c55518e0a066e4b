"""Commits through the API, against a GitHub that hosts the origin: as good as a push, and signed."""

import json

import pytest

from scraper.action import api_commit
from scraper.action.api_commit import ApiCheckout, repository_name, through_api
from scraper.action.checkout import Change
from scraper.action.git_publisher import ATTEMPTS, publish
from scraper.action.opening import open_checkout
from scraper.errors import GitError
from scraper.github.client import GitHubApi
from tests.action.test_git_publisher import CHANGE, never, overtake, put
from tests.action.test_run import DATABASE, committed, meanwhile, run, tracked  # noqa: F401 - two are fixtures
from tests.helpers.git import git
from tests.helpers.hosting import JOB_TOKEN, hosting

NAME = "somebody/dataset"


@pytest.fixture
def hosted(origin):
    with hosting(NAME, origin) as running:
        yield running


@pytest.fixture
def opened(hosted):
    """A checkout with commits through the API; its origin is a path, so the repository's name is given."""

    def opened(path, token=JOB_TOKEN, name=NAME, url=hosted.url):
        api = GitHubApi(url, token, max_wait=1, timeout=5)
        return through_api(open_checkout(path / "data", "https://github.example", None), api, name)

    return opened


def subjects(origin):
    return git(origin, "log", "--format=%s", "main").split("\n")


def test_the_commit_is_githubs_and_the_checkout_follows(clone, origin, opened):
    path = clone()
    change = Change(frozenset({"data/a.json", "data/b/c d.json"}), "the subject\n\nthe body\n\nmore\n")
    put(path, "ünï\x01\n")
    put(path, name="data/b/c d.json")
    put(path, "staged\n", "staged.txt")
    git(path, "add", "staged.txt")
    commit = publish(opened(path), change, never)
    assert git(origin, "rev-parse", "main") == git(path, "rev-parse", "HEAD") == commit
    assert "gpgsig" in git(path, "cat-file", "commit", "HEAD")
    assert git(origin, "log", "-1", "--format=%cn%n%B", "main") == "GitHub\nthe subject\n\nthe body\n\nmore"
    assert git(origin, "show", "main:data/a.json") == "ünï\x01"
    assert git(path, "status", "--porcelain") == "A  staged.txt"
    assert publish(opened(path), change, never) is None
    (path / "data/b/c d.json").unlink()
    assert publish(opened(path), change, never)
    assert git(origin, "ls-tree", "-r", "--name-only", "main", "data") == "data/a.json"


@pytest.mark.parametrize("place", ["", "/api/v3"], ids=["github.com", "Enterprise Server"])
def test_the_mutation_is_one_of_githubs_own_schema(clone, origin, official_graphql, opened, place):
    with hosting(NAME, origin, official_graphql) as official:
        for text in ("[]\n", None):
            path = clone()
            put(path, text) if text else (path / "data/a.json").unlink()
            commit = publish(opened(path, url=official.url + place), CHANGE, never)
            assert git(origin, "rev-parse", "main") == commit


def test_a_shallow_checkout_ends_on_the_commit_too(clone, origin, opened):
    overtake(clone)
    path = clone("--depth=1", of=origin.as_uri())
    put(path)
    commit = publish(opened(path), CHANGE, never)
    assert git(path, "rev-parse", "HEAD") == git(origin, "rev-parse", "main") == commit
    assert git(path, "status", "--porcelain") == ""


def test_a_faster_push_is_kept_and_ours_comes_on_top(clone, origin, opened):
    path = clone()
    put(path)
    theirs = overtake(clone)

    def regenerate(commit):
        assert commit == theirs
        put(path, "anew\n")
        return Change(CHANGE.paths, "anew\n")

    publish(opened(path), CHANGE, regenerate, lambda seconds: None)
    assert subjects(origin) == ["anew", "Theirs", "Begin"]
    assert (path / "other.txt").read_text() == "theirs\n"
    assert git(path, "status", "--porcelain") == ""


def test_an_answer_that_was_lost_is_settled_by_what_the_branch_has(clone, origin, opened, hosted):
    path = clone()
    put(path)
    hosted.loses = 1
    commit = publish(opened(path), CHANGE, never, lambda seconds: None)
    assert git(origin, "rev-parse", "main") == git(path, "rev-parse", "HEAD") == commit
    assert subjects(origin) == ["the subject", "Begin"]


def test_another_push_is_not_mistaken_for_ours(clone, origin, opened, hosted):
    path = clone()
    put(path)
    hosted.loses = 1
    checkout = opened(path)
    assert publish(checkout, CHANGE, lambda commit: CHANGE, lambda seconds: overtake(clone)) is None
    assert subjects(origin) == ["Theirs", "the subject", "Begin"]


def test_a_branch_that_was_restarted_during_a_run_is_not_mistaken_for_ours(clone, origin, opened, hosted):
    path, other = clone(), clone()
    put(path)
    hosted.loses = 1
    begun = git(other, "commit-tree", "HEAD^{tree}", "-m", "Begun again")

    def replace_all(seconds):
        git(other, "push", "--quiet", "--force", "origin", f"{begun}:main")

    commit = publish(opened(path), CHANGE, lambda theirs: CHANGE, replace_all)
    assert git(origin, "log", "--format=%H", "main").split("\n") == [commit, begun]


def test_an_unreachable_github_is_tried_again_within_limits(clone, origin, opened, hosted):
    path, waits = clone(), []
    put(path)
    hosted.fails = 502
    with pytest.raises(GitError, match=f"{ATTEMPTS} pushes failed: run the workflow again"):
        publish(opened(path), CHANGE, never, waits.append)
    assert len(hosted.asked) == ATTEMPTS
    assert subjects(origin) == ["Begin"]


REFUSALS = {
    "a protected branch": ({"protected": {"main"}}, r"The branch main is protected.*GitHub said: .*pull request"),
    "no permission": ({"writable": False}, "give the job `permissions: contents: write`.*GitHub said: FORBIDDEN"),
    "another repository": ({"name": "some/other"}, "Could not resolve to a Repository with the name 'somebody/data"),
    "too large for the API": ({"fails": 413}, r"The commit to main was refused \(Something is wrong\)"),
    "a forbidding server": ({"fails": 403}, r"The commit to main was refused \(Something is wrong\)"),
}


@pytest.mark.parametrize("state, sentence", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_a_sentence_with_the_fix_and_not_tried_again(clone, opened, hosted, state, sentence):
    path = clone()
    put(path)
    vars(hosted).update(state)
    with pytest.raises(GitError, match=sentence):
        publish(opened(path), CHANGE, never)
    assert len(hosted.asked) == 1
    assert git(path, "status", "--porcelain") == "?? data/"


def test_a_token_that_github_does_not_know_is_reported(clone, opened):
    path = clone()
    put(path)
    with pytest.raises(GitError, match="GitHub refused the token for this repository: check the input token"):
        publish(opened(path, token="ghs_Unknown"), CHANGE, never)


def test_too_much_at_once_is_refused_before_anything_is_sent(clone, opened, monkeypatch, hosted):
    path = clone()
    put(path, "x" * 2_000_000)
    monkeypatch.setattr(api_commit, "LARGEST_COMMIT", 1_500_000)
    with pytest.raises(GitError, match=r"files of 2 MB, and GitHub's API takes 2 MB: set commit-database: false"):
        publish(opened(path), CHANGE, never)
    assert hosted.asked == []


def test_a_changed_file_mode_does_not_loop(clone, origin, opened):
    seed = clone()
    put(seed)
    (seed / "data/a.json").chmod(0o755)
    git(seed, "add", ".")
    git(seed, "commit", "--quiet", "--message", "Executable")
    git(seed, "push", "--quiet", "origin", "HEAD")
    assert publish(opened(clone()), CHANGE, never)
    assert publish(opened(clone()), CHANGE, never) is None


def test_an_empty_repository_is_refused(tmp_path):
    git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    git(tmp_path, "clone", "--quiet", "empty.git", "checkout")
    checkout = open_checkout(tmp_path / "checkout" / "data", "https://github.example", None)
    with pytest.raises(GitError, match="cannot make a repository's first commit: push one by hand"):
        through_api(checkout, GitHubApi("https://api.github.example", JOB_TOKEN), NAME)


ORIGINS = {
    "https://github.example/Owner/name.with.dots": "Owner/name.with.dots",
    "https://github.example/owner/name.git": "owner/name",
    "https://x:y@github.example/owner_short/name/": "owner_short/name",
    "git@github.example:owner/name.git": "owner/name",
    "ssh://git@github.example/owner/name.git": "owner/name",
    "https://github.example/owner/..": NAME,
    "https://elsewhere.example/owner/name": NAME,
    "/srv/git/name.git": NAME,
}


@pytest.mark.parametrize("address, name", ORIGINS.items())
def test_the_repository_is_that_of_the_checkout(clone, address, name):
    path = clone()
    git(path, "remote", "set-url", "origin", address)
    assert repository_name(open_checkout(path / "data", "https://github.example", None), NAME) == name


def test_the_token_is_shown_nowhere(clone, opened, hosted, caplog, tmp_path):
    caplog.set_level("DEBUG")
    path = clone()
    put(path)
    checkout = opened(path)
    assert isinstance(checkout, ApiCheckout)
    publish(checkout, CHANGE, never)
    assert JOB_TOKEN not in repr(checkout) + json.dumps(vars(checkout), default=repr) + caplog.text + repr(
        hosted.asked
    )
    assert not any(JOB_TOKEN.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_after_a_lost_race_a_run_builds_on_the_faster(run, clone, origin, tmp_path, meanwhile, hosted):  # noqa: F811
    run()
    late = clone()
    meanwhile(lambda: run(days=31))
    result = run(days=62, checkout=late, home=hosted, commit_by="api")
    assert "The branch moved" in result.log
    assert (result.status, result.changed) == (0, "true")
    assert result.commit_sha == git(origin, "rev-parse", "main") == git(late, "rev-parse", "HEAD")
    assert git(origin, "log", "-3", "--format=%cn", "main").split("\n") == ["GitHub", *["github-actions[bot]"] * 2]
    assert git(late, "status", "--porcelain") == ""
    committed(origin, tmp_path)  # and its database is that of a replay


def test_a_database_that_is_not_to_be_committed_is_not_sent(run, origin, hosted, monkeypatch):  # noqa: F811
    run(home=hosted, commit_by="api", commit_database="false")
    assert DATABASE not in tracked(origin)
    monkeypatch.setattr(ApiCheckout, "largest_database", 1024)
    result = run(home=hosted, commit_by="api")
    assert "::warning" in result.log
    assert "GitHub's API accepts 30 MB in a commit: it was not committed" in result.log
    assert DATABASE not in tracked(origin)
