"""Git, for somebody who has configured an identity and nothing else."""

import os
import subprocess
from pathlib import Path

CLEAN = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_TEMPLATE_DIR": "",  # avoids two dozen samples, which take longer to delete than the test takes
    **{f"GIT_{role}_NAME": "Somebody" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "somebody@example.org" for role in ("AUTHOR", "COMMITTER")},
}


def git(folder: Path, *arguments: object, **variables: str) -> str:
    """The output of a git command in a folder."""
    command = ["git", "-c", "protocol.file.allow=always", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=CLEAN | variables, capture_output=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr.decode())
    return done.stdout.decode().strip()


def hook(origin: Path, script: str) -> None:
    """Have a repository run a script before it accepts a push."""
    path = origin / "hooks" / "pre-receive"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
