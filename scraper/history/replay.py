"""Replay the commits of the dataset one by one, reading only what changed."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from scraper import clock
from scraper.dataset import forgotten
from scraper.history.content import KEPT, NOTHING, Content, Sources, new_files, read_content
from scraper.history.files import LOST, parsed_list
from scraper.history.fold import Timeline, latest
from scraper.history.git_objects import Objects, objects
from scraper.history.git_reader import DatasetCheckout, Snapshot
from scraper.history.rows import Rows
from scraper.model.collections import ALL
from scraper.model.fields import Organisation
from scraper.model.forgotten import Forgotten
from scraper.model.records import read_organisation

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], object]
"""Called with the number of commits done, and their total."""


def replay(
    checkout: DatasetCheckout,
    lineage: Sequence[Snapshot],
    state: Timeline,
    progress: Progress,
) -> Iterator[Rows]:
    """Add these commits to `state`, and yield the rows that each adds to history.

    A commit whose dataset is damaged, or dated after the commit, is reported and skipped; the next good one then
    continues from the last good one.
    """
    with objects(checkout.repository) as found:
        reader = _Reader(found, forgotten.load(checkout.folder))
        for done, commit in enumerate(lineage, 1):
            try:
                rows = reader.observe(state, commit)
            except ValueError as error:
                logger.warning(f"Skipped commit {commit.commit[:10]}, because its dataset cannot be used: {error}.")
            else:
                yield rows
            progress(done, len(lineage))


def latest_credible(commit: Snapshot) -> str:
    """The latest date that the dataset of a commit can have: it was observed before it was committed."""
    moment = min(commit.committed_at, clock.now().timestamp())  # a commit can claim any date, even an impossible one
    return clock.latest_credible(datetime.fromtimestamp(moment, UTC))


def read_state(checkout: DatasetCheckout, commit: Snapshot) -> Timeline:
    """The state of the dataset in one commit, without its past. Raises ValueError if it is damaged."""
    state = Timeline()
    with objects(checkout.repository) as found:
        _Reader(found, forgotten.load(checkout.folder)).observe(state, commit)
    return state


def observation_date(checkout: DatasetCheckout, commit: Snapshot) -> str | None:
    """When the dataset of one commit was observed. Raises ValueError if it is damaged."""
    with objects(checkout.repository) as found:
        return latest(_Reader(found, forgotten.load(checkout.folder)).organisations(commit))


class _Reader:
    """Reads the parts of a commit's dataset that are not yet in a state."""

    def __init__(self, objects: Objects, left_out: Forgotten) -> None:
        self._objects, self._left_out = objects, left_out
        self._folders: dict[str, dict[str, str]] = {}

    def observe(self, state: Timeline, commit: Snapshot) -> Rows:
        """The rows that a commit adds, if it is an observation. Raises ValueError if its dataset is damaged."""
        records = self.organisations(commit)
        if not state.is_before(records, limit := latest_credible(commit)):
            if (date := latest(records)) and date > limit:
                raise ValueError(f"it is dated {date}, later than the commit")
            return Rows()
        files = self._files(commit)
        changed: dict[str, Sources] = {}
        for key in state.newly_observed(records):
            sources = tuple(files[each.name].get(key) for each in KEPT)
            if any(id_ is None and not each.optional for id_, each in zip(sources, KEPT, strict=True)):
                raise ValueError(f"a file of {records[key]['login']} is missing")
            if key not in state.accounts or state.accounts[key].content.sources != sources:
                changed[key] = sources
        return state.observe(records, self._contents(state, changed))

    def organisations(self, commit: Snapshot) -> dict[str, Organisation]:
        """The records of organisations, by login casefolded."""
        if commit.organisations is None:
            raise ValueError("organisations.json is missing")
        [listed] = list(self._objects.read([commit.organisations]))
        if listed is None:
            raise ValueError(LOST)
        return {
            key: record
            for key, record in _organisations(parsed_list(listed)).items()
            if record["id"] not in self._left_out.accounts
        }

    def _files(self, commit: Snapshot) -> dict[str, dict[str, str]]:
        """The ids of the files of each collection, by login casefolded."""
        # A commit changes all folders or few, so only those of the last commit are worth keeping.
        last, self._folders = self._folders, {}
        files_of = {}
        for folder, collection in zip(commit.folders, ALL, strict=True):
            part: dict[str, str] = {}
            if folder is not None:
                files = self._folders[folder] = last.get(folder) or self._objects.tree(folder)
                for name, id_ in files.items():
                    login = name.removesuffix(collection.suffix)
                    if login != name and not name.startswith(".") and part.setdefault(login.casefold(), id_) != id_:
                        raise ValueError(f"{name} appears twice, because case does not matter")
            files_of[collection.name] = part
        return files_of

    def _contents(self, state: Timeline, changed: Mapping[str, Sources]) -> dict[str, Content]:
        last = {key: state.accounts[key].content if key in state.accounts else NOTHING for key in changed}
        blobs = self._objects.read([id_ for key, sources in changed.items() for id_ in new_files(sources, last[key])])
        contents, damage = {}, None
        for key, sources in changed.items():
            # Read to the end even after an error: an unread answer would be taken for that of the next request.
            new = {id_: next(blobs) for id_ in new_files(sources, last[key])}
            try:
                contents[key] = read_content(sources, new, last[key], self._left_out)
            except ValueError as error:
                damage = damage or ValueError(f"{key}: {error}")
        if damage:
            raise damage
        return contents


def _organisations(raws: list[Any]) -> dict[str, Organisation]:
    records: dict[str, Organisation] = {}
    for raw in raws:
        record = read_organisation(raw)
        if records.setdefault(str(record["login"]).casefold(), record) is not record:
            raise ValueError(f"{record['login']} appears twice")
    return records
