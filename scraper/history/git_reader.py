"""Read states of the dataset from git, only with plumbing commands, which user settings do not change."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, cast

from scraper.dataset.layout import ORGANISATIONS_FILE
from scraper.errors import DatasetError
from scraper.git_process import Repository, find_repository, last_line, run, started
from scraper.model.collections import ALL

PATHS = (ORGANISATIONS_FILE, *(each.name for each in ALL))


class Snapshot(NamedTuple):
    """A commit, and the ids of its parts of the dataset: organisations.json and the collections' folders; None:
    missing.

    `committed_at` is in seconds since 1970, according to whoever made the commit.
    """

    commit: str
    committed_at: int
    organisations: str | None
    folders: tuple[str | None, ...]

    @property
    def content(self) -> tuple[str | None, ...]:
        """Equal for equal datasets."""
        return (self.organisations, *self.folders)

    @property
    def is_empty(self) -> bool:
        """Whether there is no dataset; one without organisations.json but with other files is broken."""
        return not any(self.content)


class Writing(NamedTuple):
    """The commit that last changed a file: the dataset in it, and in its first parent (None if that is missing)."""

    state: Snapshot
    before: Snapshot | None


@dataclass(frozen=True)
class DatasetCheckout:
    """The folder of the dataset in a git work tree.

    `prefix` is its path in the work tree, with a slash at the end; `head` is None before the first commit.
    """

    repository: Repository
    prefix: str
    head: str | None
    shallow: bool

    @property
    def folder(self) -> Path:
        return self.repository.top / self.prefix


def find(folder: Path, commit: str | None = None) -> DatasetCheckout | None:
    """The work tree that contains `folder`, None if there is none; as of `commit`, or of the one checked out.

    Raises GitError or DatasetError if git refuses to read it: continuing without the past would lose it.
    """
    repository = find_repository(folder) if shutil.which("git") else None
    if repository is None:
        return None
    answer = run(repository, "rev-parse", "--is-shallow-repository")
    if answer.status:
        if "not a git repository" in answer.complaint:
            return None
        raise DatasetError(f"Git cannot read the history of {folder}: {last_line(answer.complaint)}")
    prefix = folder.resolve().relative_to(repository.top).as_posix() + "/"
    head = run(repository, "rev-parse", "--verify", "--quiet", f"{commit or 'HEAD'}^{{commit}}").text
    return DatasetCheckout(repository, "" if prefix == "./" else prefix, head or None, answer.text == "true")


def committed(checkout: DatasetCheckout, path: Path | str) -> bytes | None:
    """The content of a file as last committed; None if it is not in that commit."""
    answer = run(checkout.repository, "cat-file", "blob", f"{checkout.head}:{checkout.prefix}{path}", network=True)
    return None if answer.status else answer.output


def hashed(checkout: DatasetCheckout, names: Iterable[str]) -> list[str]:
    """The ids that git would give files of the folder if they were committed as they are on disk."""
    paths = "".join(f"{checkout.prefix}{name}\n" for name in names)
    answer = run(checkout.repository, "hash-object", "--no-filters", "--stdin-paths", stdin=os.fsencode(paths))
    if answer.status:
        raise DatasetError(f"Git cannot read the files of {checkout.folder}: {last_line(answer.complaint)}")
    return answer.text.split()


def last(checkout: DatasetCheckout) -> Snapshot | None:
    """The dataset in the last commit; None if there is none."""
    if checkout.head is None:
        return None
    state = _state(checkout, checkout.head)
    return None if state.is_empty else state


def last_change(checkout: DatasetCheckout) -> str | None:
    """The last commit that changed the dataset."""
    paths = [checkout.prefix + path for path in PATHS]
    found = listed(checkout, "--max-count=1", checkout.head, "--", *paths) if checkout.head else {}
    return next(iter(found), None)


def writing(checkout: DatasetCheckout, path: str) -> Writing | None:
    """The last commit that changed a file of the folder; None if the last commit has no such file.

    At the end of a shallow clone, a commit seems to have changed all its files, and its parent is missing.
    """
    if checkout.head is None or committed(checkout, path) is None:
        return None
    [commit] = listed(checkout, "--max-count=1", "--first-parent", checkout.head, "--", checkout.prefix + path)
    [(_, parents)] = listed(checkout, "--no-walk", commit).values()
    return Writing(_state(checkout, commit), _state(checkout, parents[0]) if parents else None)


Listed = dict[str, tuple[int, list[str]]]
"""Commits, each with its time in seconds since 1970, and its parents."""


def listed(checkout: DatasetCheckout, *arguments: str) -> Listed:
    found: Listed = {}
    command = ("--literal-pathspecs", "rev-list", "--timestamp", "--parents")
    with started(checkout.repository, *command, *arguments) as process:
        for text in cast("IO[bytes]", process.stdout):
            date, commit, *parents = text.decode().split()
            found[commit] = int(date), parents
    if process.returncode:
        raise DatasetError(f"Git cannot list the commits of {checkout.folder}: run `git fsck` for details.")
    return found


def _state(checkout: DatasetCheckout, commit: str) -> Snapshot:
    return next(identified(checkout, listed(checkout, "--no-walk", commit)))


def identified(checkout: DatasetCheckout, commits: Listed) -> Iterator[Snapshot]:
    with tempfile.TemporaryFile() as names:
        for commit in commits:
            names.writelines(os.fsencode(f"{commit}:{checkout.prefix}{path}\n") for path in PATHS)
        names.seek(0)
        arguments = ("cat-file", "--batch-check=%(objectname)")
        with started(checkout.repository, *arguments, stdin=names) as process:
            answers = cast("IO[bytes]", process.stdout)
            for commit, (committed_at, _) in commits.items():
                ids = [None if b" " in (text := answers.readline()) else text.decode().strip() for _ in PATHS]
                yield Snapshot(commit, committed_at, ids[0], tuple(ids[1:]))
