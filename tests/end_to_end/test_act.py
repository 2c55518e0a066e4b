"""The Action as its users run it: with act, in somebody else's repository, against the sandbox and a real origin."""

import base64
import datetime
import re
import shutil
from dataclasses import replace

import pytest

from tests.helpers.estate import FULL_PAGE, PERSON, TOKEN
from tests.helpers.git import git, hook
from tests.helpers.machine import ROOT

TODAY = datetime.date(2026, 10, 1)


@pytest.fixture(autouse=True)
def today(github):
    github.date = TODAY


MONTH = """\
1 repository archived, 2 appeared, 1 changed in 1 organisation

fenland-notebooks/imaging_service: archived
2 repositories appeared in fenland-notebooks: maternity-validator, open-appointments-cli
fenland-notebooks/PlanningReport: topics changed
counters changed in 95 repositories"""


def subjects(origin):
    return git(origin, "log", "--format=%s", "main").split("\n")


def test_a_first_run_a_second_and_one_a_month_later(run, origin, github):
    first = run(**{"health-budget": "0"})
    assert first.status == 0, first.log
    assert first.outputs == {
        "changed": "true",
        "commit-sha": git(origin, "rev-parse", "main"),
        "organisations": "2",
        "repositories": "197",
        "vanished": "[]",
        "closures": "[]",
        "failed-organisations": "[]",
        "database": first.outputs["database"],
        "site": "",
        "pull-request-url": "",
    }
    assert first.outputs["database"].endswith("/data/open-source-health.db")
    assert subjects(origin) == ["first observation of 2 organisations with 197 repositories", "Begin"]
    assert git(origin, "ls-tree", "-r", "--name-only", "main", "--", "data").split("\n") == [
        "data/README.md",
        f"data/metrics/{PERSON}.jsonl",
        f"data/metrics/{FULL_PAGE}.jsonl",
        "data/open-source-health.db",
        "data/organisations.json",
        f"data/repositories/{PERSON}.json",
        f"data/repositories/{FULL_PAGE}.json",
    ]
    assert "## Open-Source Health Statistics" in first.log

    second = run(**{"health-budget": "0"})
    assert (second.status, second.outputs["changed"], second.outputs["commit-sha"]) == (0, "false", "")
    assert len(subjects(origin)) == 2

    github.date = TODAY + datetime.timedelta(days=31)
    third = run(**{"health-budget": "0"})
    assert (third.status, third.outputs["changed"]) == (0, "true")
    assert git(origin, "log", "-1", "--format=%B", "main") == MONTH


def test_an_organisation_that_fails_keeps_its_data_and_the_others_go_on(run, origin, github):
    run()
    github.date = TODAY + datetime.timedelta(days=31)
    github.faults = [f"not-found:login={FULL_PAGE}"]
    result = run(**{"fail-on": "any-organisation"})
    assert (result.status, result.outputs["failed-organisations"]) == (1, f'["{FULL_PAGE}"]')
    assert result.outputs["organisations"] == "1"
    assert f"::warning title={FULL_PAGE}::GitHub has no account of this name" in result.log
    assert "Its data as of 2026-10-01 are kept." in result.log
    assert subjects(origin)[0].endswith("; 1 organisation not observed")
    assert "::error title=Open-Source Health Statistics::Some organisations were not observed" in result.log


def test_a_token_that_github_refuses(run, origin):
    result = run(token="ghs_NobodyKnowsThisOne")
    assert result.status == 1
    assert "refused the token: check the input token, or leave it out" in result.log
    assert subjects(origin) == ["Begin"]


def test_the_jobs_own_token_goes_to_no_other_server(run, github):
    result = run(**{"github-api-url": github.url.replace("127.0.0.1", "localhost")})
    assert result.status == 1
    assert "Input token: the job's own token is only for the runner's GitHub" in result.log
    assert github.requests == []


