"""A repository that keeps a dataset: a bare origin, a checkout of it, and what a runner puts around a step."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox import Estate, Sandbox
from tests.scrape.known import TOKEN


def git(folder, *arguments, **variables):
    """The output of a git command in a folder, as somebody who has an identity and nothing else configured."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{f"GIT_{role}_NAME": "Somebody" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": "somebody@example.org" for role in ("AUTHOR", "COMMITTER")},
        **variables,
    }
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr.decode())
    return done.stdout.decode().strip()


def write(folder, **files):
    for name, text in files.items():
        path = Path(folder) / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture(scope="session")
def world():
    return Estate("nhs")


@pytest.fixture
def github(world):
    with Sandbox(world, tokens=[TOKEN]) as running:
        yield running


@pytest.fixture
def origin(tmp_path):
    """A bare repository with one commit on main."""
    path = tmp_path / "origin.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", path)
    git(tmp_path, "clone", "--quiet", path, "first")
    git(tmp_path / "first", "checkout", "--quiet", "-B", "main")
    (tmp_path / "first" / "README.md").write_text("Somebody's repository\n")
    git(tmp_path / "first", "add", ".")
    git(tmp_path / "first", "commit", "--quiet", "--message", "Begin")
    git(tmp_path / "first", "push", "--quiet", "origin", "main")
    return path


@pytest.fixture
def clone(tmp_path, origin):
    """Make a fresh checkout of the origin."""
    made = iter(range(100))

    def clone(*options, of=origin):
        path = tmp_path / f"checkout-{next(made)}"
        git(tmp_path, "clone", "--quiet", *options, of, path)
        return path

    return clone
