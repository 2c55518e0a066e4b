"""Commits in somebody else's checkout, against a real origin: they contain only our files, and nothing is lost."""

import base64
import subprocess

import pytest

from scraper import git_process
from scraper.action.checkout import Change, Checkout
from scraper.action.git_publisher import ATTEMPTS, publish
from scraper.action.opening import open_checkout
from scraper.action.push_errors import Race
from scraper.errors import GitError
from tests.helpers.estate import TOKEN
from tests.helpers.git import git, hook

CHANGE = Change(frozenset({"data/a.json"}), "the subject\n\nthe body\n")


def opened(path, token=None, server="https://github.example"):
    return open_checkout(path / "data", server, token)


def put(path, text="[]\n", name="data/a.json"):
    (path / name).parent.mkdir(parents=True, exist_ok=True)
    (path / name).write_text(text)


def never(commit):
    raise AssertionError("nobody was faster")


def test_a_commit_holds_our_paths_only_by_the_bot_and_leaves_the_rest_as_it_was(clone, origin):
    path = clone()
    put(path)
    put(path, name="data/.a.json.tmp")
    put(path, "not ours\n", "staged.txt")
    put(path, "changed\n", "README.md")
    git(path, "add", "staged.txt")
    commit = publish(opened(path), CHANGE, never)
    assert git(origin, "rev-parse", "main") == git(path, "rev-parse", "HEAD") == commit
    assert git(origin, "show", "--name-only", "--format=%an <%ae> %cn%n%B", "main").split("\n") == [
        "github-actions[bot] <github-actions[bot]@users.noreply.github.example> github-actions[bot]",
        "the subject",
        "",
        "the body",
        "",
        "",
        "data/a.json",
    ]
    assert git(path, "status", "--porcelain").split("\n") == ["M README.md", "A  staged.txt", "?? data/.a.json.tmp"]
    assert "user." not in git(path, "config", "--list")


def test_the_bot_has_its_numeric_address_on_github_com_only(clone, origin):
    path = clone()
    put(path)
    publish(opened(path, server="https://github.com"), CHANGE, never)
    address = "41898282+github-actions[bot]@users.noreply.github.com"
    assert git(origin, "log", "-1", "--format=%ae %ce", "main") == f"{address} {address}"


def test_another_author_is_the_author_only(clone, origin):
    path = clone()
    put(path)
    publish(open_checkout(path / "data", "https://github.com", None, ("Ana María", "ana@example.org")), CHANGE, never)
    found = git(origin, "log", "-1", "--format=%an <%ae> %cn", "main")
    assert found == "Ana María <ana@example.org> github-actions[bot]"


def test_nothing_changed_is_no_commit(clone, origin):
    path = clone()
    put(path)
    first = publish(opened(path), CHANGE, never)
    assert publish(opened(path), CHANGE, never) is None
    assert git(origin, "rev-parse", "main") == first


def test_what_was_removed_is_removed(clone, origin):
    path = clone()
    put(path)
    publish(opened(path), CHANGE, never)
    (path / "data/a.json").unlink()
    assert publish(opened(path), CHANGE, never)
    assert git(origin, "ls-tree", "-r", "--name-only", "main", "data") == ""


def overtake(clone, name="other.txt", text="theirs\n"):
    """Push something from another checkout, and return the commit."""
    other = clone()
    put(other, text, name)
    git(other, "add", ".")
    git(other, "commit", "--quiet", "--message", "Theirs")
    git(other, "push", "--quiet", "origin", "HEAD")
    return git(other, "rev-parse", "HEAD")