def test_a_wrong_input_is_reported_before_anything_else(run, github):
    result = run(commit="perhaps")
    assert result.status == 1
    assert "Input commit: 'perhaps' is neither true nor false." in result.log
    assert github.requests == []


def test_a_lost_race_is_run_again_on_top_of_the_faster_push(run, origin, clone):
    other = clone()
    (other / "README.md").write_text("Somebody was faster\n")
    git(other, "commit", "--quiet", "--all", "--message", "Theirs")
    git(other, "push", "--quiet", "origin", "HEAD:refs/heads/faster")
    # Once, the branch moves between our push and its answer.
    hook(origin, "test -e moved || env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main faster; touch moved")
    result = run()
    assert result.status == 0, result.log
    assert "The branch moved" in result.log
    assert subjects(origin) == ["first observation of 2 organisations with 197 repositories", "Theirs", "Begin"]
    assert git(origin, "show", "main:README.md") == "Somebody was faster"
    assert result.outputs["commit-sha"] == git(origin, "rev-parse", "main")


def test_a_protected_branch_names_the_four_ways_around_it(run, origin):
    hook(origin, 'echo "error: GH006: Protected branch update failed for refs/heads/main." >&2; exit 1')
    result = run()
    assert result.status == 1
    assert re.search("::error.*four ways around that: .*deploy key.*GitHub App.*a separate branch", result.log)
    assert "**The commit failed.**" in result.log
    assert "Nothing was done" not in result.log
    assert (result.outputs["changed"], result.outputs["repositories"]) == ("false", "197")
    assert subjects(origin) == ["Begin"]


HOSTILE = "a\n::set-output name=changed::x\n[skip ci] @everyone #1 `id` $(touch hostile) </td># x\n## forged\n"


def hostile(record):
    """A repository whose owners try to break out of everything that contains their text."""
    words = {"description": HOSTILE, "language": HOSTILE, "default_branch": HOSTILE, "homepage": HOSTILE}
    return record | words | {key: f"{record[key]}{HOSTILE}" for key in ("name", "full_name")}


def test_hostile_names_and_descriptions_stay_text(run, origin, github, monkeypatch, tmp_path):
    run()
    write = github.world.write
    monkeypatch.setattr(github.world, "write", lambda *given: hostile(write(*given)))
    result = run()
    assert result.status == 0, result.log
    assert result.outputs["changed"] == "true"
    message = git(origin, "log", "-1", "--format=%B", "main")
    assert message.startswith("197 repositories renamed, 197 changed (in 2 organisations)\n\n")
    assert not re.search(r"@\w|#\d|\[|\]", message)
    assert all(line.startswith((PERSON, FULL_PAGE, "... and")) for line in message.split("\n")[2:])
    summary = result.log.partition("## Open-Source Health Statistics")[2]
    assert "\n## forged" not in summary
    assert not re.search(r"@\w|</td>|`", summary.partition("Committed as")[0])
    assert not list(tmp_path.rglob("hostile"))


