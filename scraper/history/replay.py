"""Replay the commits of the dataset, one after the other: only what changed is read."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import orjson

from scraper import clock
from scraper.dataset import forgotten
from scraper.dataset.layout import PARTS
from scraper.history import git_reader
from scraper.history.fold import NOTHING, Content, Counters, Rows, Timeline, latest, read_counters
from scraper.history.git_reader import DatasetCheckout, Objects
from scraper.model.fields import METRICS, REPOSITORY, UNKNOWN, Record, read, read_organisation

Progress = Callable[[int, int], object]
"""Told how many of how many commits are done."""

Sources = tuple[str, ...]
LOST = "git no longer has its content"
_Value = TypeVar("_Value")


def replay(
    checkout: DatasetCheckout,
    lineage: Sequence[git_reader.Snapshot],
    state: Timeline,
    notify: Callable[[str], object],
    progress: Progress,
) -> Iterator[Rows]:
    """Take these commits into `state`, and yield the rows that each adds to history.

    A commit whose dataset is damaged, or dated after the commit, is reported and skipped: the next good one follows
    on the last good one.
    """
    with git_reader.objects(checkout) as objects:
        reader = _Reader(objects, forgotten.load(checkout.folder))
        for done, commit in enumerate(lineage, 1):
            try:
                rows = reader.observe(state, commit)
            except ValueError as error:
                notify(f"Commit {commit.commit[:10]} is skipped, because its dataset cannot be used: {error}.")
            else:
                yield rows
            progress(done, len(lineage))


def latest_credible(commit: git_reader.Snapshot) -> str:
    """The latest date that the dataset of a commit can bear: it was observed before it was committed."""
    moment = min(commit.committed_at, clock.now().timestamp())  # a commit can bear any date, even one of no calendar
    return clock.latest_credible(datetime.fromtimestamp(moment, UTC))


def read_state(checkout: DatasetCheckout, commit: git_reader.Snapshot) -> Timeline:
    """The state that the dataset of one commit is by itself, without a past. Raises ValueError if it is damaged."""
    state = Timeline()
    with git_reader.objects(checkout) as objects:
        _Reader(objects, forgotten.load(checkout.folder)).observe(state, commit)
    return state


class _Reader:
    """Reads of a commit's dataset what is not in a state yet."""

    def __init__(self, objects: Objects, left_out: Set[int]) -> None:
        self._objects, self._left_out = objects, left_out
        self._folders: dict[str, dict[str, str]] = {}

    def observe(self, state: Timeline, commit: git_reader.Snapshot) -> Rows:
        """The rows that a commit adds, none if it is no observation; ValueError if its dataset is damaged."""
        if commit.organisations is None:
            raise ValueError("organisations.json is missing")
        [listed] = list(self._objects.read([commit.organisations]))
        records = {
            key: record for key, record in _organisations(_list(listed)).items() if record["id"] not in self._left_out
        }
        if not state.is_before(records, limit := latest_credible(commit)):
            if (date := latest(records)) and date > limit:
                raise ValueError(f"it is dated {date}, later than the commit")
            return Rows()
        parts = self._parts(commit)
        changed: dict[str, Sources] = {}
        for key in state.newly_observed(records):
            sources = tuple(part.get(key) for part in parts)
            if None in sources:
                raise ValueError(f"a file of {records[key]['login']} is missing")
            if key not in state.accounts or state.accounts[key].content.source != sources:
                changed[key] = cast(Sources, sources)
        return state.observe(records, self._contents(state, changed))

    def _parts(self, commit: git_reader.Snapshot) -> list[dict[str, str]]:
        """The ids of the files in each folder, by login casefolded."""
        # Two folders change in a commit or none: what is in those of the last one is all that is worth keeping.
        last, self._folders = self._folders, {}
        parts = []
        for folder, (_, suffix) in zip(commit.folders, PARTS, strict=True):
            part: dict[str, str] = {}
            if folder is not None:
                files = self._folders[folder] = last.get(folder) or self._objects.tree(folder)
                for name, id_ in files.items():
                    login = name.removesuffix(suffix)
                    if login != name and not name.startswith(".") and part.setdefault(login.casefold(), id_) != id_:
                        raise ValueError(f"{name} stands there twice, for capitals do not matter")
            parts.append(part)
        return parts

    def _contents(self, state: Timeline, changed: Mapping[str, Sources]) -> dict[str, Content]:
        blobs = self._objects.read([id_ for sources in changed.values() for id_ in sources])
        contents, damage = {}, None
        for key, sources in changed.items():
            # Read on after a damage: an answer that nobody reads would answer the next question.
            facts, metrics = next(blobs), next(blobs)
            last = state.accounts[key].content if key in state.accounts else NOTHING
            try:
                contents[key] = Content(
                    self._without(_facts(facts, last)), self._without(_counters(metrics, last)), sources
                )
            except ValueError as error:
                damage = damage or ValueError(f"{key}: {error}")
        if damage:
            raise damage
        return contents

    def _without(self, by_id: dict[int, _Value]) -> dict[int, _Value]:
        return {id_: value for id_, value in by_id.items() if id_ not in self._left_out} if self._left_out else by_id


def _organisations(raws: list[Any]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for raw in raws:
        record = read_organisation(raw)
        if records.setdefault(str(record["login"]).casefold(), record) is not record:
            raise ValueError(f"{record['login']} stands there twice")
    return records


def _facts(blob: bytes | None, last: Content) -> dict[int, Record]:
    """By id. A record that is equal to the last one is that one: it was checked then, and takes no memory twice."""
    facts, raws, known = {}, _list(blob), last.facts
    for raw in raws:
        id_ = raw.get("id") if type(raw) is dict else None
        record = known.get(id_) if type(id_) is int else None
        if record is None or not _says(record, raw):
            now = read(REPOSITORY, raw)
            record = record if record == now else now
        facts[cast(int, id_)] = record
    return _unique(facts, raws)


def _says(record: Record, raw: Record) -> bool:
    """Whether a record was read from an object like this, in which what is unknown is absent."""
    unknown = list(record.values()).count(UNKNOWN)
    return len(raw) + unknown == len(record) and raw.items() <= record.items()


def _counters(blob: bytes | None, last: Content) -> dict[int, Counters]:
    if blob is None:
        raise ValueError(LOST)
    result, raws, known = {}, _list(b"[" + b",".join(blob.splitlines()) + b"]"), last.counters
    for raw in raws:
        counters = found = None
        try:
            counters = known.get(raw["id"])
            id_, found = raw["id"], read_counters(raw)
        except (TypeError, KeyError):
            pass
        if counters is None or counters != found:
            record = read(METRICS, raw)
            id_, now = record["id"], read_counters(record)
            counters = counters if counters == now else now
        result[id_] = counters
    return _unique(result, raws)


def _unique(by_id: dict[int, _Value], raws: list[Any]) -> dict[int, _Value]:
    if len(by_id) < len(raws):
        [(id_, _)] = Counter(raw["id"] for raw in raws).most_common(1)
        raise ValueError(f"{id_} stands there twice")
    return by_id


def _list(blob: bytes | None) -> list[Any]:
    if blob is None:
        raise ValueError(LOST)
    value = orjson.loads(blob)
    if type(value) is not list:
        raise ValueError("a JSON list was expected")
    return value