def test_a_faster_push_is_kept_and_ours_comes_on_top(clone, origin):
    path = clone()
    put(path)
    theirs, waits = overtake(clone), []

    def regenerate(commit):
        assert commit == theirs
        put(path, "anew\n")
        return Change(CHANGE.paths, "anew\n")

    commit = publish(opened(path), CHANGE, regenerate, waits.append)
    assert git(origin, "log", "--format=%s", "main").split("\n") == ["anew", "Theirs", "Begin"]
    assert git(origin, "show", "main:data/a.json") == "anew"
    assert 0.5 <= waits[0] <= 1.5
    assert git(path, "rev-parse", "HEAD") == commit
    assert (path / "other.txt").read_text() == "theirs\n"
    assert git(path, "status", "--porcelain") == ""


def test_a_faster_push_that_says_the_same_is_taken(clone, origin):
    path = clone()
    put(path)
    theirs = overtake(clone, "data/a.json", "[]\n")
    assert publish(opened(path), CHANGE, lambda commit: CHANGE, lambda seconds: None) is None
    assert git(origin, "rev-parse", "main") == git(path, "rev-parse", "HEAD") == theirs


def test_the_attempts_are_limited(clone, origin):
    path, waits = clone(), []
    put(path)
    hook(origin, 'echo "the server is not itself today" >&2; kill -9 $PPID')
    with pytest.raises(GitError, match=f"{ATTEMPTS} pushes failed: run the workflow again"):
        publish(opened(path), CHANGE, lambda commit: CHANGE, waits.append)
    assert len(waits) == ATTEMPTS - 1
    assert git(path, "rev-list", "--count", "HEAD") == "1"


def test_a_push_whose_answer_was_lost_is_not_made_twice(clone, origin, monkeypatch):
    path, push = clone(), Checkout.push

    def lost(checkout, commit):
        push(checkout, commit)
        raise Race("the connection broke")

    monkeypatch.setattr(Checkout, "push", lost)
    put(path)
    commit = publish(opened(path), CHANGE, never, lambda seconds: None)
    assert git(origin, "rev-parse", "main") == git(path, "rev-parse", "HEAD") == commit


REFUSALS = {
    "protected": (
        "GH006: Protected branch update failed for refs/heads/main.",
        "There are four ways around that: propose the data",
    ),
    "a ruleset": ("GH013: Repository rule violations found for refs/heads/main.", "There are four ways around that"),
    "a secret": (
        "GH013: Repository rule violations found for refs/heads/main. Push cannot contain secrets."
        " https://github.com/a/b/security/secret-scanning/unblock-secret/2xY",
        "allow it at https://github.com/a/b/security/secret-scanning/unblock-secret/2xY, and run",
    ),
    "unsigned": (
        "GH013: Repository rule violations found for refs/heads/main. Commits must have verified signatures.",
        "The branch main accepts only signed commits: set commit-by: api",
    ),
    "too large": ("GH001: Large files detected. this exceeds GitHub's file size limit", "set commit-database: false"),
}


@pytest.mark.parametrize("said, sentence", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_a_sentence_with_the_fix(clone, origin, said, sentence):
    path = clone()
    put(path)
    hook(origin, f'echo "error: {said}" >&2; exit 1')
    with pytest.raises(GitError, match=sentence):
        publish(opened(path), CHANGE, never)
    assert git(path, "status", "--porcelain") == "?? data/"


def test_a_shallow_checkout_will_do(clone, origin):
    overtake(clone)
    path = clone("--depth=1", of=origin.as_uri())
    put(path)
    overtake(clone, "more.txt")
    assert publish(opened(path), CHANGE, lambda commit: CHANGE, lambda seconds: None)
    assert git(origin, "rev-list", "--count", "main") == "4"
    assert git(path, "rev-parse", "--is-shallow-repository") == "true"


def test_a_partial_checkout_of_a_private_repository_will_do(clone, origin, backend, tmp_path):
    overtake(clone, "elsewhere/theirs.txt")
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git(origin, "config", key, "true")
    path = clone("--filter=blob:none", "--sparse", of=origin.as_uri())
    git(path, "sparse-checkout", "set", "data")
    git(path, "remote", "set-url", "origin", f"{backend}/origin.git")
    put(path)
    theirs = overtake(clone, "data/b.json", "theirs\n")
    checkout = opened(path, TOKEN, backend)

    def regenerate(commit):
        assert commit == theirs
        checkout.export(commit, ["data/b.json"], tmp_path / "exported")
        return CHANGE

    commit = publish(checkout, CHANGE, regenerate, lambda seconds: None)
    assert (tmp_path / "exported/data/b.json").read_text() == "theirs\n"
    assert git(origin, "rev-parse", "main") == git(path, "rev-parse", "HEAD") == commit
    assert (path / "data/b.json").read_text() == "theirs\n"
    assert not (path / "elsewhere").exists()


def test_an_empty_repository_will_do(tmp_path, clone):
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "empty.git")
    path = clone(of=tmp_path / "empty.git")
    put(path)
    commit = publish(opened(path), CHANGE, never)
    assert git(tmp_path / "empty.git", "rev-parse", "main") == git(path, "rev-parse", "HEAD") == commit
    assert git(path, "status", "--porcelain") == ""


