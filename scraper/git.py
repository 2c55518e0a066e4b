"""Git, for a program that commits into somebody else's checkout.

A commit is made beside the checkout, with an index of its own: until it is pushed, neither the branch nor the
caller's index nor any file of theirs has changed, so there is nothing to undo when another push was faster. The token
is given only to what asks the server, through the environment of that process.
"""

import base64
import os
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scraper import clock
from scraper.errors import GitError
from scraper.refusals import refusal

ATTEMPTS = 6
IDENTITY = {"NAME": "github-actions[bot]", "EMAIL": "41898282+github-actions[bot]@users.noreply.github.com"}
HEADER = "OSS_HEALTH_GIT_HEADER"
# Which repository git works on is for us to say. How it reaches the server stays as the caller set it up.
NOT_PASSED_ON = re.compile(
    "GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE|TRACE.*|CURL_VERBOSE)|(INPUT|JOB|GITHUB|GH)_TOKEN"
)


class Overtaken(Exception):  # noqa: N818 - not a failure yet: fetch, and try again
    """The push did not go through, and the branch may have moved."""


@dataclass(frozen=True)
class Change:
    """What to commit: the paths that are ours, from the top of the checkout, those removed too; and the words."""

    paths: frozenset[str]
    message: str


@dataclass(frozen=True)
class Said:
    """How a git process ended."""

    status: int
    output: str
    complaint: str


