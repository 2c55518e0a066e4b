"""GitHub's list of an account's repositories, read page by page into records."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from scraper.errors import RecordError
from scraper.github import miscount
from scraper.github.owners import Owner, read_owner
from scraper.model.accounts import Account
from scraper.model.fields import METRICS, REPOSITORY, Field, Record
from scraper.model.records import keeping, read, receive
from scraper.text import count


@dataclass
class Listing:
    """An account's public repositories by id, and how many records were odd.

    `nulls` counts empty entries and `private` repositories that are not public, both of which are skipped. `bare`
    came without an owner or a date of the last push; `damaged` had text that was not valid Unicode. `odd` counts
    values of the wrong kind by field, and `kept` the facts that keep their last known value because of that or
    because there was no answer; repositories that cannot be recorded because of an odd value are `unusable`.
    `counted` is GitHub's own count, and `unlisted` is how many of those it is known not to list. `excluded` has the
    ids of repositories that the list excludes, `selected` the ids, by name, of those that it names one by one, and
    `remarks` about these.
    """

    repositories: dict[int, Record] = field(default_factory=dict)
    metrics: dict[int, Record] = field(default_factory=dict)
    nulls: int = 0
    private: int = 0
    bare: int = 0
    damaged: int = 0
    odd: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    unusable: set[int] = field(default_factory=set)
    counted: int = 0
    unlisted: int = 0
    excluded: set[int] = field(default_factory=set)
    selected: dict[str, int | None] | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def ids(self) -> Set[int]:
        return self.repositories.keys() | self.unusable

    def leave_out(self, ids: Set[int]) -> None:
        """Drop the repositories with these ids."""
        for part in (self.repositories, self.metrics):
            for id_ in part.keys() & ids:
                del part[id_]

    def exclude(self, excludes: Callable[[str], bool]) -> None:
        """Leave out the repositories whose names `excludes` accepts."""
        self.excluded = {id_ for id_, record in self.repositories.items() if excludes(str(record["name"]))}
        self.leave_out(self.excluded)

    def warnings(self) -> tuple[str, ...]:
        """Sentences about odd records."""
        said = (
            (self.nulls, "empty entry", "Skipped {} in GitHub's list."),
            (self.private, "repository", "Skipped {} not open to the public."),
            (self.bare, "repository", "{} came without an owner or a date of the last push."),
            (self.damaged, "repository", "Text that is not valid Unicode in {}."),
            (len(self.unusable), "new repository", "Skipped {} because of a value of the wrong kind."),
            *(
                (number, "repository", f"{name} of the wrong kind in {{}}.")
                for name, number in sorted(self.odd.items())
            ),
            *(
                (number, "repository", f"No valid {name} in GitHub's answer about {{}}; the last known is kept.")
                for name, number in sorted(self.kept.items())
            ),
        )
        odd = (*self.remarks, *(sentence.format(count(number, noun)) for number, noun, sentence in said if number))
        return (miscount.warning(self.counted, self.unlisted), *odd) if self.unlisted else odd


def read_pages(pages: Iterator[list[Any]], previous: Account) -> tuple[Owner | None, Listing]:
    """Read each page as it arrives, to keep only one raw page in memory. Raises RecordError."""
    owner, listing = None, Listing()
    held, counted = previous.by_id("repositories"), previous.by_id("metrics")
    for raw in (raw for page in pages for raw in page):
        if raw is None:
            listing.nulls += 1
            continue
        try:
            facts, metrics = _received(REPOSITORY, raw, held, listing), _received(METRICS, raw, counted, listing)
        except RecordError as error:
            name = raw.get("full_name") if isinstance(raw, dict) else None
            raise RecordError(f"{name[:100]!r}: {error}" if isinstance(name, str) else str(error)) from None
        # A token may see more than the public does. It must never get into the dataset.
        if raw.get("private") or raw.get("visibility") not in (None, "public"):
            listing.private += 1
            continue
        if facts is None or metrics is None:
            listing.unusable.add(raw["id"])
            continue
        facts, kept = keeping(facts, held.get(raw["id"], {}))
        listing.kept.update(kept)
        listing.damaged += any("\ufffd" in value for value in facts.values() if isinstance(value, str))
        listing.bare += raw.get("owner") is None or not metrics["pushed_at"]
        owner = owner or read_owner(raw.get("owner"))
        listing.repositories[raw["id"]] = facts
        listing.metrics[raw["id"]] = metrics
    return owner, listing


def _received(fields: tuple[Field, ...], raw: Any, held: Mapping[int, Record], listing: Listing) -> Record | None:
    try:
        return read(fields, raw)
    except RecordError:
        if not isinstance(raw, dict) or type(raw.get("id")) is not int:
            raise
    record, odd = receive(fields, raw, held.get(raw["id"]))
    listing.odd += Counter(odd)
    return record
