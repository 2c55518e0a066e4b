"""A checkout is not trusted: nothing that it contains or configures runs, sees the token or changes the commit."""

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scraper import git_process
from scraper.action.checkout import Change
from scraper.action.git_publisher import ATTEMPTS, publish
from scraper.action.opening import open_checkout
from scraper.database.build import build
from scraper.dataset.layout import DATABASE_FILE
from scraper.environment import TOKENS
from scraper.errors import DatasetError, GitError
from scraper.history import git_reader, lineage
from tests.helpers.estate import TOKEN
from tests.helpers.git import git, hook
from tests.helpers.life import Life
from tests.helpers.machine import as_another_user
from tests.helpers.running import answering

CHANGE = Change(frozenset({"data/a.json"}), "the subject\n")


def never(commit):
    raise AssertionError("nobody was faster")


def put(path: Path, content: bytes = b"[]\n", name: str = "data/a.json") -> None:
    (path / name).parent.mkdir(parents=True, exist_ok=True)
    (path / name).write_bytes(content)


@pytest.fixture
def trap(tmp_path):
    """A program that writes its environment to a file, which does not exist until it runs."""
    script, seen = tmp_path / "trap.sh", tmp_path / "seen"
    script.write_text(f"#!/bin/sh\nenv >>'{seen}'\nexit 1\n")
    script.chmod(0o755)
    return script, seen


@pytest.fixture
def tokens(monkeypatch):
    for name in TOKENS:
        monkeypatch.setenv(name, TOKEN)


def make_bare_repository(data: Path, trap: Path) -> None:
    """What a pull request that touches only data/ can add: to git, a separate repository."""
    git(data.parent, "init", "--quiet", "--bare", data / "bare")
    for each in (data / "bare").iterdir():
        each.rename(data / each.name)
    (data / "bare").rmdir()
    for name, value in {
        "core.bare": "false",
        "core.worktree": str(data),
        "core.sshCommand": str(trap),
        "core.fsmonitor": str(trap),
        "core.alternateRefsCommand": str(trap),
        "remote.origin.url": "ssh://nowhere.invalid/x",
        "remote.origin.promisor": "true",
        "remote.origin.partialCloneFilter": "blob:none",
        "extensions.partialClone": "origin",
    }.items():
        git(data, "config", "--file", data / "config", name, value)


def test_a_repository_in_data_is_not_obeyed_by_a_push(clone, origin, trap, tokens):
    path = clone()
    put(path)
    make_bare_repository(path / "data", trap[0])
    checkout = open_checkout(path / "data", "https://github.example", None)
    assert checkout.root == path
    assert publish(checkout, CHANGE, never)
    assert git(origin, "ls-tree", "-r", "--name-only", "main", "data/") == "data/a.json"
    assert not trap[1].exists()


def test_a_repository_in_data_is_not_obeyed_by_a_build(tmp_path, trap, tokens):
    life = Life(tmp_path / "repository")
    life.run()
    make_bare_repository(life.data, trap[0])
    with pytest.raises(DatasetError, match="HEAD does not belong to the dataset"):
        build(life.data, life.data / DATABASE_FILE, from_git=True)
    checkout = git_reader.find(life.data)
    assert checkout.repository.top == life.folder
    assert [state.commit for state in lineage.states(checkout)] == [git(life.folder, "rev-parse", "HEAD")]
    assert not trap[1].exists()


BINARY = bytes(range(256)) + b"\r\n\n\r\r\n" * 40 + b"SQLite format 3\0" + "é".encode("utf-16")
ATTRIBUTES = [
    "* text eol=lf",
    "* text eol=crlf",
    "* text",
    "data/** text",
    "data/** working-tree-encoding=UTF-16",
    "* filter=shout",
    "* ident",
]