def test_the_token_appears_nowhere(run, origin, backend, tmp_path):
    result = run(of=f"{backend}/origin.git", server=backend)
    assert result.status == 0, result.log
    assert len(subjects(origin)) == 2
    encoded = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    assert result.exposed == []
    for secret in (TOKEN, encoded):
        assert secret not in result.log
        assert secret not in git(origin, "log", "-p", "--all")
        assert not any(secret.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_it_installs_itself_whatever_the_checkout_and_the_job_say(run, origin):
    """The checkout has a package with our name, and the job's environment names indexes that do not answer."""
    result = run(install=True)
    assert result.status == 0, result.log
    assert subjects(origin)[0] == "first observation of 2 organisations with 197 repositories"


@pytest.fixture
def nhs(github, monkeypatch):
    """The sandbox's organisations, under the names in the examples."""
    accounts, names = github.world.accounts, {PERSON: "nhsx", FULL_PAGE: "nhsengland"}
    monkeypatch.setattr(
        github.world,
        "accounts",
        lambda on: [replace(account, login=names.get(account.login, account.login)) for account in accounts(on)],
    )


def test_the_readmes_ten_lines_run_as_they_are_and_the_example_continues_from_them(run, origin, github, nhs):
    [short] = re.findall("```yaml\n(name: .*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert "these ten lines" in (ROOT / "README.md").read_text()
    assert short.count("\n") == 10
    result = run(short)
    assert result.status == 0, result.log
    assert subjects(origin)[0] == "first observation of 2 organisations with 197 repositories"
    github.date = TODAY + datetime.timedelta(days=31)
    result = run((ROOT / "examples" / "dataset.yml").read_text())
    assert result.status == 0, result.log
    assert subjects(origin)[0].startswith("1 repository archived, 2 appeared")


def test_the_example_with_two_jobs_runs_as_it_is(run, origin, nhs):
    result = run((ROOT / "examples" / "two-jobs.yml").read_text())
    assert result.status == 0, result.log
    assert subjects(origin)[0] == "first observation of 2 organisations with 197 repositories"
    assert git(origin, "ls-tree", "--name-only", "main").split("\n") == ["README.md", "data", "scraper", "uv.toml"]


def test_the_publishing_example_runs_as_it_is(run, origin, nhs, tmp_path):
    result = run((ROOT / "examples" / "publish.yml").read_text())
    assert result.status == 0, result.log
    assert subjects(origin)[0] == "first observation of 2 organisations with 197 repositories"
    assert git(origin, "ls-tree", "--name-only", "main").split("\n") == ["README.md", "data", "scraper", "uv.toml"]
    assert "nhsengland" in (tmp_path / "pages" / "index.html").read_text()
    assert (tmp_path / "pages" / "explore" / "index.html").exists()


def test_a_server_that_does_not_say_the_workflows_commit_is_one_sentence(run, nhs):
    result = run((ROOT / "examples" / "publish.yml").read_text(), install=True)
    assert result.status == 1
    assert re.search(
        r"::error::This server does not say which commit .*: use the Action in your own workflow", result.log
    )
    assert "Take the Action of the same commit" not in result.log.partition("::error::")[2]


def test_this_repository_keeps_its_own_dataset_and_site(run, origin, clone, installed, tmp_path):
    ours = clone()
    shutil.copytree(installed, ours, dirs_exist_ok=True)
    (ours / "organisations.yml").write_text(f"organisations: [{{login: {PERSON}, name: Fenland}}]\n")
    commit_all(ours)
    result = run((ROOT / ".github/workflows/dataset.yml").read_text())
    assert result.status == 0, result.log
    assert subjects(origin)[0] == "first observation of 1 organisation with 97 repositories"
    assert git(origin, "diff", "--name-only", "main~1", "main", "--", ":!data") == ""
    assert "Fenland" in (tmp_path / "pages" / "index.html").read_text()


def commit_all(checkout):
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", "Ours")
    git(checkout, "push", "--quiet", "origin", "HEAD")


def test_the_selftest_tests_itself(run, clone, package):
    ours = clone()
    shutil.copytree(package, ours, dirs_exist_ok=True)
    commit_all(ours)
    workflow = (ROOT / ".github/workflows/selftest.yml").read_text()
    result = run(workflow, legs=["os:ubuntu-24.04"], token="ghs_TheJobsOwn")
    assert result.status == 0, result.log
    assert "first observation of 2 organisations with" in result.log
    assert "Nothing changed, no commit." in result.log


def test_ci_runs_what_the_readme_says_to_run(run, clone):
    ours = clone()
    (ours / "Makefile").write_text("check test demo:\n\t@echo made $@, SERVE=$(SERVE)\n")
    commit_all(ours)
    result = run((ROOT / ".github/workflows/ci.yml").read_text(), legs=["python:3.13"])
    assert result.status == 0, result.log
    assert re.findall("made (.*)", result.log) == ["check, SERVE=", "test, SERVE=", "demo, SERVE=0"]
