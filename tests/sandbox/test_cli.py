"""The command: it says where it listens, writes the scraper's list, and refuses in one sentence."""

import signal
import subprocess
import sys

import pytest
import requests
import yaml
from click.testing import CliRunner

from sandbox import FAULTS
from sandbox.cli import main
from tests.helpers.estate import FULL_PAGE


@pytest.fixture
def start():
    running = []

    def begin(*arguments: object) -> tuple[subprocess.Popen, str]:
        command = [sys.executable, "-m", "sandbox", "--port", "0", *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process, process.stdout.readline().strip()

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_serves_and_ends_quietly(start, how):
    process, url = start("--latency", 1)
    assert requests.get(f"{url}/rate_limit", timeout=5).status_code == 200
    process.send_signal(how)
    rest, errors = process.communicate(timeout=5)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_it_serves_what_was_requested(start, tmp_path):
    listing = tmp_path / "estate.yml"
    options = ["--estate", "uk", "--date", "2024-11-03", "--token", "good", "--organisations-file", listing]
    _, url = start(*options, "--fault", "server-error:login=harbour-health", "--fault", "not-found:login=openquill")
    organisations = yaml.safe_load(listing.read_text(encoding="utf-8"))["organisations"]
    assert len(organisations) == 186
    assert organisations[0] == {"login": "harbour-health", "name": "Harbour Health"}

    def status(login: str, token: str = "good") -> int:
        headers = {"Authorization": f"token {token}"}
        return requests.get(f"{url}/orgs/{login}", headers=headers, timeout=5).status_code

    assert [status(each) for each in ("harbour-health", "openquill", "MossgateTrust")] == [502, 404, 200]
    assert status("MossgateTrust", "bad") == 401


def test_recordings_are_a_world_too(start, recordings):
    _, url = start("--recordings", recordings)
    assert requests.get(f"{url}/orgs/{FULL_PAGE.upper()}", timeout=5).json()["public_repos"] == 100


def test_a_port_in_use(start):
    _, url = start()
    process = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", url.rpartition(":")[2]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2
    assert "Address already in use. Choose another one; --port 0 chooses a free one." in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "earthquake"], "there is no fault 'earthquake'; the faults are accepted, bad-"),
        (["--fault", "reset:times=often"], "reset: times=often makes no sense"),
        (["--date", "yesterday"], "'yesterday' does not match the format"),
        (["--recordings", "no/such/folder"], "'no/such/folder' does not exist"),
        (["--recordings", "."], "no recordings (<login>.json) in this folder"),
        (["--recordings", ".", "--estate", "uk"], "choose one"),
        (["--estate", "mars"], "'mars' is not one of 'nhs', 'uk'"),
        (["--port", "70000"], "70000 is not in the range"),
        (["--latency", "-1"], "-1.0 is not in the range"),
        (["--organisations-file", "no/such/folder/estate.yml"], "cannot be written (No such file or directory)"),
    ],
)
def test_mistakes_are_named_in_one_sentence(arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("content", ["{", "[]", "[{}]", "{}", "null", '[{"owner": null}]'])
def test_an_invalid_recording(content, tmp_path):
    (tmp_path / "someone.json").write_text(content, encoding="utf-8")
    result = CliRunner().invoke(main, ["--recordings", str(tmp_path)])
    assert result.exit_code == 2
    assert "someone.json: not a recorded list of repositories" in result.output


def test_the_help_explains():
    text = CliRunner().invoke(main, ["--help"]).output
    assert all(f"  {name} " in text for name in FAULTS)
    assert "Examples:" in text
