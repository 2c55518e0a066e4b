"""The commands as people run them: what they print, their exit codes, and that they never show the token."""

import datetime
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper import cli
from tests.helpers.estate import FULL_PAGE, LARGE, NONE, PERSON, files

PROGRAM = Path(sys.executable).with_name("oss-health")
BEFORE, AFTER = datetime.date(2026, 6, 1), datetime.date(2026, 11, 1)
SECRET = "ghp_SecretOfNobody0123456789"


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    """Run `oss-health` in an empty folder, with these variables and no token."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments, **variables):
        environment = {"GITHUB_TOKEN": None, "GH_TOKEN": None, **variables}
        return CliRunner().invoke(cli.main, [str(argument) for argument in arguments], env=environment)

    return invoke


@pytest.fixture
def organisations(tmp_path):
    path = tmp_path / "organisations.yml"
    path.write_text(f"organisations:\n  - {{login: {LARGE}, name: Lantern}}\n  - login: {PERSON}\n")
    return path


def test_scrape_then_build_leave_a_dataset_and_a_database(github, invoke, organisations, tmp_path):
    result = invoke("scrape", "--api-url", github.url)
    assert result.exit_code == 0, result.output
    assert f"/2] {LARGE}: 256 repositories" in result.stderr
    assert "2 of 2 organisations observed with 355 repositories in 6 requests; 6 files written." in result.stdout
    assert "nothing new, nothing written" in invoke("scrape", "--api-url", github.url).stdout
    result = invoke("build")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "data/open-source-health.db").stat().st_size > 0
    assert "355 repositories" in result.stdout


def test_the_report_of_a_run_is_data_too(github, invoke, organisations):
    github.date = BEFORE
    assert invoke("scrape", "--api-url", github.url, "--json").exit_code == 0
    github.date, github.faults = AFTER, [f"not-found:login={PERSON}"]
    result = invoke("scrape", "--api-url", github.url, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["exit_code"], report["removed"]) == (3, 3, [])
    found, kept = report["organisations"]
    assert (found["listed_login"], found["status"], found["observed"]) == (LARGE, "ok", True)
    assert found["repositories"] > 200
    assert min(found["appeared"], found["vanished"], found["changed"], found["counters_moved"]) > 0
    assert (kept["login"], kept["status"], kept["observed"], kept["appeared"]) == (PERSON, "not_found", False, 0)
    assert kept["reason"].startswith("GitHub has no account of this name")
    assert {"organisations.json", f"repositories/{LARGE}.json"} <= set(report["files"])
    assert {"appeared", "vanished"} <= {event["kind"] for event in report["events"]}
    built = json.loads(invoke("build", "--json").stdout)
    assert (built["organisations"], built["observations"], built["warning"]) == (2, 1, None)


def test_verbose_logs_each_request_and_never_the_token(github, invoke, organisations):
    quiet = invoke("scrape", "--api-url", github.url, GITHUB_TOKEN=SECRET)
    result = invoke("scrape", "--api-url", github.url, "--verbose", GITHUB_TOKEN=SECRET)
    assert "GET /" not in quiet.output
    assert re.search(rf"GET /orgs/{LARGE}/repos .*: 200, [\d,]+ bytes in \d+\.\d\d s", result.stderr)
    assert "bytes in" not in result.stdout
    assert SECRET not in result.output
    assert "GET /" not in invoke("scrape", "--api-url", github.url).output


def test_exit_code_3_if_some_were_kept_and_1_if_none_was_observed(github, invoke, organisations):
    invoke("scrape", "--api-url", github.url)
    github.faults = [f"not-found:login={PERSON}"]
    result = invoke("scrape", "--api-url", github.url)
    assert result.exit_code == 3
    assert f"{PERSON}: GitHub has no account of this name" in result.stdout
    github.faults = ["not-found"]
    assert invoke("scrape", "--api-url", github.url).exit_code == 1


def test_one_organisation_only_leaves_the_others_and_takes_its_name_from_the_list(
    github, invoke, organisations, tmp_path
):
    invoke("scrape", "--api-url", github.url)
    assert invoke("scrape", "--api-url", github.url, "--organisation", LARGE.upper()).exit_code == 0
    assert invoke("scrape", "--api-url", github.url, "--organisation", NONE).exit_code == 0
    assert invoke("scrape", "--api-url", github.url, "--organisation", "no-such-account").exit_code == 1
    text = (tmp_path / "data/organisations.json").read_text()
    assert '"name": "Lantern"' in text
    assert PERSON in text
    assert NONE in text
    assert "no-such-account" not in text
    assert (tmp_path / f"data/repositories/{LARGE}.json").exists()
    result = invoke("scrape", "--organisations-file", organisations, "--organisation", FULL_PAGE)
    assert result.exit_code == 2
    assert f"{FULL_PAGE} is not in" in result.stderr


WRONG = {
    "no list": (["scrape"], "There is no list of organisations organisations.yml: write one", 2),
    "an impossible login": (["scrape", "--organisation", "a b"], "'a b' cannot be a login", 2),
    "too many workers": (["scrape", "--workers", "9"], "9 is not in the range 1<=x<=8", 2),
    "a wrong wait": (["scrape", "--max-wait", "soon"], "'soon' is not a valid integer", 2),
    "no address": (["scrape", "--organisation", "x", "--api-url", "github"], "is not an address such as", 2),
    "a token in the address": (
        ["scrape", "--organisation", "x", "--api-url", "https://t@h/"],
        "is not an address",
        2,
    ),
    "an invalid port": (["scrape", "--organisation", "x", "--api-url", "https://h:x/"], "is not an address", 2),
    "no server there": (
        ["scrape", "--organisation", "x", "--api-url", "http://127.0.0.1:9"],
        "Cannot reach http://127",
        1,
    ),
    "no dataset": (["build"], "There is no dataset in data", 1),
    "no database": (["serve"], "There is no database at data/open-source-health.db: run `oss-health build`", 2),
    "an unknown command": (["harvest"], "No such command 'harvest'", 2),
}


@pytest.mark.parametrize("arguments, words, code", WRONG.values(), ids=WRONG)
def test_mistakes_are_one_sentence_and_an_exit_code(invoke, monkeypatch, tmp_path, arguments, words, code):
    monkeypatch.setattr("scraper.github.client.ATTEMPTS", 1)
    result = invoke(*arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert not list(tmp_path.rglob("*.json"))


def test_a_folder_with_somebody_elses_readme_is_refused(github, invoke, organisations, tmp_path):
    (tmp_path / "README.md").write_text("# Mine\n")
    result = invoke("scrape", "--api-url", github.url, "--data", "", "--organisations-file", organisations)
    assert result.exit_code == 1
    assert "organisations.yml does not belong to the dataset" in result.stderr
    assert (tmp_path / "README.md").read_text() == "# Mine\n"


def test_no_proxy_stands_between_a_machine_and_itself(github, invoke, organisations):
    assert invoke("scrape", "--api-url", github.url, http_proxy="http://127.0.0.1:9", no_proxy="").exit_code == 0


@pytest.mark.parametrize(
    "arguments, new",
    [
        (["scrape", "--organisations", "x.yml"], "--organisations is now called --organisations-file"),
        (["site", "--output", "public", "--site", "x.yml"], "--site is now called --config"),
    ],
)
def test_an_old_option_names_the_new_one(invoke, arguments, new):
    result = invoke(*arguments)
    assert (result.exit_code, new in result.stderr) == (2, True)
    assert f"{arguments[-2]} " not in invoke(arguments[0], "--help").output


def test_a_token_is_not_sent_unencrypted(invoke):
    result = invoke("scrape", "--organisation", "x", "--api-url", "http://198.51.100.1", GITHUB_TOKEN=SECRET)
    assert result.exit_code == 2
    assert "would send the token unencrypted" in result.stderr


def test_debug_shows_the_traceback_and_nothing_else_does(invoke):
    assert "Traceback" not in invoke("build").output
    assert invoke("build", "--debug").exception.__class__.__name__ == "DatasetError"


def test_a_fault_of_the_program_is_a_sentence_too(invoke, monkeypatch):
    monkeypatch.setattr("scraper.cli.scraping.read_token", lambda environment: 1 / 0)
    result = invoke("scrape", "--organisation", "x")
    assert result.exit_code == 1
    assert "Unexpected error, please report it: ZeroDivisionError" in result.stderr


@pytest.mark.parametrize("command", [[], ["scrape"], ["build"], ["serve"]])
def test_help_explains(invoke, command):
    result = invoke(*command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 10


@pytest.mark.parametrize(
    "faults", [[], ["bad-credentials"], ["server-error:times=1"], ["redirect:to=http://127.0.0.2:9/"]]
)
def test_the_token_appears_nowhere(github, tmp_path, organisations, faults):
    github.faults = faults
    command = [PROGRAM, "scrape", "--api-url", github.url, "--debug"]
    environment = {**os.environ, "GITHUB_TOKEN": SECRET}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert SECRET not in result.stdout + result.stderr
    assert not any(SECRET.encode() in content for content in files(tmp_path).values())


def test_ctrl_c_leaves_the_old_data(github, tmp_path, organisations):
    command = [PROGRAM, "scrape", "--api-url", github.url]
    environment = {**os.environ, "GITHUB_TOKEN": SECRET}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    before = files(tmp_path)
    github.latency, github.faults = 0.3, [f"retry-after:seconds=600,login={LARGE}"]
    github.requests.clear()
    # If the tests run in the background, the shell makes them ignore Ctrl-C, and a child process would inherit that.
    disposition = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, disposition)
    try:
        patience = time.monotonic() + 30
        while not github.requests and time.monotonic() < patience:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert files(tmp_path) == before


def test_ctrl_c_while_the_program_loads_is_no_traceback(tmp_path):
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    process = subprocess.run([PROGRAM, "--help"], env=environment, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout, process.stderr) == (130, "", "")


def test_on_a_terminal_there_is_a_bar(github, tmp_path, organisations):
    controller, terminal = pty.openpty()
    command = [PROGRAM, "scrape", "--api-url", github.url]
    subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=terminal, check=True)
    os.close(terminal)
    shown = os.read(controller, 100_000).decode()
    os.close(controller)
    assert "Scraping" in shown
    assert "100%" in shown
