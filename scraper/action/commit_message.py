"""Write the commit message that summarises what changed between two states.

Pure functions. Everything that came from GitHub is a stranger's text: it stays on its line, and it can neither
mention anyone, nor refer to or close an issue, nor keep workflows from running.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from scraper.model.accounts import Account, Dataset
from scraper.model.closures import Closure
from scraper.model.comparison import Comparison
from scraper.model.events import FATES, WORDS, Event, file_name, is_first_answer, word_for
from scraper.text import count, safe, safe_name

FIRST_ASKED = "first look at the health of"
MOST_HEADLINES = 2
MOST_KINDS = 4
MOST_LINES = 200
MOST_NAMES = 10

FREE_TEXT = ("description", "homepage", "mirror_url", "topics", "languages")
"""Fields of which the message only says that they changed: the diff below it shows to what."""

GROUPED = {
    "appeared": "in",
    "reappeared": "in",
    "vanished": "from",
    "traced": "of",
    **dict.fromkeys(FATES.values(), "of"),
}
"""Kinds of events that share one line for all repositories of an organisation."""


def commit_message(comparison: Comparison, closures: Sequence[Closure] = ()) -> str:
    """Subject and body for the step from one state to another; closures lead."""
    lines = [*(each.sentence for each in closures), *change_lines(comparison)]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = [f"... and {len(lines) - MOST_LINES:,} more: see the changes themselves"]
    subject = "; ".join([*_headlines(closures), *_subject(comparison, closures)])
    return f"{subject}\n\n" + "\n".join(lines) + "\n" if lines else f"{subject}\n"


def change_lines(comparison: Comparison, *, with_failures: bool = True) -> Iterator[str]:
    """What happened, a line each: organisations first, then repositories, at last the counters."""
    before, after = comparison.before, comparison.after
    first, other = set(comparison.first_observed), set(comparison.other_status)
    for key in sorted(after):
        account = after[key]
        login = safe_name(account.record["login"])
        if key in first:
            yield f"{login}: observed for the first time, {count(len(account.repositories), 'repository')}"
        elif key in other and (with_failures or not _is_failing(account)):
            yield f"{login}: {_status(account)}"
    for key in comparison.no_longer_listed:
        yield f"{safe_name(before[key].record['login'])}: no longer listed, its data removed"
    for (organisation, word, _), group in groupby(
        sorted(comparison.events, key=_place), key=lambda e: (e.organisation, word_for(e), _answer(e))
    ):
        happened = list(group)
        if word in GROUPED and len(happened) > 1:
            yield _grouped(word, organisation, happened)
        else:
            yield from map(_line, happened)
    if moved := comparison.counters_moved.total():
        yield f"counters of {count(moved, 'repository')} moved"
    if first_asked := comparison.first_asked:
        yield f"{FIRST_ASKED} {count(first_asked, 'repository')}"


def _headlines(closures: Sequence[Closure]) -> list[str]:
    """The closures in a subject."""
    largest = sorted(closures, key=lambda each: -each.gone)
    headlines = [each.headline for each in largest[:MOST_HEADLINES]]
    return [
        *headlines,
        *([f"{len(largest) - MOST_HEADLINES:,} more closures"] if len(largest) > MOST_HEADLINES else []),
    ]


def _subject(comparison: Comparison, closures: Sequence[Closure]) -> list[str]:
    """The parts of a subject; what vanished in a closure is not counted again."""
    closed = {closure.organisation.casefold() for closure in closures}
    events = [
        event
        for event in comparison.events
        if event.kind != "vanished" or event.organisation.casefold() not in closed
    ]
    before, after, parts = comparison.before, comparison.after, []
    if first := comparison.first_observed:
        held = sum(len(after[key].repositories) for key in first)
        parts.append(f"first observation of {count(len(first), 'organisation')} with {count(held, 'repository')}")
    if events:
        parts.append(_counts(events))
    if gone := comparison.no_longer_listed:
        parts.append(f"{count(len(gone), 'organisation')} no longer listed")
    if ended := [key for key in comparison.other_status if after[key].record["status"] == "gone"]:
        parts.append(f"{count(len(ended), 'organisation')} gone")
    if failing := [key for key in comparison.other_status if _is_failing(after[key])]:
        parts.append(f"{count(len(failing), 'organisation')} not observed")
    if parts or closures:
        return parts
    if moved := comparison.counters_moved.total():
        parts.append(f"counters of {count(moved, 'repository')} moved")
    if first_asked := comparison.first_asked:
        parts.append(f"{FIRST_ASKED} {count(first_asked, 'repository')}")
    if not parts and (again := comparison.asked_again):
        parts.append(f"{count(again, 'repository')} asked for health again, nothing new")
    if not parts and _states(before) != _states(after):
        parts.append("what is known of the organisations changed")
    if not parts:
        date = max((str(account.record["observed_at"] or "") for account in before.values()), default="")[:10]
        parts.append(f"no change since {date}" if date else "nothing observed yet")
    return parts


def _counts(events: Sequence[Event]) -> str:
    counts = Counter(word for word, _ in {(word_for(event), event.repository_id) for event in events})
    organisations = {event.organisation for event in events}
    where = f" in {count(len(organisations), 'organisation')}"
    present = [word for word in WORDS if counts[word]]
    parts = [f"{count(counts[present[0]], 'repository')} {present[0]}"]
    parts += [f"{counts[word]:,} {word}" for word in present[1:MOST_KINDS]]
    rest = sum(counts[word] for word in present[MOST_KINDS:])
    others = f" and {count(rest, 'other change')}" if rest else ""
    return ", ".join(parts) + others + where


def _place(event: Event) -> tuple[str, int, str, int]:
    return event.organisation.casefold(), WORDS.index(word_for(event)), _answer(event), event.repository_id


def _answer(event: Event) -> str:
    """What became of a repository that was only known to have vanished: those with the same answer share a line."""
    return fate(str(event.new).partition("/")[0]) if is_first_answer(event) else ""


def _grouped(word: str, organisation: str, events: Sequence[Event]) -> str:
    names = [safe_name(event.full_name.rpartition("/")[2]) for event in events]
    if len(names) > MOST_NAMES:
        names[MOST_NAMES:] = [f"and {len(names) - MOST_NAMES:,} more"]
    number, where = count(len(events), "repository"), f"{GROUPED[word]} {safe_name(organisation)}"
    owners = {str(event.new).partition(": ")[2].partition("/")[0] for event in events} if word == "moved" else set()
    word = f"{word} to {safe_name(owners.pop() or 'another owner')}" if len(owners) == 1 else word
    word = f"{word}, {_answer(events[0])}" if word == "traced" else word
    line = f"{number} {where} {word}" if GROUPED.get(word, "of") == "of" else f"{number} {word} {where}"
    return f"{line}: {', '.join(names)}"


def _line(event: Event) -> str:
    name = safe_name(event.full_name)
    match event.kind:
        case "traced" if is_first_answer(event):
            what = f"traced, {fate(event.new)}"
        case "vanished" | "traced" if event.new:
            what = fate(event.new)
        case "renamed":
            what = f"renamed from {safe_name(event.old)}"
        case "transferred":
            what = f"transferred from {safe_name(event.old)}"
        case "relicensed":
            what = f"licence {_value(event.old)} -> {_value(event.new)}"
        case "released":
            what = f"released {_value(event.new)}"
        case "gained" | "lost":
            what = f"{event.kind}: {file_name(event.field)}"
        case "changed" if event.field in FREE_TEXT:
            what = f"{event.field} changed"
        case "changed":
            what = f"{event.field} {_value(event.old)} -> {_value(event.new)}"
        case _:
            what = event.kind
    return f"{name}: {what}"


def fate(whereabouts: object) -> str:
    """What became of a repository; never that it was deleted, which GitHub does not say."""
    kind, _, more = str(whereabouts).partition(": ")
    match kind:
        case "moved":
            return f"moved to {safe_name(more)}" if more else "moved to another owner"
        case "blocked":
            return f"blocked by GitHub ({safe_name(more)})" if more else "blocked by GitHub"
        case "unlisted":
            return "public, though GitHub no longer lists it"
    return "no longer public"


def _value(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return safe(value)


def _status(account: Account) -> str:
    date = str(account.record["observed_at"] or "")[:10]
    match account.record["status"]:
        case "ok":
            return "observed again"
        case "pending":
            return "listed, not observed yet"
        case "gone":
            return f"gone: {safe(account.record['reason'] or '', 200).rstrip('.')}"
        case _:
            reason = safe(account.record["reason"] or "", 200).rstrip(".")
            return f"not observed, {f'its data of {date} are kept' if date else 'there are no data yet'}: {reason}"


def _is_failing(account: Account) -> bool:
    return account.record["status"] not in ("ok", "pending", "gone")


def _states(dataset: Dataset) -> dict[str, object]:
    return {key: account.record | {"observed_at": None} for key, account in dataset.items()}