def test_a_detached_head_says_why_not(clone):
    path = clone()
    git(path, "checkout", "--quiet", "--detach")
    with pytest.raises(GitError, match=r"not on a branch \(detached HEAD\).*set commit: false"):
        opened(path)


def test_without_a_checkout_it_says_why_not(tmp_path):
    with pytest.raises(GitError, match="is not in a git checkout.*run actions/checkout first"):
        opened(tmp_path / "elsewhere" / "deep")


def test_without_an_origin_it_says_why_not(tmp_path):
    git(tmp_path, "init", "--quiet", "lonely")
    with pytest.raises(GitError, match="no remote `origin`"):
        opened(tmp_path / "lonely")


def test_a_submodule_says_why_not(clone, origin):
    path = clone()
    git(path, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", origin, "data")
    with pytest.raises(GitError, match="is in a submodule"):
        opened(path)


def test_without_git_it_says_why_not(clone, monkeypatch):
    path = clone()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="git is not installed"):
        opened(path)


@pytest.mark.parametrize("left_by_checkout", [False, True])
def test_the_token_is_sent_to_its_server_and_written_nowhere(
    clone, origin, backend, tmp_path, monkeypatch, left_by_checkout
):
    path = clone()
    git(path, "remote", "set-url", "origin", f"{backend}/origin.git")
    if left_by_checkout:
        git(path, "config", f"http.{backend}/.extraheader", "AUTHORIZATION: basic b2xkOm9uZQ==")
    put(path)
    overtake(clone)
    seen = []

    # The arguments of git are visible in the list of processes while it runs.
    real = subprocess.run

    def watched(command, **rest):
        seen.append(command)
        return real(command, **rest)

    monkeypatch.setattr(git_process.subprocess, "run", watched)
    checkout = opened(path, TOKEN, backend)
    publish(checkout, CHANGE, lambda commit: CHANGE, lambda seconds: None)
    assert git(origin, "log", "--format=%s", "main").split("\n") == ["the subject", "Theirs", "Begin"]
    encoded = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    for secret in (TOKEN, encoded):
        assert secret not in repr((checkout, seen))
        assert not any(secret.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_the_token_goes_to_no_other_server(clone, backend):
    path = clone()
    git(path, "remote", "set-url", "origin", f"{backend}/origin.git")
    put(path)
    with pytest.raises(
        GitError, match="may not push to this repository: give the job `permissions: contents: write`"
    ):
        publish(opened(path, TOKEN, "https://github.example"), CHANGE, never)


def test_the_processes_of_git_know_no_token(clone, monkeypatch):
    for name in ("INPUT_TOKEN", "JOB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.setenv(name, TOKEN)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    repository = git_process.find_repository(clone())
    result = git_process.run(repository, "-c", "alias.show-environment=!env", "show-environment")
    assert result.status == 0
    assert TOKEN not in result.text
