"""What is said when the runner has no Python that will do."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "action" / "prepare.sh"


@pytest.fixture
def prepare(tmp_path):
    """Run prepare.sh where only these programs answer to the names of Python."""

    def prepare(**pythons):
        programs = tmp_path / "programs"
        programs.mkdir()
        for name in ("bash", "cat", "cut", "dirname", "mkdir", "sha256sum", "tr"):
            (programs / name).symlink_to(shutil.which(name))
        for name, script in pythons.items():
            (programs / name).write_text(f"#!/usr/bin/env bash\n{script}\n")
            (programs / name).chmod(0o755)
        output = tmp_path / "output"
        environment = {
            "PATH": str(programs),
            "RUNNER_TEMP": str(tmp_path / "temp"),
            "RUNNER_OS": "Linux",
            "GITHUB_OUTPUT": str(output),
        }
        done = subprocess.run(
            [programs / "bash", SCRIPT], env=environment, capture_output=True, text=True, check=False
        )
        return done, output.read_text() if output.exists() else ""

    return prepare


OLD = 'case "$3" in *python_version*) echo 3.10.13;; *) echo False;; esac'
STUB = "exit 9009"
NEW = """case "$3" in
    *python_version*) printf '3.14.1\\r\\n';;
    *executable*) echo /new/python;;
    *SOABI*) echo abi;;
    *) echo True;;
esac"""
NONE_WILL_DO = {"none": {}, "a stub": {"python3": STUB}, "an old one": {"python3": OLD}}


@pytest.mark.parametrize("pythons", NONE_WILL_DO.values(), ids=NONE_WILL_DO)
def test_no_python_that_will_do_is_one_sentence(prepare, pythons):
    done, output = prepare(**pythons)
    assert done.returncode == 1
    assert done.stdout.startswith("::error title=Open-Source Health Statistics::Python 3.11 or newer is needed, and")
    version = "3.10.13" if OLD in pythons.values() else "none"
    assert f"this runner has {version}: run actions/setup-python" in done.stdout
    assert output == ""


@pytest.mark.parametrize("other", [STUB, OLD])
def test_the_first_that_will_do_is_taken(prepare, other, tmp_path):
    done, output = prepare(python3=other, python=NEW)
    assert done.returncode == 0, done.stderr
    assert "python=/new/python\n" in output
    assert "key=oss-health-Linux-any-3.14.1-abi-" in output
    assert f"folder={tmp_path}/temp/oss-health\n" in output