@dataclass(frozen=True)
class Checkout:
    """A checkout on a branch that can be pushed; `head` is its commit, None in a repository without any."""

    root: Path
    branch: str
    head: str | None
    server_url: str
    token: str | None = field(default=None, repr=False)

    def tracked(self, folder: str, commit: str | None) -> list[str]:
        """The files below `folder` in a commit, by their paths from the top."""
        return _split(self._git("ls-tree", "-r", "-z", "--name-only", commit, "--", folder)) if commit else []

    def ignores(self, path: str) -> bool:
        """Whether .gitignore leaves out a file that is not tracked yet."""
        return git(self.root, "check-ignore", "--quiet", "--", path).status == 0

    def export(self, commit: str, paths: Iterable[str], folder: Path) -> None:
        """Write these files of a commit below `folder`."""
        with self._index(commit) as index:
            prefix = f"--prefix={folder.as_posix()}/"
            self._with_token("checkout-index", "-z", "--stdin", prefix, text=_joined(paths), variables=index)

    def commit(self, change: Change, parent: str | None) -> str | None:
        """A commit on top of `parent` with the files of the checkout at these paths; None if that changes nothing."""
        with self._index(parent) as index:
            self._stage(change, index)
            # A partial clone need not fetch what others have in the tree: the server has it.
            tree = self._git("write-tree", "--missing-ok", variables=index).strip()
        if parent and tree == self._git("rev-parse", f"{parent}^{{tree}}").strip():
            return None
        onto = ["-p", parent] if parent else []
        who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in IDENTITY.items()}
        who |= {f"GIT_{role}_DATE": f"{int(clock.now().timestamp())} +0000" for role in ("AUTHOR", "COMMITTER")}
        return self._git("commit-tree", tree, *onto, "-F", "-", text=change.message, variables=who).strip()

    def push(self, commit: str) -> None:
        """Make the branch on the server this commit. Raises Overtaken if it was not, GitError if it never will be."""
        options, secret = self._login()
        where = f"{commit}:refs/heads/{self.branch}"
        said = git(self.root, *options, "push", "--porcelain", "origin", where, variables=secret)
        if said.status == 0:
            return
        if sentence := refusal(said.output + said.complaint, self.branch):
            raise GitError(sentence)
        raise Overtaken(_last_line(said.complaint))

    def fetch(self) -> str:
        """The commit that the branch on the server is at now."""
        self._fetch()
        return self._git("rev-parse", "FETCH_HEAD").strip()

    def deepen(self, commits: int | None) -> None:
        """Fetch so many of the commits that a shallow checkout left out, or all."""
        self._fetch(f"--deepen={commits}" if commits else "--unshallow")

    def _fetch(self, *options: str) -> None:
        what = ("--quiet", "--no-tags", "--no-recurse-submodules", *options, "origin", f"refs/heads/{self.branch}")
        self._with_token("fetch", *what)

    def adopt(self, commit: str, change: Change) -> None:
        """Move the checkout to a commit that was pushed.

        Files that others changed in it are updated too, unless the caller changed them: then they stay as they are.
        """
        self._stage(change, {})
        if self.head:
            options, secret = self._login()
            git(self.root, *options, "read-tree", "-m", "-u", self.head, commit, variables=secret)
        self._git("update-ref", f"refs/heads/{self.branch}", commit)

    def _stage(self, change: Change, index: Mapping[str, str]) -> None:
        options = ("--add", "--remove", "--replace", "-z", "--stdin")
        self._git("update-index", *options, text=_joined(change.paths), variables=index)

    def _login(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """What adds the token to a command: for this server only, and in place of one actions/checkout left."""
        if not self.token:
            return (), {}
        key = f"http.{self.server_url}/.extraheader"
        basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        return ("-c", f"{key}=", f"--config-env={key}={HEADER}"), {HEADER: f"Authorization: Basic {basic}"}

    @contextmanager
    def _index(self, commit: str | None) -> Iterator[dict[str, str]]:
        """The variables that put an index with the files of a commit in the place of the caller's."""
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", commit or "--empty", variables=index)
            yield index

    def _with_token(self, *arguments: str, text: str = "", variables: Mapping[str, str] | None = None) -> str:
        """Run what asks the server, or may: a partial clone fetches the content of a file when it is needed."""
        options, secret = self._login()
        return self._git(*options, *arguments, text=text, variables={**secret, **(variables or {})})

    def _git(self, *arguments: str, text: str = "", variables: Mapping[str, str] | None = None) -> str:
        said = git(self.root, *arguments, text=text, variables=variables)
        if said.status:
            command = next(word for word in arguments if not word.startswith(("-", "http.")))
            raise GitError(f"git {command} failed: {_last_line(said.complaint)}")
        return said.output


def open_checkout(folder: Path, server_url: str, token: str | None) -> Checkout:
    """The checkout that a folder, which need not exist yet, is in. Raises GitError if it cannot be pushed from."""
    here = next(parent for parent in (folder, *folder.parents) if parent.is_dir())

    def ask(*arguments: str) -> str:
        said = git(here, *arguments)
        return said.output.strip() if said.status == 0 else ""

    instead = "or set commit: false."
    if "dubious ownership" in git(here, "rev-parse", "--is-inside-work-tree").complaint:
        raise GitError(
            f"Git refuses to work in {here}, for another user owns it: check it out in this job, {instead}"
        )
    if ask("rev-parse", "--is-inside-work-tree") != "true":
        raise GitError(
            f"The data-directory {folder} is in no git checkout, so nothing can be committed: run actions/checkout"
            f" first, name a folder in the checkout, {instead}"
        )
    if ask("rev-parse", "--show-superproject-working-tree"):
        raise GitError(
            f"The data-directory {folder} is in a submodule: check that repository out by itself, {instead}"
        )
    branch = ask("symbolic-ref", "--quiet", "--short", "HEAD")
    if not branch:
        raise GitError(
            "The checkout is on no branch (detached HEAD), so there is nowhere to push to: give actions/checkout a"
            f" branch as its `ref`, {instead}"
        )
    if not ask("remote", "get-url", "origin"):
        raise GitError(f"The checkout has no remote `origin` to push to: make it with actions/checkout, {instead}")
    root = Path(ask("rev-parse", "--show-toplevel")).resolve()
    return Checkout(root, branch, ask("rev-parse", "--verify", "--quiet", "HEAD") or None, server_url, token)


def publish(
    checkout: Checkout,
    change: Change,
    regenerate: Callable[[str], Change],
    sleep: Callable[[float], object] = time.sleep,
) -> str | None:
    """Commit and push; the commit, or None if nothing changed.

    When another push was faster, `regenerate` is given their commit: it makes our files anew on top of theirs, and
    says what to commit then.
    """
    parent, latest = checkout.head, change
    for attempt in range(ATTEMPTS):
        commit = checkout.commit(latest, parent)
        if commit is None:
            if parent and parent != checkout.head:
                checkout.adopt(parent, latest)
            return None
        try:
            checkout.push(commit)
        except Overtaken as failure:
            if attempt == ATTEMPTS - 1:
                raise GitError(f"{ATTEMPTS} pushes were rejected: run the workflow again. {failure}") from None
            sleep(random.uniform(0.5, 1.5) * 2**attempt)
            parent = checkout.fetch()
            if parent != commit:  # else the push had arrived, and only the answer was lost
                latest = regenerate(parent)
                continue
        checkout.adopt(commit, latest)
        return commit
    raise AssertionError("unreachable")


def git(folder: Path, *arguments: str, text: str = "", variables: Mapping[str, str] | None = None) -> Said:
    """Run git in a folder. Text is bytes on the way in and out, for Windows would change its line ends."""
    environment = {name: value for name, value in os.environ.items() if not NOT_PASSED_ON.fullmatch(name)}
    environment |= {"LC_ALL": "C", "LANGUAGE": "C", "GIT_TERMINAL_PROMPT": "0", **(variables or {})}
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=folder,
            env=environment,
            input=text.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed on this runner: install it, or set commit: false.") from None
    return Said(done.returncode, *(part.decode("utf-8", "surrogateescape") for part in (done.stdout, done.stderr)))


def _joined(paths: Iterable[str]) -> str:
    return "".join(f"{path}\0" for path in sorted(paths))


def _split(text: str) -> list[str]:
    return [path for path in text.split("\0") if path]


def _last_line(text: str) -> str:
    """What git said last, for a sentence."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip() and not line.startswith("hint:")]
    return lines[-1][:300] if lines else "it did not say why."
