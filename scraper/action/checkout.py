"""Commit to a checkout and push from it, without touching the caller's files or index.

A commit is made with a separate index: the caller's checkout does not change until the push succeeds, so a lost race
needs no cleanup. Files are stored in git byte for byte, whatever filters and attributes the caller has set up. Only
processes that contact the server get the token, in their environment.
"""

import contextlib
import io
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from scraper.action.identity import identity, login
from scraper.action.push_errors import explain
from scraper.errors import GitError
from scraper.git_process import Repository, last_line, run

BRANCHES = "refs/heads/"
FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules")
FILE, SUBMODULE = "100644", "160000"


@dataclass(frozen=True)
class Change:
    """What to commit: our paths from the top of the checkout, including removed ones, and the message."""

    paths: frozenset[str]
    message: str


@dataclass(frozen=True)
class Target:
    """A branch other than the one checked out, to which commits go.

    `last` is the commit it was at on the server, None if it was not there; `onto` is the parent of the next commit.
    """

    ref: str
    last: str | None
    onto: str


@dataclass(frozen=True)
class Checkout:
    """A checkout on a branch that can be pushed; `head` is its commit, None in a repository without any."""

    largest_database: ClassVar[int] = 50 * 1024 * 1024
    why_largest: ClassVar[str] = "GitHub warns above 50 MiB"

    repository: Repository
    ref: str
    head: str | None
    server_url: str
    token: str | None = field(default=None, repr=False)
    author: tuple[str, str] | None = None
    """Name and address of the author of commits, if that is not the bot."""
    target: Target | None = None

    @property
    def root(self) -> Path:
        return self.repository.top

    @property
    def branch(self) -> str:
        """Where commits go."""
        return (self.target.ref if self.target else self.ref).removeprefix(BRANCHES)

    @property
    def tip(self) -> str | None:
        """The commit that the next one goes on top of."""
        return self.target.onto if self.target else self.head

    @property
    def origin(self) -> str:
        """The address of the remote."""
        return self._git("remote", "get-url", "origin").strip()

    def tracked(self, folder: str, commit: str | None) -> dict[str, str]:
        """The regular files below `folder` in a commit: their ids by their paths from the top."""
        if not commit:
            return {}
        found = {}
        for entry in self._git("ls-tree", "-r", "-z", commit, "--", folder).split("\0")[:-1]:
            (mode, _, id_), path = entry.partition("\t")[0].split(), entry.partition("\t")[2]
            if mode.startswith("100"):
                found[path] = id_
        return found

    def tree(self, path: str, commit: str) -> str | None:
        """The id of a folder in a commit, None if it is not there."""
        answer = self._with_token("cat-file", "--batch-check=%(objectname)", stdin=os.fsencode(f"{commit}:{path}\n"))
        found = os.fsdecode(answer).strip()
        return None if found.endswith(" missing") else found

    def ignores(self, path: str) -> bool:
        """Whether .gitignore excludes a file that is not tracked yet."""
        return run(self.repository, "check-ignore", "--quiet", "--", path).status == 0

    def export(self, commit: str, paths: Iterable[str], folder: Path) -> None:
        """Write these files of a commit below `folder`."""
        wanted = list(paths)
        requests = os.fsencode("".join(f"{commit}:{path}\n" for path in wanted))
        answers = io.BytesIO(self._with_token("cat-file", "--batch", stdin=requests))
        for path in wanted:
            header = answers.readline().split()
            if header[1:2] != [b"blob"]:
                raise GitError(f"git cannot read {path} of commit {commit[:10]}: run `git fsck` for details.")
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(answers.read(int(header[2])))
            answers.read(1)

    def commit(self, change: Change, parent: str | None) -> str | None:
        """A commit on top of `parent` with the checkout's files at these paths; None if that changes nothing."""
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", parent or "--empty", variables=index)
            self._stage(change, index)
            # A partial clone need not fetch the other files of the tree: the server has them.
            tree = self._git("write-tree", "--missing-ok", variables=index).strip()
        if parent and tree == self._git("rev-parse", f"{parent}^{{tree}}").strip():
            return None
        onto = ["-p", parent] if parent else []
        message = change.message.encode()
        return self._git(
            "commit-tree", tree, *onto, "-F", "-", stdin=message, variables=identity(self.server_url, self.author)
        ).strip()

    def push(self, commit: str) -> str:
        """Move the branch on the server to this commit, and return the commit it is at then.

        Raises Race if another try may help, GitError if not.
        """
        self._push(f"{commit}:{BRANCHES}{self.branch}", *self.lease(commit))
        return commit

    def lease(self, commit: str) -> tuple[str, ...]:
        """The option that lets `git push` move the target only if it is where it was."""
        if not self.target:
            return ()
        parent = self._git("rev-parse", f"{commit}^").strip()
        expected = self.target.last or "" if parent == self.target.onto else parent
        return (f"--force-with-lease={self.target.ref}:{expected}",)

    def has_arrived(self, theirs: str, commit: str) -> bool:
        """Whether the push succeeded although its answer was lost: the branch is now at `theirs`."""
        return theirs == commit

    def _push(self, what: str, *options: str) -> None:
        options_of_login, secret = login(self.server_url, self.token)
        arguments = (
            "push",
            "--porcelain",
            "--no-verify",
            "--no-signed",
            "--no-follow-tags",
            *options,
            "origin",
            what,
        )
        result = run(self.repository, *options_of_login, *arguments, variables=secret, network=True)
        if result.status:
            raise explain(result.text, result.complaint, self.branch)

    def fetch(self) -> str | None:
        """The commit that the branch is at on the server now, None if it is not there."""
        ref = f"{BRANCHES}{self.branch}"
        if self.on_server(ref) is None:
            return None
        self._fetch(ref)
        return self._git("rev-parse", "FETCH_HEAD").strip()

    def on_server(self, ref: str) -> str | None:
        """The commit that a ref is at on the server, None if there is none."""
        lines = os.fsdecode(self._with_token("ls-remote", "origin", ref)).splitlines()
        return next((id_ for id_, _, name in (line.partition("\t") for line in lines) if name == ref), None)

    def fetch_commit(self, commit: str) -> None:
        """Fetch a commit from the server; a shallow checkout need not know any of its ancestors."""
        if run(self.repository, "cat-file", "-e", f"{commit}^{{commit}}").status:
            self._fetch(commit, *(["--depth=1"] if self._is_shallow() else []))

    def deepen(self, commits: int | None) -> None:
        """Fetch so many of the commits that a shallow checkout left out, or all."""
        if self._is_shallow():
            refs = {self.ref, f"{BRANCHES}{self.branch}" if self.tip != self.head else self.ref}
            self._with_token(*FETCH, f"--deepen={commits}" if commits else "--unshallow", "origin", *sorted(refs))

    def _is_shallow(self) -> bool:
        return run(self.repository, "rev-parse", "--is-shallow-repository").text == "true"

    def _fetch(self, what: str, *options: str) -> None:
        self._with_token(*FETCH, *options, "origin", what)

    def fast_forward(self, commit: str, change: Change, parent: str | None) -> None:
        """Move the checkout to a commit that was pushed on top of `parent`.

        Files that others changed in it are updated too, as git itself would do; those that the caller changed stay as
        they are. If one of the caller's filters fails here, that stops nothing, because the data are published.
        """
        with contextlib.suppress(GitError):
            self._stage(change, {})
        if self.head and parent != self.head:
            self._prefetch(commit)
            run(self.repository, "read-tree", "-m", "-u", self.head, commit)
        self._git("update-ref", self.ref, commit)
        # Otherwise all our files would look changed to a program that trusts the index.
        run(self.repository, "update-index", "-q", "--refresh")

    def _prefetch(self, commit: str) -> None:
        """Let a partial clone fetch what others changed while we have the token and no filter can see it."""
        changed = self._git("diff-tree", "-r", "-z", "--raw", "--no-renames", str(self.head), commit).split("\0")[
            :-1:2
        ]
        ids = [entry.split()[3] for entry in changed if entry.split()[1] not in (SUBMODULE, "000000")]
        self._with_token("cat-file", "--batch-check", stdin="".join(f"{id_}\n" for id_ in ids).encode())

    def _stage(self, change: Change, index: Mapping[str, str]) -> None:
        paths = sorted(change.paths)
        if odd := next((path for path in paths if not path.isprintable()), None):
            raise GitError(f"The file {odd!r} does not belong to the dataset: remove it.")
        present = [path for path in paths if (self.root / path).is_file()]
        listed = os.fsencode("".join(f"{path}\n" for path in present))
        ids = self._git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=listed).split()
        entries = [f"{FILE} {id_}\t{path}" for id_, path in zip(ids, present, strict=True)]
        # A mode of 0 removes a path; the id then only has to have the right length.
        absent = "0" * len(self.head or "0" * 40)
        entries += [f"0 {absent}\t{path}" for path in paths if path not in set(present)]
        text = os.fsencode("".join(f"{entry}\0" for entry in entries))
        self._git("update-index", "-z", "--index-info", stdin=text, variables=index)

    def _with_token(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run a command that contacts the server, or may do so: a partial clone fetches files when it needs them."""
        options, secret = login(self.server_url, self.token)
        return self._run(*options, *arguments, stdin=stdin, variables=secret, network=True)

    def _git(self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None) -> str:
        return os.fsdecode(self._run(*arguments, stdin=stdin, variables=variables or {}, network=False))

    def _run(self, *arguments: str, stdin: bytes, variables: Mapping[str, str], network: bool) -> bytes:
        result = run(self.repository, *arguments, stdin=stdin, variables=variables, network=network)
        if result.status:
            command = next(word for word in arguments if not word.startswith(("-", "http.")))
            raise GitError(f"git {command} failed: {last_line(result.complaint)}")
        return result.output
