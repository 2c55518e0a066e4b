"""A checkout that can be committed to and pushed from, without touching the caller's files or index.

A commit is made with an index of its own: the caller's checkout does not change until the push succeeds, so a lost
race needs no cleanup. Files go into git as the bytes they are, whatever filters and attributes the caller has set up.
The token is given only to what asks the server, through the environment of that process.
"""

import base64
import contextlib
import io
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from scraper import clock
from scraper.action.push_errors import explain
from scraper.errors import GitError
from scraper.git_process import Repository, last_line, run

BOT = "github-actions[bot]"
BOT_ID = 41898282
"""The account's id on github.com; on another server nobody has that address."""
HEADER = "OSS_HEALTH_GIT_HEADER"
BRANCHES = "refs/heads/"
FILE, SUBMODULE = "100644", "160000"


@dataclass(frozen=True)
class Change:
    """What to commit: the paths that are ours, from the top of the checkout, those removed too; and the message."""

    paths: frozenset[str]
    message: str


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
    """Name and address, if it is not the bot that is to be the author of commits."""

    @property
    def root(self) -> Path:
        return self.repository.top

    @property
    def branch(self) -> str:
        return self.ref.removeprefix(BRANCHES)

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
        """A commit on top of `parent` with the files of the checkout at these paths; None if that changes nothing."""
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            self._git("read-tree", parent or "--empty", variables=index)
            self._stage(change, index)
            # A partial clone need not fetch what others have in the tree: the server has it.
            tree = self._git("write-tree", "--missing-ok", variables=index).strip()
        if parent and tree == self._git("rev-parse", f"{parent}^{{tree}}").strip():
            return None
        onto = ["-p", parent] if parent else []
        message = change.message.encode()
        return self._git("commit-tree", tree, *onto, "-F", "-", stdin=message, variables=self._identity()).strip()

    def push(self, commit: str) -> str:
        """Make the branch on the server this commit; the commit that it is at then.

        Raises Race if another try may help, GitError if not.
        """
        options, secret = self._login()
        arguments = ("push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "origin")
        result = run(self.repository, *options, *arguments, f"{commit}:{self.ref}", variables=secret, network=True)
        if result.status:
            raise explain(result.text, result.complaint, self.branch)
        return commit

    def has_arrived(self, theirs: str, commit: str) -> bool:
        """Whether a push went through of which only the answer was lost: the branch is at `theirs` now."""
        return theirs == commit

    def fetch(self) -> str:
        """The commit that the branch on the server is at now."""
        self._fetch()
        return self._git("rev-parse", "FETCH_HEAD").strip()

    def deepen(self, commits: int | None) -> None:
        """Fetch so many of the commits that a shallow checkout left out, or all."""
        self._fetch(f"--deepen={commits}" if commits else "--unshallow")

    def _fetch(self, *options: str) -> None:
        self._with_token("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *options, "origin", self.ref)

    def fast_forward(self, commit: str, change: Change, parent: str | None) -> None:
        """Move the checkout to a commit that was pushed on top of `parent`.

        Files that others changed in it are updated too, as git would in the caller's hands; those that the caller
        changed stay as they are. A filter of the caller's that fails here stops nothing: the data are published.
        """
        with contextlib.suppress(GitError):
            self._stage(change, {})
        if self.head and parent != self.head:
            self._prefetch(commit)
            run(self.repository, "read-tree", "-m", "-u", self.head, commit)
        self._git("update-ref", self.ref, commit)
        # Else everything of ours looks changed to a program that trusts the index.
        run(self.repository, "update-index", "-q", "--refresh")

    def _prefetch(self, commit: str) -> None:
        """Let a partial clone fetch what others changed, while we have the token and no filter can see it."""
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

    def _identity(self) -> dict[str, str]:
        host = self.server_url.partition("://")[2].partition("/")[0]
        name = f"{BOT_ID}+{BOT}" if host == "github.com" else BOT
        date = f"{int(clock.now().timestamp())} +0000"
        bot = (BOT, f"{name}@users.noreply.{host}")
        return {
            f"GIT_{role}_{part}": value
            for role, who in (("AUTHOR", self.author or bot), ("COMMITTER", bot))
            for part, value in zip(("NAME", "EMAIL", "DATE"), (*who, date), strict=True)
        }

    def _login(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """What adds the token to a command: for this server only, and in place of one actions/checkout left."""
        if not self.token:
            return (), {}
        key = f"http.{self.server_url}/"
        basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        options = ("-c", f"{key}.followRedirects=false", "-c", f"{key}.extraheader=")
        return (*options, f"--config-env={key}.extraheader={HEADER}"), {HEADER: f"Authorization: Basic {basic}"}

    def _with_token(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run what asks the server, or may: a partial clone fetches the content of a file when it is needed."""
        options, secret = self._login()
        return self._run(*options, *arguments, stdin=stdin, variables=secret, network=True)

    def _git(self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None) -> str:
        return os.fsdecode(self._run(*arguments, stdin=stdin, variables=variables or {}, network=False))

    def _run(self, *arguments: str, stdin: bytes, variables: Mapping[str, str], network: bool) -> bytes:
        result = run(self.repository, *arguments, stdin=stdin, variables=variables, network=network)
        if result.status:
            command = next(word for word in arguments if not word.startswith(("-", "http.")))
            raise GitError(f"git {command} failed: {last_line(result.complaint)}")
        return result.output
