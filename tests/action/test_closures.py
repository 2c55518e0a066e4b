"""A closure comes first in everything that a run reports: commit, summary, log, outputs, and one issue."""

import json
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sandbox import Closing, Closure, Estate
from scraper.action import issue
from scraper.action.inputs import read_settings
from scraper.action.workflow_commands import Workflow
from scraper.database.verify import verify
from scraper.errors import ConfigurationError
from scraper.github.client import GitHubApi
from scraper.threshold import DEFAULT, Threshold, parse_threshold
from tests.action.test_run import hand_over, run  # noqa: F401 - a fixture
from tests.helpers.estate import FULL_PAGE, PERSON
from tests.helpers.git import git
from tests.helpers.running import answering

CLOSED = "plumstone-training"  # a hundred repositories
NIGHT = date(2026, 10, 2)


@pytest.fixture
def world():
    return Closing(Estate("nhs"), Closure(CLOSED, NIGHT, share=0.6, fates=("private", "private", "moved")))


def test_a_closure_comes_first_in_commit_summary_log_and_outputs(run, clone):  # noqa: F811
    checkout = clone()
    run(checkout=checkout)
    result = run(days=1, checkout=checkout)
    subject, _, body = git(checkout, "log", "-1", "--format=%B").partition("\n\n")
    headline = f"{CLOSED}: 60 of 100 repositories gone"
    sentence = f"{headline} (60%) between 2026-10-01 and 2026-10-02: 40 no longer public, 20 moved to somewhere-else."
    assert subject == headline
    assert body.startswith(sentence)
    assert f"40 repositories of {CLOSED} no longer public: " in body
    assert f"20 repositories of {CLOSED} moved to somewhere-else: " in body
    assert "deleted" not in body
    assert "::warning title=Closure::" in result.log
    assert headline in result.log
    assert result.summary.index("### Closures") < result.summary.index("### What changed")
    [closure] = json.loads(result.closures)
    assert (closure["organisation"], closure["gone"], closure["moved_to"]) == (CLOSED, 60, {"somewhere-else": 20})
    vanished = json.loads(result.vanished)
    assert len(vanished) == 60
    assert {each["whereabouts"] for each in vanished} == {"not_public", "moved"}
    assert json.loads(run(days=2, checkout=checkout).closures) == []


def test_a_threshold_of_the_list_decides_what_a_closure_is_and_one_of_the_input_is_deprecated(run, clone):  # noqa: F811
    checkout = clone()
    (checkout / "organisations.yml").write_text(f"closure-threshold: 5, 60%\norganisations: [{CLOSED}, {PERSON}]\n")
    first = run(checkout=checkout, organisations="", closure_threshold="5, 61%")
    assert "write `closure-threshold: 5, 61%25` in a list of organisations" in first.log
    database = checkout / "data" / "open-source-health.db"
    assert verify(checkout / "data", database, lambda done, total: None, Threshold(5, 0.61)) == []
    second = run(days=1, checkout=checkout, organisations="")
    assert "deprecated" not in second.log
    assert len(json.loads(second.closures)) == 1
    assert verify(checkout / "data", database, lambda done, total: None, Threshold(5, 0.6)) == []


@pytest.mark.parametrize("world", [Closing(Estate("nhs"), Closure(CLOSED, NIGHT, ends=True))], ids=[""])
def test_an_organisation_that_is_gone_is_no_failure_in_either_of_two_jobs(run, clone, world):  # noqa: F811
    organisations = f"{CLOSED} {PERSON} {FULL_PAGE}"
    first = clone()
    for days in (0, 1, 2, 3, 4):
        run(days=days, checkout=first, organisations=organisations)
    scraped, other = clone(), clone()
    done = run(days=5, checkout=scraped, organisations=organisations, commit="false")
    hand_over(done, other / "scraped")
    result = run(days=5, checkout=other, organisations=organisations, scraped_directory="scraped")
    assert json.loads(done.failed_organisations) == json.loads(result.failed_organisations) == []


