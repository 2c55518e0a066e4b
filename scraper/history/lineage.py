"""Which states of the dataset led to the last commit, across merges, reverts and a renamed folder."""

from dataclasses import replace
from typing import NamedTuple

from scraper.dataset.layout import ORGANISATIONS_FILE
from scraper.git_process import run
from scraper.history.git_reader import PATHS, DatasetCheckout, Listed, Snapshot, identified, listed


def states(checkout: DatasetCheckout) -> list[Snapshot]:
    """The states that led to the last commit, oldest first, without those that were reverted.

    A commit continues from its first parent, which has what this branch observed. There are two exceptions, and in
    both a database that was committed with the dataset continues from the same states:

    - A merge that took the whole dataset of another parent continues from that parent.
    - A revert brings back an earlier dataset, and says that everything observed since was wrong.

    A dataset that was removed and started again begins there. One whose folder was renamed continues.
    """
    lineage: list[Snapshot] = []
    origin: DatasetCheckout | None = checkout
    while origin is not None:
        here = _states(origin)
        lineage[:0] = here
        origin = _moved_from(origin, here[0]) if here else None
    return lineage


def _states(checkout: DatasetCheckout) -> list[Snapshot]:
    """The states in one folder."""
    commits: dict[str, _Commit] = {}
    seen: set[tuple[object, ...]] = set()
    tip: _Commit | None = None
    graph = _graph(checkout)
    for state, (_, parents) in zip(identified(checkout, graph), graph.values(), strict=True):
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
    """Where the dataset of a first state was before: in another folder of a parent, with the same content."""
    [(_, parents)] = listed(checkout, "--no-walk", first.commit).values()
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
    """A state and the one that it continues from."""

    state: Snapshot
    last: "_Place | None"


class _Commit(NamedTuple):
    """The place of a commit, its dataset, and its first parent."""

    place: _Place
    content: tuple[object, ...]
    first: "_Commit | None"


def _find_reverted(state: Snapshot, parent: _Commit) -> _Place | None:
    """Where this dataset occurred before, among the states that led to the parent or on its line of first parents."""
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


def _graph(checkout: DatasetCheckout) -> Listed:
    """The commits that changed the dataset and the merges, parents first, each with its parents among them."""
    if checkout.head is None:
        return {}
    paths = [checkout.prefix + path for path in PATHS]
    return listed(checkout, "--topo-order", "--reverse", "--full-history", checkout.head, "--", *paths)
