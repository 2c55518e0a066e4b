"""Git, as a store of states of the dataset: read with plumbing commands only, which no user's settings change."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple, cast

from scraper.dataset.layout import ORGANISATIONS_FILE
from scraper.errors import DatasetError
from scraper.git_process import Repository, find_repository, last_line, run, started
from scraper.model.collections import ALL

PATHS = (ORGANISATIONS_FILE, *(each.name for each in ALL))
# Requests are answered while they are written: of more at once, git and we would wait for each other's full pipe.
# The smallest pipe that Linux gives holds 4,096 bytes, and a request takes 65 at most.
BATCH = 60


class Snapshot(NamedTuple):
    """A commit, and the ids of what it holds of the dataset: the list and the folders of collections; None: missing.

    `committed_at` is in seconds since 1970, as whoever made the commit says.
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
        """Whether there is no dataset; one without the list's file but with others is broken."""
        return not any(self.content)


class Writing(NamedTuple):
    """The commit that made a file what it is: the dataset there, and in its first parent, None if that is missing."""

    state: Snapshot
    before: Snapshot | None


@dataclass(frozen=True)
class DatasetCheckout:
    """The directory of the dataset in a git work tree.

    `prefix` is its path in there, with a slash at its end; `head` is None before any commit.
    """

    repository: Repository
    prefix: str
    head: str | None
    shallow: bool

    @property
    def folder(self) -> Path:
        return self.repository.top / self.prefix