def test_a_threshold_is_read_strictly():
    assert parse_threshold("5, 20%", "") == DEFAULT
    assert parse_threshold("12,50 %", "") == Threshold(12, 0.5)
    for text in ("", "5", "0, 20%", "5, 0%", "5, 101%", "-5, 20%", "5; 20%", "5, 20%\n6, 7%"):
        with pytest.raises(ConfigurationError, match=r"^closure-threshold: .* such as 5, 20%\.$"):
            parse_threshold(text, "closure-threshold")


@pytest.mark.parametrize("name, value", [("notify", "mail"), ("lookups", "-1"), ("lookups", "10001")])
def test_inputs_are_checked(name, value, tmp_path):
    with pytest.raises(ConfigurationError, match=f"Input {name}: {value!r}"):
        read_settings({"GITHUB_WORKSPACE": str(tmp_path), f"INPUT_{name.upper()}": value})


class Issues(ThreadingHTTPServer):
    """The part of GitHub's API for the issues of a repository."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issues, self.asked, self.refuses = [], [], False
        self.url = f"http://127.0.0.1:{self.server_port}"

    def add(self, body, number, **more):
        self.issues.append({"number": number, "body": body, "state": "open", **more})


class _Handler(BaseHTTPRequestHandler):
    def _answer(self):
        document = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
        self.server.asked.append((self.command, self.path.partition("?")[0], document))
        status, said = 200, self.server.issues
        if self.server.refuses:
            status, said = 403, {"message": "Resource not accessible by integration"}
        elif self.command == "POST":
            self.server.add(document["body"], len(self.server.issues) + 1, title=document["title"])
            status, said = 201, self.server.issues[-1]
        elif self.command == "PATCH":
            said = next(each for each in self.server.issues if self.path.endswith(f"/{each['number']}"))
            said |= document
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815

    def log_message(self, *args):
        pass


@pytest.fixture
def issues():
    server = Issues()
    with answering(server):
        yield server


@pytest.fixture
def notify(run, clone, issues, tmp_path):  # noqa: F811
    """Report the closures in a database, as a run of the Action in somebody's repository does."""
    checkout = clone()
    for days in (0, 1):
        run(days=days, checkout=checkout)

    def notify(repository="somebody/statistics", **options):
        settings = read_settings({"GITHUB_WORKSPACE": str(checkout), "GITHUB_REPOSITORY": repository})
        return issue.notify(settings, GitHubApi(issues.url, "a-token", backoff=0.01), Workflow({}), **options)

    return notify


def test_one_issue_is_opened_and_updated_and_never_a_second(notify, issues):
    issues.add("Somebody else's", 1)
    issues.add(None, 2)
    assert notify() == "An issue about closures was opened."
    assert "was updated" in notify()
    issues.issues[-1]["state"] = "closed"
    assert "was updated" in notify()
    assert [each["number"] for each in issues.issues] == [1, 2, 3]
    assert issues.issues[-1]["state"] == "open"
    assert issues.issues[0]["body"] == "Somebody else's"
    assert "60 of 100" in issues.issues[-1]["body"]
    assert "@" not in issues.issues[-1]["body"]
    assert [method for method, *_ in issues.asked] == ["GET", "POST", "GET", "PATCH", "GET", "PATCH"]


def test_the_repository_may_belong_to_a_managed_user(notify, issues):
    assert notify(repository="somebody_corp/statistics") == "An issue about closures was opened."
    assert issues.asked[-1][1] == "/repos/somebody_corp/statistics/issues"


def test_the_issue_follows_what_became_of_the_repositories_and_nothing_else(notify, issues):
    assert notify(news=False) == "An issue about closures was opened.", "an earlier run could not"
    [held] = issues.issues
    held["state"] = "closed"
    assert notify(news=False) is None
    held["body"] = held["body"].replace("40 no longer public", "60 no longer public")
    assert "was updated" in notify(news=False)
    assert ("40 no longer public" in held["body"], held["state"]) == (True, "closed")


def test_an_issue_that_cannot_be_written_fails_no_run(notify, issues, capsys):
    issues.refuses = True
    assert "permissions: issues: write" in notify().replace("&#58;", ":")
    assert "::warning" in capsys.readouterr().out
    assert notify(repository="../..") == (
        "No issue was written, because GITHUB_REPOSITORY does not name the repository of this workflow."
    )
