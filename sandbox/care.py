"""How an invented repository is looked after: drawn at random once, with its life, then a pure function of the day.

It agrees with what the lists say. Files, releases, commits and languages change only with a push; only the licence's
file comes and goes with `license`. Open issues and pull requests add up to `open_issues_count`, watchers come with
stars, and nothing changes while a repository is archived.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import log

from sandbox.chance import Chance
from sandbox.files import BESIDE, CODES_OF_CONDUCT, COMMON, INSIDE, LOOKALIKES, PATHS, PLATFORMS, trees
from sandbox.generator import pick
from sandbox.health import Health, History, Release, stamp
from sandbox.lifecycle import CALM, PERIOD, Event, Lifecycle, State, open_issues, pushes, stargazers, state
from sandbox.tracker import Tracker, tracker
from sandbox.vocabulary import LANGUAGES

KEEN, CARELESS = 0.96, 0.12  # above the first: has everything from the start; below the second: next to nothing
TAGS: tuple[Callable[[int, str], str], ...] = (
    lambda n, day: f"v{n // 10}.{n % 10}.0",
    lambda n, day: f"v{n // 10}.{n % 10}.0",
    lambda n, day: f"{1 + n // 8}.{n % 8}",
    lambda n, day: day.replace("-", "."),
    lambda n, day: f"release-{n}",
)


@dataclass(frozen=True, slots=True)
class Care:
    """The random choices. Pushes are numbered from 0, the first content."""

    paths: dict[str, str]  # by key of a file
    turns: dict[str, tuple[int, ...]]  # the pushes with which that file appears, disappears, reappears
    beside: frozenset[str]
    code_of_conduct: str
    funding: tuple[str, ...]
    first_release: int
    release_every: int  # 0: never
    tag: int
    commits: int
    requests: int  # of a hundred issues and pull requests
    merged_every: int
    languages: tuple[tuple[str, int, float], ...]  # name, the push that brought it, share of the one before it
    empty: bool  # until the first push, or the first licence
    template: float  # which of its owner's templates it is from: below 0, none
    lookalikes: frozenset[str]


def draw(life: Lifecycle, key: str) -> Care:
    """Make all random choices. Each purpose has its own dice, so adding one does not change the others."""

    def by(purpose: str) -> Chance:
        return Chance(f"{key}:{purpose}")

    keen = by("keen").random()
    last = pushes(life, life.last_push)
    calm = -(-CALM // life.rhythm)
    common = [name for name in LANGUAGES if name and name != life.language]
    languages, names = by("languages"), [life.language] if life.language else []
    while names and len(names) < 6 and languages.random() < 0.55:
        names.append(pick(languages, [name for name in common if name not in names]))
    files = {file: by(file) for file in PATHS}
    funding, releases, template = by("funding"), by("releases"), by("template")
    beside, lookalikes = by("beside"), by("lookalikes")
    return Care(
        paths={file: pick(files[file], paths) for file, paths in PATHS.items()},
        turns={file: tuple(_turns(files[file], keen, percent, last, calm)) for file, percent in COMMON.items()},
        beside=frozenset(each for each in BESIDE if beside.random() < 0.3),
        code_of_conduct=pick(by("code of conduct"), CODES_OF_CONDUCT),
        funding=tuple(each for each in PLATFORMS if funding.random() < 0.5) or PLATFORMS[:1],
        first_release=calm + int(releases.random() * 12),
        release_every=calm + int(releases.random() * 10) if releases.random() < keen * 0.7 else 0,
        tag=int(releases.random() * len(TAGS)),
        commits=1 + int(-log(1 - by("commits").random()) * 6),
        requests=100 if life.fork else int(by("requests").random() * 60),
        merged_every=1 + int(by("merges").random() * 8),
        languages=tuple(
            (
                name,
                int(languages.random() * (last + 1)) if place and languages.random() < 0.3 else 0,
                0.1 + languages.random() * 0.5,
            )
            for place, name in enumerate(names)
        ),
        empty=not life.language and not life.licence and (not last or calm in (1, last + 1)),
        template=template.random() if template.random() < 0.06 else -1,
        lookalikes=frozenset(each for each in LOOKALIKES if lookalikes.random() < 0.15),
    )


def _turns(rng: Chance, keen: float, percent: int, last: int, calm: int) -> Iterator[int]:
    """The pushes with which a file appears, disappears and reappears, far enough apart to observe each."""
    dice, early, moment, leaves = rng.random(), rng.random(), rng.random(), rng.random()
    if keen > KEEN:
        yield 0
        return
    if keen < CARELESS or dice * 100 > percent * keen * 1.7:
        return
    turn = 0 if early < max(0.5, percent / 100) or not last else calm + int(moment * last)
    if turn <= last:
        yield turn
    while leaves < 0.15 and (turn := turn + calm + int(leaves * 5 * last)) <= last:
        yield turn
        leaves *= 2


def health(life: Lifecycle, care: Care, on: date, template: int | None) -> Health:
    """The state at the end of a day on which it already exists."""
    now = state(life, on.toordinal())
    archived = archived_on(life, on.toordinal())
    day = archived or on.toordinal()
    pushed = pushes(life, day)
    empty = _empty(life, care, day)
    paths = {} if empty else _paths(care, now, pushed)
    everything = set(paths.values()) | care.beside | care.lookalikes
    everything |= {f"{folder}{name}" for folder, names in INSIDE.items() if folder in everything for name in names}
    released = _releases(care, pushed)
    numbers = tracker(life, care.requests)
    opened = numbers.opened(day)
    resolved = opened if archived else opened - open_issues(life, day)
    asked, answered = numbers.requests_among(opened), numbers.requests_among(resolved)
    return Health(
        on=on,
        history=None if empty else History(life.born, life.rhythm, pushed, care.commits, life.clock),
        archived_at=stamp(archived, life.clock) if archived else None,
        paths=paths,
        trees={} if empty else trees(everything),
        code_of_conduct=care.code_of_conduct if "code_of_conduct" in paths else None,
        issue_templates=_templates(paths.get("issue_templates")),
        pull_request_templates=_templates(paths.get("pull_request_template")),
        funding=care.funding if "funding" in paths else (),
        template_repository=template,
        latest_release=_release(life, care, released),
        languages={} if empty else _languages(life, care, pushed),
        watchers=1 + stargazers(life, day) // 10,
        open_issues=opened - resolved - (asked - answered),
        closed_issues=resolved - answered,
        issue_updated_at=_issue_updated_at(life, numbers, archived, day) if opened > asked else None,
        open_pull_requests=asked - answered,
        merged_pull_requests=pushed // care.merged_every,
        closed_pull_requests=answered,
        releases=released,
        discussions=pushed // 3 if life.features % 7 == 0 else 0,
    )


def _issue_updated_at(life: Lifecycle, numbers: Tracker, archived: int | None, day: int) -> str:
    """Issues are opened and closed at the start of a period, and all remaining ones are closed before archiving."""
    turn = life.born + (day - life.born) // PERIOD * PERIOD if numbers.step else life.born
    return stamp(archived or turn, life.clock)


def archived_on(life: Lifecycle, day: int) -> int | None:
    """The day since which it has been archived, if it is."""
    since = None
    for change in life.changes:
        if change.day <= day and change.kind in ("archived", "unarchived"):
            since = change.day if change.kind == "archived" else None
    return since


def _empty(life: Lifecycle, care: Care, day: int) -> bool:
    licensed = any(change.kind == "relicensed" and change.day <= day for change in life.changes)
    return care.empty and not licensed and not pushes(life, day)


def _paths(care: Care, now: State, pushed: int) -> dict[str, str]:
    present = {key for key, turns in care.turns.items() if sum(turn <= pushed for turn in turns) % 2}
    if now.licence:
        present.add("license_file")
    else:
        present.discard("license_file")
    return {key: path for key, path in care.paths.items() if key in present}


def _templates(path: str | None) -> tuple[str, ...]:
    """The names of the files that are templates, whether one alone or a directory of them."""
    if path is None:
        return ()
    return INSIDE.get(path, (path.rpartition("/")[2],))


def _releases(care: Care, pushed: int) -> int:
    if not care.release_every or pushed < care.first_release:
        return 0
    return (pushed - care.first_release) // care.release_every + 1


def _release(life: Lifecycle, care: Care, number: int) -> Release | None:
    """The last of `number` releases."""
    if not number:
        return None
    push = care.first_release + (number - 1) * care.release_every
    published = stamp(life.born + push * life.rhythm, life.clock)
    return Release(TAGS[care.tag](number, published[:10]), published)


def _languages(life: Lifecycle, care: Care, pushed: int) -> dict[str, int]:
    size = (life.kilobytes * 1024 // 3 + 64) * (1 + pushed * 0.02)
    shares = accumulate((share for _, _, share in care.languages[1:]), float.__mul__, initial=1.0)
    return {
        name: int(size * share) + 1
        for (name, since, _), share in zip(care.languages, shares, strict=False)
        if since <= pushed
    }


def events(life: Lifecycle, care: Care, since: int, until: int, login: Callable[[int, int], str]) -> Iterator[Event]:
    """Files gained and lost, and releases, after one day, up to and including another, as seen while it is public."""
    before: tuple[dict[str, str], Release | None] | None = None
    for day in sorted(_turning_points(life, care, since, until)):
        now = state(life, day)
        if not now.present:
            continue
        pushed = pushes(life, day)
        paths = {} if _empty(life, care, day) else _paths(care, now, pushed)
        released = _release(life, care, _releases(care, pushed))
        if before and day > since:
            owner, on = login(now.home, day), date.fromordinal(day)
            gone, come = before[0].keys() - paths.keys(), paths.keys() - before[0].keys()
            yield from (Event(on, "gained", life.id, owner, None, key) for key in PATHS if key in come)
            yield from (Event(on, "lost", life.id, owner, key, None) for key in PATHS if key in gone)
            if released and released != before[1]:
                yield Event(on, "released", life.id, owner, None, released.tag_name)
        before = paths, released


def _turning_points(life: Lifecycle, care: Care, since: int, until: int) -> set[int]:
    """Days on which something may change; the first is early enough to see all differences."""
    last = pushes(life, life.last_push)
    turns = {turn for turns in care.turns.values() for turn in turns} | {1}
    if care.release_every:
        turns |= set(range(care.first_release, last + 1, care.release_every))
    days = {life.born + turn * life.rhythm for turn in turns if turn <= last} | {life.born}
    days |= {change.day for change in life.changes if change.kind in ("relicensed", "reappeared")}
    # When it comes back into view, it is compared with its state just before it disappeared.
    days |= {change.day - 1 for change in life.changes if change.kind == "vanished"} | {since}
    return {day for day in days if life.born <= day <= until}