def find(folder: Path, commit: str | None = None) -> DatasetCheckout | None:
    """The work tree that `folder` is in, None if there is none; as of `commit`, or of the one checked out.

    Raises GitError or DatasetError if git refuses to read it: going on without the past would drop it.
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
    """The content of a file in the work tree as last committed; None if it is not in that commit."""
    answer = run(checkout.repository, "cat-file", "blob", f"{checkout.head}:{checkout.prefix}{path}", network=True)
    return None if answer.status else answer.output


def hashed(checkout: DatasetCheckout, names: Iterable[str]) -> list[str]:
    """The ids that git would give files of the folder, were they committed as they stand on the disk."""
    paths = "".join(f"{checkout.prefix}{name}\n" for name in names)
    answer = run(checkout.repository, "hash-object", "--no-filters", "--stdin-paths", stdin=os.fsencode(paths))
    if answer.status:
        raise DatasetError(f"Git cannot read the files of {checkout.folder}: {last_line(answer.complaint)}")
    return answer.text.split()


def last(checkout: DatasetCheckout) -> Snapshot | None:
    """What the last commit holds of the dataset; None if nothing."""
    if checkout.head is None:
        return None
    state = _state(checkout, checkout.head)
    return None if state.is_empty else state


def writing(checkout: DatasetCheckout, path: str) -> Writing | None:
    """The last commit that changed a file of the folder; None if the last commit has no such file.

    Where a clone ends, a commit seems to have changed all that it holds, and its parent is not here.
    """
    if checkout.head is None or committed(checkout, path) is None:
        return None
    [commit] = _listed(checkout, "--max-count=1", "--first-parent", checkout.head, "--", checkout.prefix + path)
    [(_, parents)] = _listed(checkout, "--no-walk", commit).values()
    return Writing(_state(checkout, commit), _state(checkout, parents[0]) if parents else None)


def states(checkout: DatasetCheckout) -> list[Snapshot]:
    """The states that the last commit follows from, oldest first, without those that were taken back.

    A commit follows from its first parent, for what was observed there is what this branch said. There are two
    exceptions, in both of which a database that was committed along follows from the same states:

    - A merge that took the dataset of another parent whole says what that one said.
    - A dataset that stood there before is brought back by a revert, which takes back all since: it says that what was
      observed in between was wrong.

    A dataset that was removed and begun anew begins there. One whose folder got another name goes on.
    """
    lineage: list[Snapshot] = []
    origin: DatasetCheckout | None = checkout
    while origin is not None:
        here = _states(origin)
        lineage[:0] = here
        origin = _moved_from(origin, here[0]) if here else None
    return lineage


def _states(checkout: DatasetCheckout) -> list[Snapshot]:
    """Those in one folder."""
    commits: dict[str, _Commit] = {}
    seen: set[tuple[object, ...]] = set()
    tip: _Commit | None = None
    graph = _graph(checkout)
    for state, (_, parents) in zip(_identified(checkout, graph), graph.values(), strict=True):
        origins = [commits[parent] for parent in parents]
        place = next((each.place for each in origins if each.place.state.content == state.content), None)
        if place is None and origins and state.content in seen:
            place = _find_reverted(state, origins[0])
        seen.add(state.content)
        place = place or _Place(state, origins[0].place if origins else None)
        tip = commits[state.commit] = _Commit(place, state.content, origins[0] if origins else None)
    lineage = []
    place = tip and tip.place
    while place is not None and not place.state.is_empty:
        lineage.append(place.state)
        place = place.last
    return lineage[::-1]


def _moved_from(checkout: DatasetCheckout, first: Snapshot) -> DatasetCheckout | None:
    """Where the dataset of a first state stood before: as of a parent that has the same in another folder."""
    [(_, parents)] = _listed(checkout, "--no-walk", first.commit).values()
    for parent in parents:
        entries = _tree(checkout, parent)
        for path, id_ in entries.items():
            folder, slash, name = path.rpartition("/")
            prefix = folder + slash
            if (name, id_) != (ORGANISATIONS_FILE, first.organisations) or prefix == checkout.prefix:
                continue
            if all(entries.get(f"{prefix}{each}") == part for each, part in zip(PATHS, first.content, strict=True)):
                return replace(checkout, prefix=prefix, head=parent)
    return None


def _tree(checkout: DatasetCheckout, commit: str) -> dict[str, str]:
    """The id of everything in a commit, by its path from the top."""
    answer = run(checkout.repository, "ls-tree", "-r", "-t", "-z", "--full-tree", commit, network=True)
    entries = (entry.partition("\t") for entry in answer.text.split("\0") if entry)
    return {path: description.split()[2] for description, _, path in entries}


class _Place(NamedTuple):
    """A state and the one that it follows from."""

    state: Snapshot
    last: "_Place | None"


class _Commit(NamedTuple):
    """Where a commit stands, what it holds, and its first parent."""

    place: _Place
    content: tuple[object, ...]
    first: "_Commit | None"


def _find_reverted(state: Snapshot, parent: _Commit) -> _Place | None:
    """Where this dataset stood before, among what the parent follows from or on its line of first parents."""
    place: _Place | None = parent.place
    while place is not None:
        if place.state.content == state.content:
            return place
        place = place.last
    commit: _Commit | None = parent
    while commit is not None:
        if commit.content == state.content:
            return commit.place
        commit = commit.first
    return None


@contextmanager
def objects(checkout: DatasetCheckout) -> "Iterator[Objects]":
    """One process that reads any number of objects."""
    with started(checkout.repository, "cat-file", "--batch", stdin=subprocess.PIPE) as process:
        yield Objects(cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout))


class Objects:
    """Objects of git by id."""

    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests, self._answers = requests, answers

    def read(self, ids: list[str]) -> Iterator[bytes | None]:
        """The content of each; None for one that is missing. They must be read to the end."""
        for start in range(0, len(ids), BATCH):
            asked = ids[start : start + BATCH]
            self._requests.write("".join(f"{id_}\n" for id_ in asked).encode())
            self._requests.flush()
            for id_ in asked:
                yield self._answer(id_)

    def tree(self, id_: str) -> dict[str, str]:
        """The files of a folder and their ids; empty if it is missing."""
        content, files, start = b"".join(filter(None, list(self.read([id_])))), {}, 0
        while start < len(content):
            end = content.index(b"\0", start)
            mode, name = content[start:end].split(b" ", 1)
            start = end + 1 + len(id_) // 2
            if mode.startswith(b"100"):
                files[os.fsdecode(name)] = content[end + 1 : start].hex()
        return files

    def _answer(self, id_: str) -> bytes | None:
        header = self._answers.readline().split()
        if header[1:] == [b"missing"]:
            return None
        if len(header) != 3:
            raise DatasetError(f"Git cannot read its object {id_}: `git fsck` tells more.")
        content = self._answers.read(int(header[2]))
        self._answers.read(1)
        return content


Listed = dict[str, tuple[int, list[str]]]
"""Commits, each with its time in seconds since 1970, and its parents."""


def _graph(checkout: DatasetCheckout) -> Listed:
    """The commits that changed the dataset and the merges, parents first, each with its parents among them."""
    if checkout.head is None:
        return {}
    paths = [checkout.prefix + path for path in PATHS]
    return _listed(checkout, "--topo-order", "--reverse", "--full-history", checkout.head, "--", *paths)


def _listed(checkout: DatasetCheckout, *arguments: str) -> Listed:
    found: Listed = {}
    command = ("--literal-pathspecs", "rev-list", "--timestamp", "--parents")
    with started(checkout.repository, *command, *arguments) as process:
        for text in cast("IO[bytes]", process.stdout):
            date, commit, *parents = text.decode().split()
            found[commit] = int(date), parents
    if process.returncode:
        raise DatasetError(f"Git cannot list the commits of {checkout.folder}: `git fsck` tells more.")
    return found


def _state(checkout: DatasetCheckout, commit: str) -> Snapshot:
    return next(_identified(checkout, _listed(checkout, "--no-walk", commit)))


def _identified(checkout: DatasetCheckout, commits: Listed) -> Iterator[Snapshot]:
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
