"""Repositories that an account no longer shows: whether to believe the loss, and what became of each.

Pure functions. As long as GitHub still finds by id what it no longer lists, a loss counts as an outage, and the last
good data are kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from scraper.errors import Miscounted, RequestError, Unconfirmed
from scraper.github import miscount
from scraper.github.whereabouts import Found
from scraper.model.accounts import Account
from scraper.model.events import looked_for
from scraper.model.fields import Record
from scraper.model.kinds import written
from scraper.model.records import without_owner
from scraper.text import count

SAMPLE = 3
"""How many of an account's lost repositories are looked up by id, whatever the budget: no loss is believed before.
This includes small losses, because those of several days can add up to a closure."""
RECHECK = timedelta(days=30)
"""Answers older than this are looked up again."""
UNCONFIRMED_FOR = timedelta(days=7)
"""After this long, a loss is believed even if nothing about it can be looked up, provided that list and count agreed
on it each time: some tokens, servers and quotas allow no lookups at all, and no outage lasts that long."""
MISSING_DAYS = 3
MISSING_FOR = timedelta(hours=72)
"""An account is gone once it has been missing on so many days, the last of them so long after the first."""
MISSING_ALONE_FOR = timedelta(days=14)
"""The same, if most of the other accounts are missing too, or there are none."""


@dataclass(frozen=True)
class Loss:
    """Repositories that an account had, and that no listed account shows now."""

    before: Account
    now: Account
    ids: tuple[int, ...]

    @property
    def sample(self) -> tuple[int, ...]:
        """The first, the middle and the last one, or as many as there are."""
        last = len(self.ids) - 1
        return tuple(dict.fromkeys(self.ids[last * n // (SAMPLE - 1)] for n in range(SAMPLE) if self.ids))


def loss(before: Account, now: Account, held: Set[int], left_out: Set[int]) -> Loss:
    """What an account lost; `held` are the ids that listed accounts show, `left_out` those that were forgotten."""
    lost = before.facts.keys() - held - left_out
    return Loss(before, now, tuple(sorted(id_ for id_ in lost if looked_for(now, id_, before.facts[id_]))))


def excluding(account: Account, before: Account, excludes: Callable[[str], bool]) -> Account:
    """The account, with lost repositories recorded as excluded if the list now excludes their names."""
    known = {**before.whereabouts, **before.facts}
    names = {id_: str(record["name"]) for id_, record in known.items() if id_ not in account.facts}
    more = {id_ for id_, name in names.items() if excludes(name)}
    return account.with_record(excluded=sorted({*(account.record["excluded"] or ()), *more})) if more else account


def wanted(losses: Iterable[Loss], held: Set[int], now: datetime) -> list[int]:
    """The ids to look up: new losses first, then those never looked up, then those looked up long ago."""
    losses = list(losses)
    ids = [id_ for each in losses for id_ in each.sample]
    ids += [id_ for each in losses for id_ in each.ids]
    known = [record for each in losses for record in each.before.whereabouts.values()]
    due = written(now - RECHECK)
    known.sort(key=lambda record: (str(record["checked_at"] or ""), cast(int, record["id"])))
    ids += [cast(int, record["id"]) for record in known if str(record["checked_at"] or "") <= due]
    return [id_ for id_ in dict.fromkeys(ids) if id_ not in held]


def doubt(loss: Loss, found: Mapping[int, Found], now: datetime, *, credible: bool) -> RequestError | None:
    """Why the loss is not believed yet, if so. It is not `credible` if GitHub could not find what it lists."""
    owner, listed, day = loss.now.record["id"], loss.now.facts.keys(), _day(now)
    there = [id_ for id_ in loss.ids if id_ in found and found[id_].owner == owner]
    if there:
        mismatch = miscount.mismatch(len(listed) + len(there), listed)
        if not miscount.is_believed(day, mismatch, 0, loss.before.record["mismatch"]):
            return Miscounted(
                f"GitHub lists {count(len(listed), 'public repository')}, but still has {len(there):,} more by id.",
                mismatch,
            )
        return None
    if reason := _unconfirmed(loss, found, credible=credible):
        mismatch = miscount.loss(loss.ids)
        if not miscount.is_settled(day, mismatch, loss.before.record["mismatch"], _day(now - UNCONFIRMED_FOR)):
            had = count(len(loss.before.repositories), "repository")
            return Unconfirmed(
                f"GitHub no longer lists {len(loss.ids):,} of {had}, {reason};"
                f" the loss will be believed once it has lasted for {UNCONFIRMED_FOR.days} days.",
                mismatch,
            )
    return None


def _unconfirmed(loss: Loss, found: Mapping[int, Found], *, credible: bool) -> str | None:
    """Why nothing is known about the loss, if so, as the rest of a sentence."""
    if not credible and not found.keys() >= set(loss.ids):
        return "and cannot find even those that it lists by their ids"
    if loss.ids and loss.now.record["status"] == "ok" and found.keys().isdisjoint(loss.sample):
        return "and none of them could be looked up by id"
    return None


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def settled(loss: Loss, found: Mapping[int, Found], held: Set[int], left_out: Set[int], now: str) -> Account:
    """The account, with what became of the repositories that it no longer shows; no account `left_out` is named."""
    records = {id_: without_owner(record, left_out) for id_, record in _records(loss, found, held, now)}
    rest = {name: records_ for name, records_ in loss.now.records.items() if name != "whereabouts"}
    return replace(loss.now, records=rest | ({"whereabouts": list(records.values())} if records else {}))


def _records(loss: Loss, found: Mapping[int, Found], held: Set[int], now: str) -> Iterator[tuple[int, Record]]:
    since = _since(loss, now)
    last = {
        id_: record
        for id_, record in loss.before.whereabouts.items()
        if id_ not in held and looked_for(loss.now, id_, record)
    }
    for id_ in sorted({*loss.ids, *last}):
        record = last.get(id_) or _unknown(loss.before.facts[id_], since)
        if answer := found.get(id_):
            record = record | _answer(answer, loss.now.record["id"]) | {"checked_at": now}
        yield id_, record


def _since(loss: Loss, now: str) -> str:
    """When it was first missing: with the whole account, or by the end of the first day with exactly this loss."""
    missing = loss.now.record["missing"]
    if loss.now.record["status"] == "gone" and type(missing) is list:
        return missing[0]
    day = miscount.first_day(miscount.loss(loss.ids), loss.before.record["mismatch"])
    return min(f"{day}T23:59:59Z", now) if day else now


def _unknown(facts: Record, since: str) -> Record:
    nothing = dict.fromkeys(("whereabouts", "moved_to", "owner_id", "blocked_for", "checked_at"))
    return {name: facts[name] for name in ("id", "name", "full_name")} | {"missing_since": since} | nothing


def _answer(found: Found, owner: object) -> Record:
    whereabouts, moved_to, owner_id = str(found.fate), None, None
    if found.fate == "public":
        whereabouts = "unlisted" if found.owner == owner else "moved"
    if whereabouts == "moved":
        moved_to, owner_id = found.full_name, found.owner
    return {"whereabouts": whereabouts, "moved_to": moved_to, "owner_id": owner_id, "blocked_for": found.reason}


def missing(before: object, now: datetime, *, alone: bool) -> list[str]:
    """The observations in which an account was missing, with this one if it counts. After MISSING_DAYS it is gone.

    It is `alone` unless at least as many others were observed as were not.
    """
    dates = cast(list[str], before) if type(before) is list else []
    here = written(now)
    if not dates:
        return [here]
    patience = MISSING_ALONE_FOR if alone else MISSING_FOR if len(dates) == MISSING_DAYS - 1 else timedelta()
    early = now - datetime.fromisoformat(dates[0]) < patience
    if len(dates) >= MISSING_DAYS or here[:10] <= dates[-1][:10] or early:
        return dates
    return [*dates, here]


def is_gone(dates: Sequence[str]) -> bool:
    """Whether an account has been missing often and long enough."""
    return len(dates) >= MISSING_DAYS


def gone(account: Account, dates: Sequence[str], now: str) -> Account:
    """The account as gone: it no longer shows anything."""
    ended = account.with_record(
        status="gone",
        reason=f"GitHub has had no such account since {dates[0][:10]}, neither by its login nor by its id.",
        repositories=0,
        missing=list(dates),
        observed_at=now,
    )
    kept: dict[str, list[Record]] = {name: [] for name in ("repositories", "metrics")}
    whereabouts = account.records.get("whereabouts")
    return replace(ended, records=kept | ({"whereabouts": whereabouts} if whereabouts else {}))
