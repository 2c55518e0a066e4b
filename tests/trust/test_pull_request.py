"""Anybody can open pull requests: theirs are never mistaken for ours."""

import base64
import subprocess

import pytest

from scraper import git_process
from scraper.action.git_publisher import publish
from scraper.action.opening import open_checkout
from scraper.action.pull_request import Requests, propose
from scraper.errors import GitError
from scraper.github.client import GitHubApi
from tests.action.test_git_publisher import CHANGE, never, put
from tests.helpers.estate import TOKEN
from tests.helpers.git import git
from tests.helpers.hosting import JOB_TOKEN, hosting

NAME = "somebody/dataset"
BRANCH = "open-source-health-statistics/main/data"
STRANGERS = {
    "a fork with a branch of the same name": {"owner": "stranger"},
    "another branch": {"head": "theirs"},
}


@pytest.mark.parametrize("theirs", STRANGERS.values(), ids=STRANGERS)
def test_the_request_of_a_stranger_is_not_touched(origin, clone, theirs):
    path = clone()
    git(path, "commit", "--quiet", "--allow-empty", "--message", "More")
    git(path, "push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}", "HEAD:refs/heads/theirs")
    with hosting(NAME, origin) as hosted:
        asked = {"title": "Theirs", "head": theirs.get("head", BRANCH), "base": "main"}
        hosted.requests.append(hosted.request(1, asked, theirs.get("owner", "")))
        hosted.heeds_filters = False  # as GitHub does with a filter that it cannot read
        requests = Requests(GitHubApi(hosted.url, JOB_TOKEN), NAME, BRANCH, "main")
        assert requests.find() is None
        assert requests.publish("Ours", "") == 2
        assert requests.find() == 2
        assert hosted.requests[0]["title"] == "Theirs"


@pytest.mark.parametrize("said", [[{"number": "1"}], [None], [[]], [{"number": 1, "head": None}]])
def test_a_list_of_nonsense_is_no_request(origin, said):
    with hosting(NAME, origin) as hosted:
        hosted.request = lambda number, asked: said[0]
        hosted.answer = lambda asked: (200, said)
        assert Requests(GitHubApi(hosted.url, JOB_TOKEN), NAME, BRANCH, "main").find() is None


def test_what_github_says_stays_on_its_line(origin):
    with hosting(NAME, origin) as hosted:
        hosted.fails, hosted.says = 422, "Validation\n::error::\x1b[31mFailed"
        requests = Requests(GitHubApi(hosted.url, JOB_TOKEN, backoff=0.01), NAME, BRANCH, "main")
        with pytest.raises(GitError, match="could not be written: Validation ::error:: .31mFailed$"):
            requests.publish("Ours", "")


def test_the_token_is_sent_to_its_server_and_written_nowhere(clone, origin, backend, monkeypatch, tmp_path):
    path, seen, real = clone("--depth=1", of=origin.as_uri()), [], subprocess.run
    git(path, "remote", "set-url", "origin", f"{backend}/origin.git")

    def watched(command, **rest):
        seen.append(command)
        return real(command, **rest)

    monkeypatch.setattr(git_process.subprocess, "run", watched)
    with hosting(NAME, origin) as hosted:
        for text in ("[]\n", "[1]\n"):
            put(path, text)
            api = GitHubApi(hosted.url, JOB_TOKEN)
            proposal = propose(open_checkout(path / "data", backend, TOKEN), api, NAME, "data")
            assert publish(proposal.checkout, CHANGE, never) == hosted.head(BRANCH)
            proposal.requests.publish("Ours", "")
        assert len(hosted.requests) == 1
        assert git(origin, "rev-list", "--count", f"main..{BRANCH}") == "2"
    encoded = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    for secret in (TOKEN, encoded, JOB_TOKEN):
        assert secret not in repr((proposal, seen, hosted.asked))
        assert not any(secret.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
