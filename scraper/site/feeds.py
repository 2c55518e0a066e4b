"""Events as Atom, for all organisations together and for each. Pure: the same events give the same bytes.

An entry's id depends on what happened to which repository and when, but not on anything that changes when the site
moves, the database is rebuilt or the repository is renamed.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import takewhile
from urllib.parse import quote

from scraper.database.events import ObservedEvent
from scraper.model.closures import Closure
from scraper.model.events import Event
from scraper.model.news import WORDS, field_name, is_first_answer, turn, word_for
from scraper.site import atom
from scraper.site.atom import UNWRITABLE, Entry
from scraper.text import count

ENTRIES, MOST_ENTRIES = 100, 1000
"""How many events a feed has: readers fetch the whole feed again and again. It has all events of the newest
observation, so that a reader who fetches after each one misses nothing; beyond the second number, an entry says how
many more there are, and where."""

MOST_CLOSURES = 20
NOTHING = "none"
GITHUB = "https://github.com"
ALL_EVENTS = "downloads/events.csv"
TITLE = "Open-Source Health Statistics"


def feeds(
    events: Sequence[ObservedEvent],
    observed_at: str,
    site: str,
    logins: Collection[str],
    title: str = TITLE,
    server: str = GITHUB,
    closures: Sequence[Closure] = (),
) -> dict[str, bytes]:
    """Every feed, from its path below `site` to its content: feed.xml, and feeds/LOGIN.xml for each of `logins`.

    `events` are in the order of observation. `observed_at` is the last observation, whether or not it had any. `site`
    is the address of the site and `title` its name; `server` is the one with the repositories. `closures`, the newest
    first, come before the events that they consist of.
    """
    result = {"feed.xml": feed(events, observed_at, site, "feed.xml", None, title, server, closures)}
    concerning: dict[str, list[ObservedEvent]] = {login.casefold(): [] for login in logins}
    for each in events:
        for concerned in _concerned(each.event) & concerning.keys():
            concerning[concerned].append(each)
    for login in logins:
        path = f"feeds/{quote(login)}.xml"
        own = [each for each in closures if each.organisation.casefold() == login.casefold()]
        result[f"feeds/{login}.xml"] = feed(
            concerning[login.casefold()], observed_at, site, path, login, title, server, own
        )
    return result


def feed(
    events: Sequence[ObservedEvent],
    observed_at: str,
    site: str,
    path: str,
    login: str | None = None,
    title: str = TITLE,
    server: str = GITHUB,
    closures: Sequence[Closure] = (),
) -> bytes:
    """One feed, the newest event first; with a `login`, only of that organisation."""
    site = site.rstrip("/") + "/"
    newest, more = _newest(events)
    entries = list(_entries(newest, closures[:MOST_CLOSURES], server, site))
    if more:
        entries.append(_rest(more, newest[0].observed_at, login, site))
    return atom.document(
        ("feed", (login or "").casefold()),
        f"{login}: {title}" if login else title,
        title,
        newest[0].observed_at if newest else observed_at,
        site + path,
        site,
        entries,
    )


def _entries(newest: Sequence[ObservedEvent], closures: Sequence[Closure], server: str, site: str) -> Iterator[Entry]:
    """The entries, with each closure before the first event that was observed no later."""
    left = sorted(closures, key=lambda closure: closure.observed_at)
    for each in newest:
        while left and left[-1].observed_at >= each.observed_at:
            yield _closure(left.pop(), site)
        yield _entry(each, server)
    for closure in reversed(left):
        yield _closure(closure, site)


def _closure(closure: Closure, site: str) -> Entry:
    """An entry that keeps its id while a closure goes on."""
    return Entry(
        ("closure", closure.organisation.casefold(), closure.first_missing_at),
        closure.headline,
        closure.observed_at,
        site,
        closure.sentence,
        "closure",
    )


def _newest(events: Sequence[ObservedEvent]) -> tuple[list[ObservedEvent], int]:
    """The events in a feed, the newest first, and how many of the newest observation it has no room for.

    The least important ones are left out.
    """
    backwards = list(events[::-1])
    latest = sum(1 for _ in takewhile(lambda each: each.observed_at == backwards[0].observed_at, backwards))
    if latest <= MOST_ENTRIES:
        return backwards[: max(ENTRIES, latest)], 0
    by_weight = sorted(range(latest), key=lambda place: WORDS.index(word_for(backwards[place].event)))
    return [backwards[place] for place in sorted(by_weight[:MOST_ENTRIES])], latest - MOST_ENTRIES


def sentence(event: Event) -> str:
    """What happened, as a sentence without a full stop."""
    name, old, new = event.full_name, _shown(event.old), _shown(event.new)
    match event.kind:
        case "vanished" | "traced" if event.new:
            before = ", which vanished earlier," if is_first_answer(event) else ""
            return f"{name}{before} {fate(str(event.new), earlier=event.kind == 'traced')}"
        case "renamed":
            return f"{name} was renamed from {old}"
        case "transferred":
            return f"{name} was transferred from {old} to {new}"
        case "archived" | "unarchived":
            return f"{name} was {event.kind}"
        case "relicensed" if event.new is None:
            return f"{name} lost its licence: {old}"
        case "relicensed" if event.old is None:
            return f"{name} gained a licence: {new}"
        case "relicensed":
            return f"{name} changed its licence from {old} to {new}"
        case "released":
            return f"{name} released {new}"
        case "gained" | "lost":
            return f"{name} {event.kind} a recommended file: {field_name(event.field)}"
        case "changed":
            return f"{name} {turn(event) or f'changed its {field_name(event.field)} from {old} to {new}'}"
    return f"{name} {event.kind}"


def fate(whereabouts: str, *, earlier: bool) -> str:
    """What became of a repository, now or `earlier`; never that it was deleted, which GitHub does not say."""
    kind, _, more = whereabouts.partition(": ")
    match kind:
        case "moved":
            if not more:
                return "is public with another owner" if earlier else "moved to another owner"
            return f"is public as {more}" if earlier else f"moved to {more}"
        case "blocked":
            return f"was blocked by GitHub ({more})" if more else "was blocked by GitHub"
        case "unlisted":
            return "is public, although GitHub no longer lists it"
    return "is no longer public"


def _entry(observed: ObservedEvent, server: str) -> Entry:
    event = observed.event
    return Entry(
        ("event", event.kind, event.field or "", str(event.repository_id), observed.observed_at),
        sentence(event),
        observed.observed_at,
        f"{server}/" + quote(UNWRITABLE.sub("\ufffd", event.full_name)),
        f"{event.organisation}: {sentence(event)}.",
        event.kind,
    )


def _rest(more: int, observed_at: str, login: str | None, site: str) -> Entry:
    text = f"Observed at the same time: {count(more, 'more event')}"
    return Entry(
        ("more", (login or "").casefold(), observed_at),
        text,
        observed_at,
        site + ALL_EVENTS,
        f"{text}. All of them: {site}{ALL_EVENTS}",
    )


def _concerned(event: Event) -> set[str]:
    """The organisations that an event concerns; a transfer concerns two."""
    logins = {event.organisation.casefold()}
    return logins | {str(event.old).casefold()} if event.kind == "transferred" else logins


def _shown(value: object) -> str:
    match value:
        case None | "" | []:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
    return str(value)