@pytest.mark.parametrize("line", ATTRIBUTES)
def test_no_attribute_of_the_consumer_changes_what_is_committed(clone, origin, trap, tokens, tmp_path, line):
    path = clone()
    put(path, f"{line}\n".encode(), ".gitattributes")
    git(path, "add", ".gitattributes")
    git(path, "commit", "--quiet", "--message", "Attributes")
    git(path, "push", "--quiet", "origin", "HEAD")
    for each in ("clean", "smudge", "process"):
        git(path, "config", f"filter.shout.{each}", str(trap[0]))
    git(path, "config", "filter.shout.required", "true")
    put(path, BINARY)
    checkout = open_checkout(path / "data", "https://github.example", TOKEN)
    commit = publish(checkout, CHANGE, never)

    blob = subprocess.run(
        ["git", "cat-file", "blob", "main:data/a.json"], cwd=origin, capture_output=True, check=True
    )
    assert blob.stdout == BINARY == (path / "data/a.json").read_bytes()
    checkout.export(commit, ["data/a.json"], tmp_path / "exported")
    assert (tmp_path / "exported/data/a.json").read_bytes() == BINARY
    assert not trap[1].exists() or TOKEN not in trap[1].read_text()


HOOKS = ("pre-push", "reference-transaction", "post-index-change", "pre-commit", "post-checkout", "post-merge")


@pytest.mark.parametrize("where", [".git/hooks", ".husky"])
def test_hooks_of_the_job_do_not_run_and_stop_nothing(clone, origin, trap, tokens, where):
    path = clone()
    (path / where).mkdir(exist_ok=True)
    for name in HOOKS:
        (path / where / name).write_bytes(trap[0].read_bytes())
        (path / where / name).chmod(0o755)
    if where == ".husky":
        git(path, "config", "core.hooksPath", where)
    put(path)
    commit = publish(open_checkout(path / "data", "https://github.example", TOKEN), CHANGE, never)
    assert git(origin, "rev-parse", "main") == commit
    assert not trap[1].exists()


def test_filters_of_the_job_see_no_token_when_another_push_was_faster(clone, origin, trap, tokens, backend):
    path, other = clone(), clone()
    put(other, b"theirs\n", "theirs.txt")
    put(other, b"theirs.txt filter=look\n", ".gitattributes")
    git(other, "add", ".")
    git(other, "commit", "--quiet", "--message", "Theirs")
    git(other, "push", "--quiet", "origin", "HEAD")
    git(path, "config", "filter.look.smudge", f"{trap[0]}; cat")
    git(path, "remote", "set-url", "origin", f"{backend}/origin.git")
    put(path)
    checkout = open_checkout(path / "data", backend, TOKEN)
    publish(checkout, CHANGE, lambda commit: CHANGE, lambda seconds: None)
    assert (path / "theirs.txt").read_text() == "theirs\n"
    seen = trap[1].read_text()
    assert TOKEN not in seen
    assert "OSS_HEALTH_GIT_HEADER" not in seen


class Elsewhere(BaseHTTPRequestHandler):
    """Another host, which records what it is sent."""

    def do_GET(self):
        self.server.headers.append(self.headers.get("authorization"))
        self.send_response(404)
        self.end_headers()

    do_POST = do_GET  # noqa: N815

    def log_message(self, *arguments):
        pass


class Redirecting(Elsewhere):
    def do_GET(self):
        self.send_response(302)
        self.send_header("location", f"{self.server.target}{self.path}")
        self.end_headers()

    do_POST = do_GET  # noqa: N815


@pytest.fixture
def redirecting():
    elsewhere, redirecting = (ThreadingHTTPServer(("127.0.0.1", 0), each) for each in (Elsewhere, Redirecting))
    elsewhere.headers = []
    redirecting.target = f"http://localhost:{elsewhere.server_port}"
    with answering(elsewhere), answering(redirecting) as address:
        yield address, elsewhere.headers


def test_a_redirected_push_shows_the_token_to_nobody(clone, redirecting):
    address, seen = redirecting
    path = clone()
    git(path, "remote", "set-url", "origin", f"{address}/origin.git")
    put(path)
    with pytest.raises(GitError, match="redirects the push to another address"):
        publish(open_checkout(path / "data", address, TOKEN), CHANGE, never, lambda seconds: None)
    assert seen == []


