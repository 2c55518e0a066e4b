"""Run git. Every git process of this program starts here, isolated from anything that strangers may have prepared.

A pull request may touch the dataset's folder, so git never discovers a repository from there: to git, any
folder with HEAD, objects and refs in it is a repository, whose configuration can name programs to run. Hooks,
filters and attributes do not apply to our files, and a token appears only in the header of a push or fetch.

The configurations in .git and of the machine still apply, because they say how to reach the server.
"""

import contextlib
import logging
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from scraper.environment import without_tokens
from scraper.errors import GitError

logger = logging.getLogger(__name__)

OPTIONS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.attributesFile": os.devnull,
    "safe.bareRepository": "explicit",
    "protocol.ext.allow": "never",
    "http.followRedirects": "false",  # git would repeat the Authorization header to another host
    "fetch.recurseSubmodules": "false",
    "push.recurseSubmodules": "no",
    "submodule.recurse": "false",
    "i18n.commitEncoding": "UTF-8",
    "i18n.logOutputEncoding": "UTF-8",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
# This program alone chooses the repository, and a trace would print what git sends.
DROPPED = re.compile(
    "GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|COMMON_DIR|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|GRAFT_FILE|SHALLOW_FILE|REPLACE_REF_BASE"
    "|ATTR_SOURCE|TRACE.*|CURL_VERBOSE|(GLOB|NOGLOB|ICASE)_PATHSPECS)"
)
SET = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
}


class Repository(NamedTuple):
    """A git work tree: its `.git`, which is a folder or a file, and the folder that contains it."""

    git_dir: Path
    top: Path


class GitResult(NamedTuple):
    """How a git process ended."""

    status: int
    output: bytes
    complaint: str

    @property
    def text(self) -> str:
        """The output, without the line break at its end."""
        return os.fsdecode(self.output).removesuffix("\n")


def find_repository(folder: Path) -> Repository | None:
    """The work tree that contains a folder, which need not exist yet; None if there is none.

    Raises GitError if it belongs to another user and git was not told to trust it. The workspace of a job is trusted,
    because the job's owner chose it; in a container, it belongs to another user.
    """
    here = folder.resolve()
    for top in (here, *here.parents):
        repository = Repository(top / ".git", top)
        if os.path.lexists(repository.git_dir):
            _check_owner(repository)
            return repository
    return None


def _check_owner(repository: Repository) -> None:
    """Make git's own ownership check, which git skips when it is given the repository."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if workspace and repository.top.is_relative_to(Path(workspace).resolve()):
        return
    if hasattr(os, "geteuid"):
        trusted = {os.geteuid(), *([int(sudo)] if (sudo := os.environ.get("SUDO_UID", "")).isdigit() else [])}
        with contextlib.suppress(OSError):
            if {path.stat().st_uid for path in (*repository, _named(repository.git_dir))} <= trusted:
                return
        options = ("-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false")
        answer = _result([*options, "rev-parse", "--git-dir"], repository.top, b"", _environment({}, network=False))
        if "dubious ownership" in answer.complaint:
            raise GitError(
                f"{repository.top} belongs to another user, so git does not trust it: if you do, run"
                f" `git config --global --add safe.directory {repository.top}`."
            )


def _named(git_dir: Path) -> Path:
    """The folder that a `.git` file names, as in a linked work tree."""
    if git_dir.is_file():
        return git_dir.parent / git_dir.read_text(errors="surrogateescape").removeprefix("gitdir:").strip()
    return git_dir


def run(
    repository: Repository,
    *arguments: str,
    stdin: bytes = b"",
    variables: Mapping[str, str] | None = None,
    network: bool = False,
) -> GitResult:
    """Run git at the top of a work tree, and wait for it.

    It may contact a server only with `network`, which a partial clone also needs to fetch missing objects.
    Raises GitError if git is not installed.
    """
    command = [*_prefix(repository), *arguments]
    logger.debug(f"git {arguments[0]}")
    return _result(command, repository.top, stdin, _environment(variables or {}, network=network))


@contextmanager
def started(
    repository: Repository, *arguments: str, stdin: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A running git process to exchange data with; in a partial clone, it may fetch missing objects."""
    with subprocess.Popen(  # noqa: S603
        ["git", *_prefix(repository), *arguments],  # noqa: S607 - whichever git the user has
        cwd=repository.top,
        env=_environment({}, network=True),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def _prefix(repository: Repository) -> list[str]:
    options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
    return [f"--git-dir={repository.git_dir}", f"--work-tree={repository.top}", *options]


def _environment(variables: Mapping[str, str], *, network: bool) -> dict[str, str]:
    kept = {name: value for name, value in without_tokens().items() if not DROPPED.fullmatch(name)}
    # Older versions of git do not know the first variable, but use only the protocols in the second.
    offline = {} if network else {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
    return kept | SET | offline | dict(variables)


def _result(command: list[str], folder: Path, stdin: bytes, environment: Mapping[str, str]) -> GitResult:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *command],  # noqa: S607 - whichever git the user has
            cwd=folder,
            env=environment,
            input=stdin,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed: install it, or in the Action set commit: false.") from None
    return GitResult(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def last_line(text: str) -> str:
    """The last line of git's output, for use in a sentence."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip() and not line.startswith("hint:")]
    return lines[-1][:300] if lines else "git gave no reason"
