"""List what changed from one state to another, one line each; the most important come first and are cut last.

Pure functions. Everything that came from GitHub is a stranger's text, which stays on its line and has no effect.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from scraper.model.accounts import Account
from scraper.model.closures import Closure
from scraper.model.collections import FACTS
from scraper.model.comparison import Comparison
from scraper.model.events import Event
from scraper.model.kinds import COMPOUND
from scraper.model.news import FATE_PHRASES, WORDS, field_name, is_first_answer, turn, word_for
from scraper.text import count, safe, safe_name

MOST_NAMES = 10

SHORT = {"default_branch", "latest_release"}
LONG = {field.name for field in FACTS if field.free_text or field.kind in COMPOUND} - SHORT
"""Fields for which a line says only that they changed; the diff shows the values."""

GROUPED = {
    **dict.fromkeys(("appeared", "reappeared", "archived", "unarchived"), "in"),
    "vanished": "from",
    "traced": "of",
    **dict.fromkeys(FATE_PHRASES.values(), "of"),
}
"""Kinds of events that share one line for all repositories of an organisation."""

CLOSURE = "closure"
GONE, REMOVED, FIRST = "organisation gone", "organisation removed", "organisation observed for the first time"
FAILING, RETURNED, PENDING = "organisation not observed", "organisation observed again", "organisation listed"
ORDER = (CLOSURE, GONE, REMOVED, FIRST, *WORDS, FAILING, RETURNED, PENDING)
"""Kinds of lines, what matters most first."""

STATUSES = {"ok": RETURNED, "pending": PENDING, "gone": GONE}
"""The kind of line about an account, by its status; any other status means that it is failing."""


class Line(NamedTuple):
    """A line about an account, and how many changes of a kind it reports."""

    kind: str
    account: str
    text: str
    number: int = 1


def changes(
    comparison: Comparison, closures: Sequence[Closure] = (), *, most: int, with_failures: bool = True
) -> list[str]:
    """What happened, in at most so many lines and one that counts those left out; then the counters."""
    lines = [Line(CLOSURE, closure.organisation.casefold(), closure.sentence) for closure in closures]
    lines += _of_accounts(comparison)
    lines += _of_events(comparison.news)
    wanted = (line for line in lines if with_failures or line.kind != FAILING)
    return [*shortened(sorted(wanted, key=lambda line: ORDER.index(line.kind)), most), *of_counters(comparison)]


def shortened(lines: Sequence[Line], most: int) -> Iterator[str]:
    """So many of the lines, with the first line of each account preferred, and a count of what the others report."""
    first = {line.account: place for place, line in reversed(list(enumerate(lines)))}
    wanted = sorted(range(len(lines)), key=lambda place: (place != first[lines[place].account], place))
    kept, left = sorted(wanted[:most]), wanted[most:]
    yield from (lines[place].text for place in kept)
    if left:
        rest = Counter[str]()
        for line in (lines[place] for place in left):
            rest[line.kind] += line.number
        counted = ", ".join(_counted(kind, rest[kind]) for kind in ORDER if rest[kind])
        yield f"... and {rest.total():,} more: {counted}"


def _counted(kind: str, number: int) -> str:
    noun, _, rest = kind.partition(" ")
    if kind in WORDS:
        return f"{number:,} {kind}"
    return f"{count(number, noun)} {rest}".rstrip()


def _of_accounts(comparison: Comparison) -> Iterator[Line]:
    before, after = comparison.before, comparison.after
    first, other = set(comparison.first_observed), set(comparison.other_status)
    for key in sorted(after):
        account = after[key]
        login = safe_name(account.record["login"])
        if key in first:
            held = count(len(account.repositories), "repository")
            yield Line(FIRST, key, f"{login}: observed for the first time, {held}")
        elif key in other:
            yield Line(STATUSES.get(account.record["status"], FAILING), key, f"{login}: {_status(account)}")
    for key in comparison.no_longer_listed:
        yield Line(REMOVED, key, f"{safe_name(before[key].record['login'])}: no longer listed, its data removed")


def _of_events(events: Iterable[Event]) -> Iterator[Line]:
    """One line for all events of a kind in an organisation."""
    for (account, word, _), group in groupby(
        sorted(events, key=_place), key=lambda event: (event.organisation.casefold(), word_for(event), _answer(event))
    ):
        happened = list(group)
        if word in GROUPED and len(happened) > 1:
            yield Line(word, account, _grouped(word, happened), len(happened))
        else:
            yield from (Line(word, account, _line(event)) for event in happened)


def of_counters(comparison: Comparison) -> Iterator[str]:
    """What happened to counters, and to the health of repositories."""
    if moved := comparison.counters_moved.total():
        yield f"counters changed in {count(moved, 'repository')}"
    if first_asked := comparison.first_asked:
        yield f"first look at the health of {count(first_asked, 'repository')}"


def _place(event: Event) -> tuple[int, str, str, int]:
    return WORDS.index(word_for(event)), event.organisation.casefold(), _answer(event), event.repository_id


def _answer(event: Event) -> str:
    """What became of a repository that had vanished; those with the same answer share a line."""
    return fate(str(event.new).partition("/")[0]) if is_first_answer(event) else ""


def _grouped(word: str, events: Sequence[Event]) -> str:
    names = [safe_name(event.full_name.rpartition("/")[2]) for event in events]
    if len(names) > MOST_NAMES:
        names[MOST_NAMES:] = [f"and {len(names) - MOST_NAMES:,} more"]
    number, where = count(len(events), "repository"), f"{GROUPED[word]} {safe_name(events[0].organisation)}"
    owners = {str(event.new).partition(": ")[2].partition("/")[0] for event in events} if word == "moved" else set()
    what = f"{word} to {safe_name(owners.pop() or 'another owner')}" if len(owners) == 1 else word
    what = f"{word}, {_answer(events[0])}" if word == "traced" else what
    line = f"{number} {where} {what}" if GROUPED[word] == "of" else f"{number} {what} {where}"
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
            what = f"{event.kind}: {field_name(event.field)}"
        case "changed" if event.field in LONG:
            what = f"{field_name(event.field)} changed"
        case "changed":
            what = turn(event) or f"{field_name(event.field)} {_value(event.old)} -> {_value(event.new)}"
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
            return "public, although GitHub no longer lists it"
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
    reason = safe(account.record["reason"] or "", 200).rstrip(".")
    match account.record["status"]:
        case "ok":
            return "observed again"
        case "pending":
            return "listed, not observed yet"
        case "gone":
            return f"gone: {reason}"
        case _:
            return f"not observed, {f'its data as of {date} are kept' if date else 'there are no data yet'}: {reason}"
