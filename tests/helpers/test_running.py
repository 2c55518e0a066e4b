"""What a test started ends with it, even if it fails; otherwise pytest would hang."""

import sys
import threading

import pytest

from tests.helpers import git_server, hosting, killed, static_files
from tests.helpers.running import program


@pytest.mark.parametrize(
    "serving",
    [git_server.serving, static_files.serving, lambda folder: hosting.hosting("somebody/statistics", folder)],
)
def test_a_server_ends_with_a_test_that_fails(serving, tmp_path):
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), serving(tmp_path):
        assert threading.active_count() == before + 1
        1 / 0  # noqa: B018
    assert threading.active_count() == before


def test_a_program_ends_with_a_test_that_fails():
    command = [sys.executable, "-c", "print('here', flush=True); input()"]
    with pytest.raises(ZeroDivisionError), program(command) as process:
        assert process.stdout.readline() == "here\n"
        1 / 0  # noqa: B018
    assert process.returncode


def test_a_loop_ends_with_a_test_that_is_interrupted_before_it_is_killed(tmp_path):
    with pytest.raises(ValueError, match="negative"), killed.looping("", "pass") as kill:
        kill(tmp_path, -1)