def test_a_tag_with_the_branchs_name_changes_nothing(clone, origin):
    path = clone()
    git(path, "tag", "main")
    git(path, "push", "--quiet", "origin", "refs/tags/main")
    put(path)
    commit = publish(open_checkout(path / "data", "https://github.example", None), CHANGE, never)
    assert git(origin, "rev-parse", "refs/heads/main") == commit
    assert git(origin, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main", "refs/tags/main"]


def test_an_encoding_of_the_job_does_not_garble_the_message(clone, origin):
    path = clone()
    git(path, "config", "i18n.commitEncoding", "ISO-8859-1")
    put(path)
    message = "Łódź: 1 repository appeared\n"
    publish(open_checkout(path / "data", "https://github.example", None), Change(CHANGE.paths, message), never)
    raw = subprocess.run(["git", "cat-file", "commit", "main"], cwd=origin, capture_output=True, check=True).stdout
    assert raw.endswith(message.encode())
    assert b"\nencoding " not in raw


REFUSALS = {
    "ticket": ("Blocked by policy, ticket OPS-4711. Ask in #platform", "ticket OPS-4711"),
    "address": ("GH007: Your push would publish a private email address.", "GH007"),
    "quota": ("GH008: Your push referenced at least 1 unknown Git LFS object", "GH008"),
    "escape": ("\\033[31m::error::evil", "::error::evil"),
}


@pytest.mark.parametrize("said, found", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_final_and_in_the_servers_own_words(clone, origin, said, found):
    path, waits = clone(), []
    put(path)
    hook(origin, f"printf '{said}\\n' >&2; exit 1")
    with pytest.raises(GitError) as refused:
        publish(open_checkout(path / "data", "https://github.example", None), CHANGE, never, waits.append)
    assert found in str(refused.value)
    assert str(refused.value).isprintable()
    assert "protected" not in str(refused.value)
    assert waits == []


def test_a_race_for_the_ref_is_tried_again(clone, origin):
    path, waits = clone(), []
    put(path)
    (origin / "refs/heads/main.lock").write_bytes(b"")
    with pytest.raises(GitError, match=f"{ATTEMPTS} pushes failed"):
        publish(open_checkout(path / "data", "https://github.example", None), CHANGE, never, waits.append)
    assert len(waits) == ATTEMPTS - 1


def test_an_uninitialised_submodule_is_refused(clone, origin, tmp_path):
    path = clone()
    git(path, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", origin, "data")
    git(path, "commit", "--quiet", "--message", "A submodule")
    git(path, "push", "--quiet", "origin", "HEAD")
    with pytest.raises(GitError, match="is in a submodule"):
        open_checkout(clone() / "data", "https://github.example", None)


@as_another_user
def test_a_checkout_of_another_user_is_trusted_in_the_workspace_of_a_job_only(clone, origin, monkeypatch):
    path = clone()
    put(path)
    for each in (path, path / ".git"):
        os.chown(each, 12345, 12345)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    with pytest.raises(GitError, match="git config --global --add safe.directory"):
        open_checkout(path / "data", "https://github.example", None)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(path))
    assert publish(open_checkout(path / "data", "https://github.example", None), CHANGE, never)


def test_one_module_runs_every_git_of_the_program():
    package = Path(git_process.__file__).parent
    starts = [path.name for path in package.rglob("*.py") if '["git"' in path.read_text(encoding="utf-8")]
    assert starts == ["git_process.py"]


@pytest.mark.parametrize("command", ["scrape", "action"])
def test_the_tokens_leave_the_environment_once_they_are_read(command):
    code = (
        "import os, sys\nfrom scraper import cli; from scraper.github import client as github_api\n"
        "def stop(*_, **__): print(sorted(n for n in os.environ if n.endswith('TOKEN'))); os._exit(0)\n"
        "github_api.GitHubApi.__init__ = stop\n"
        f"sys.argv = ['oss-health', {command!r}]\ncli.main()\n"
    )
    environment = os.environ | dict.fromkeys(TOKENS, TOKEN) | {"INPUT_ORGANISATIONS": "nhsx", "INPUT_COMMIT": "false"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr


def test_a_push_that_arrived_is_reported_although_the_checkout_cannot_follow(clone, origin):
    path = clone()
    put(path)
    (path / ".git/refs/heads/main.lock").write_bytes(b"")
    commit = publish(open_checkout(path / "data", "https://github.example", None), CHANGE, never)
    assert git(origin, "rev-parse", "main") == commit
