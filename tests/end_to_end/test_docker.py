"""The Dockerfile: .dockerignore lets through what it copies, and what it starts passes its own health check.

No image is built here; hadolint reads it in `make check`.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path, PurePath

from scraper.database.build import build
from scraper.dataset.store import save
from tests.helpers.machine import ROOT
from tests.helpers.running import program

LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
PROGRAMS = Path(sys.executable).parent
DEADLINE = 60


def the(instruction: str) -> str:
    """The rest of the one line that begins like this."""
    [rest] = [line.removeprefix(instruction) for line in LINES if line.startswith(instruction)]
    return rest


def here(command: list[str]) -> list[str]:
    """The same command, with the programs of this environment."""
    return [str(PROGRAMS / command[0]), *command[1:]]


def test_what_is_copied_is_there_and_reaches_docker():
    copied = [
        word for line in LINES if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert copied
    for path in copied:
        assert (ROOT / path).exists()
        assert any(PurePath(path).match(pattern) for pattern in allowed)


def test_both_stages_stand_on_the_same_pinned_image_and_nobody_is_root():
    images = {line.split()[1] for line in LINES if line.startswith("FROM ")}
    assert len(images) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-\w+@sha256:[0-9a-f]{64}", images.pop())
    assert the("USER ") == "65534:65534"


def test_what_it_starts_passes_its_health_check_and_can_be_stopped(tmp_path, invented):
    save(tmp_path / "data", invented)
    build(tmp_path / "data", tmp_path / "open-source-health.db")
    shutil.copy(ROOT / "metadata.json", tmp_path)
    subprocess.run(here(["datasette", *the("RUN datasette ").split()]), cwd=tmp_path, check=True)
    assert json.loads((tmp_path / "inspect.json").read_text())["open-source-health"]["tables"]["events"] == {
        "count": 0
    }
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = os.environ | {"PORT": port}
    start = here(json.loads(the("CMD ")))
    check = here(json.loads(the("HEALTHCHECK ").partition("CMD ")[2]))
    with program(start, subprocess.DEVNULL, cwd=tmp_path, env=environment) as process:
        try:
            until = time.monotonic() + DEADLINE
            while subprocess.run(check, env=environment, stderr=subprocess.DEVNULL, check=False).returncode:
                assert process.poll() is None
                assert time.monotonic() < until
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) in (0, -signal.SIGTERM)
