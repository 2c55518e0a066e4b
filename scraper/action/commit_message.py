"""Write the commit message that summarises what changed between two states.

Pure functions. Everything that came from GitHub is a stranger's text: it stays on its line, and it can neither
mention anyone, nor refer to or close an issue, nor keep workflows from running.
"""

from collections import Counter
from collections.abc import Sequence

from scraper.action.change_lines import STATUSES, changes, of_counters
from scraper.model.accounts import Dataset
from scraper.model.closures import Closure
from scraper.model.comparison import Comparison
from scraper.model.events import Event
from scraper.model.news import WORDS, word_for
from scraper.text import count

MOST_HEADLINES = 2
MOST_KINDS = 4
MOST_LINES = 200


def commit_message(comparison: Comparison, closures: Sequence[Closure] = ()) -> str:
    """Subject and body for the step from one state to another; closures come first."""
    lines = changes(comparison, closures, most=MOST_LINES)
    subject = "; ".join([*_headlines(closures), *_subject(comparison, closures)])
    return f"{subject}\n\n" + "\n".join(lines) + "\n" if lines else f"{subject}\n"


def _headlines(closures: Sequence[Closure]) -> list[str]:
    """The closures, as a subject names them."""
    largest = sorted(closures, key=lambda each: -each.gone)
    headlines = [each.headline for each in largest[:MOST_HEADLINES]]
    return [
        *headlines,
        *([count(len(largest) - MOST_HEADLINES, "more closure")] if len(largest) > MOST_HEADLINES else []),
    ]


def _subject(comparison: Comparison, closures: Sequence[Closure]) -> list[str]:
    """The parts of a subject; repositories that vanished in a closure are not counted again."""
    closed = {closure.organisation.casefold() for closure in closures}
    events = [
        event for event in comparison.news if event.kind != "vanished" or event.organisation.casefold() not in closed
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
    if failing := [key for key in comparison.other_status if after[key].record["status"] not in STATUSES]:
        parts.append(f"{count(len(failing), 'organisation')} not observed")
    if parts or closures:
        return parts
    parts += of_counters(comparison)
    if not parts and (again := comparison.asked_again):
        parts.append(f"health of {count(again, 'repository')} rechecked, no change")
    if not parts and _states(before) != _states(after):
        parts.append("organisation details changed")
    if not parts:
        date = max((str(account.record["observed_at"] or "") for account in before.values()), default="")[:10]
        parts.append(f"no change since {date}" if date else "nothing observed yet")
    return parts


def _counts(events: Sequence[Event]) -> str:
    counts = Counter(word for word, _ in {(word_for(event), event.repository_id) for event in events})
    organisations = {event.organisation for event in events}
    where = f"in {count(len(organisations), 'organisation')}"
    present = [word for word in WORDS if counts[word]]
    parts = [f"{count(counts[present[0]], 'repository')} {present[0]}"]
    parts += [f"{counts[word]:,} {word}" for word in present[1:MOST_KINDS]]
    rest = sum(counts[word] for word in present[MOST_KINDS:])
    others = f" and {count(rest, 'other change')}" if rest else ""
    return ", ".join(parts) + others + (f" {where}" if 1 in (len(present), len(organisations)) else f" ({where})")


def _states(dataset: Dataset) -> dict[str, object]:
    return {key: account.record | {"observed_at": None} for key, account in dataset.items()}
