"""The content of an account in one state of the dataset, joined from its files; only new files are read."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from scraper.history.files import ABSENT, NONE, File, changed, read_file
from scraper.model.collections import (
    UNKNOWN_COUNTERS,
    WHEREABOUTS,
    WITH_COUNTERS,
    WITH_EVENTS,
    Counters,
    Part,
    join,
    join_counters,
)
from scraper.model.forgotten import Forgotten
from scraper.model.records import without_owner

KEPT = (*WITH_EVENTS, *WITH_COUNTERS, WHEREABOUTS)
"""The collections whose past is kept."""

Sources = tuple[str | None, ...]
"""Git's ids of an account's files, one for each of KEPT; None where there is no file."""


class Content(NamedTuple):
    """What an account has, by repository id, and the `files` it comes from, one for each of KEPT, if it is from git.

    If two accounts from git have equal `sources`, their contents are equal.
    """

    facts: Part
    counters: Mapping[int, Counters]
    whereabouts: Part = NONE
    files: tuple[File, ...] = (ABSENT,) * len(KEPT)

    @property
    def sources(self) -> Sources:
        return tuple(file.source for file in self.files)

    def counters_of(self, id_: int) -> Counters:
        """The counters of a repository; unknown ones if a crash left none."""
        return self.counters.get(id_, UNKNOWN_COUNTERS)


NOTHING = Content({}, {})


def new_files(sources: Sources, last: Content) -> list[str]:
    """The sources that were not read for the `last` content of the account."""
    found = zip(sources, last.files, strict=True)
    return [source for source, old in found if source is not None and source != old.source]


def read_content(sources: Sources, found: Mapping[str, bytes | None], last: Content, left_out: Forgotten) -> Content:
    """The content of an account. `found` has its new `sources`, with None for those that git lost.

    Raises ValueError if a file is damaged.
    """
    files = []
    for collection, source, old in zip(KEPT, sources, last.files, strict=True):
        if source == old.source:
            file = old
        elif source is None:
            file = ABSENT
        else:
            file = read_file(collection, source, found[source], old).without(left_out.repositories)
            if collection is WHEREABOUTS and left_out.accounts:
                by_id = {id_: without_owner(record, left_out.accounts) for id_, record in file.by_id.items()}
                file = file._replace(by_id=by_id)
        files.append(file)
    events, counters = slice(0, len(WITH_EVENTS)), slice(len(WITH_EVENTS), -1)
    return Content(
        _joined(files[events], last.files[events], last.facts, partial(join, WITH_EVENTS)),
        _joined(files[counters], last.files[counters], last.counters, join_counters),
        files[-1].by_id,
        tuple(files),
    )


def _joined(
    files: Sequence[File],
    before: Sequence[File],
    last: Mapping[int, Any],
    join: Callable[[Sequence[Mapping[int, Any]]], Mapping[int, Any]],
) -> Mapping[int, Any]:
    """Join the files; where nothing changed, reuse the last result and its records."""
    ids = set(last.keys() - files[0].by_id.keys())
    for file, old in zip(files, before, strict=True):
        if file is not old:
            ids.update(changed(file.by_id, old.by_id), old.by_id.keys() - file.by_id.keys())
    if not ids:
        return last
    new = join([{id_: file.by_id[id_] for id_ in ids & file.by_id.keys()} for file in files])
    return dict(zip(files[0].by_id, map({**last, **new}.get, files[0].by_id), strict=True))
