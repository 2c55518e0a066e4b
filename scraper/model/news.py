"""How to report events: what each is called, which matter most, and which repeat others.

The tables have every event; commits, summaries, feeds and pages say each change once.
"""

from collections.abc import Iterable
from typing import Final

from scraper.model.events import WHEREABOUTS_FIELD, Event

FATE_PHRASES: Final = {
    "not_public": "no longer public",
    "moved": "moved",
    "blocked": "blocked",
    "unlisted": "no longer listed",
}
"""What texts call each fate of a repository; GitHub does not distinguish private from deleted."""
FILE_NEWS = {"gained": "gained a recommended file", "lost": "lost a recommended file"}
NAMES: Final = {
    **{name: name.upper() for name in ("readme", "codeowners", "support", "governance", "funding")},
    "license_file": "licence file",
    "contributing": "contributing guide",
    "publiccode": "publiccode.yml",
    "code_json": "code.json",
    "citation": "CITATION.cff",
    "codemeta": "codemeta.json",
    "created_at": "creation date",
    "language": "main language",
    "mirror_url": "mirrored address",
}
"""Fields that readers do not call by their names in the database."""
_SWITCHES = {
    "has_issues": "its issues",
    "has_projects": "its projects",
    "has_wiki": "its wiki",
    "has_pages": "GitHub Pages",
    "has_discussions": "its discussions",
    "has_downloads": "its downloads",
}
TURNS: Final = {
    **{name: (f"switched {what} on", f"switched {what} off") for name, what in _SWITCHES.items()},
    "fork": ("became a fork", "is no longer a fork"),
    "disabled": ("was disabled by GitHub", "is no longer disabled by GitHub"),
    "is_template": ("became a template", "is no longer a template"),
    "is_empty": ("became empty", "is no longer empty"),
    "allow_forking": ("now allows forking", "no longer allows forking"),
    "web_commit_signoff_required": (
        "now requires sign-off of commits made on the web",
        "no longer requires sign-off of commits made on the web",
    ),
}
"""What happened to a repository if a fact turned true, and if it turned false."""
LICENSE_LOST, LICENSE_GAINED = "lost a licence", "gained a licence"
WORDS = (
    *(
        FATE_PHRASES["not_public"],
        FATE_PHRASES["blocked"],
        "vanished",
        FATE_PHRASES["moved"],
        FATE_PHRASES["unlisted"],
        "traced",
    ),
    *(LICENSE_LOST, "archived", "appeared", "reappeared", "transferred", "relicensed", LICENSE_GAINED),
    *(FILE_NEWS["lost"], "unarchived", "renamed", "released", FILE_NEWS["gained"], "changed"),
)
"""What events are called, in the order of their interest: losses, gains, and what may be used. Where there is no room
for all, the last of these are left out."""


def word_for(event: Event) -> str:
    """The word for what happened: what became of the repository, except in a first answer about a vanished one."""
    if event.kind == "relicensed" and event.new is None:
        return LICENSE_LOST
    if event.kind == "relicensed" and event.old is None:
        return LICENSE_GAINED
    if event.field != WHEREABOUTS_FIELD or is_first_answer(event):
        return FILE_NEWS.get(event.kind, event.kind)
    return FATE_PHRASES.get(str(event.new or "").partition(": ")[0], event.kind)


def is_first_answer(event: Event) -> bool:
    """Whether this is the first answer about a vanished repository: that is news, but nothing changed."""
    return event.kind == "traced" and event.old is None


def field_name(field: object) -> str:
    """The name of a field or recommended file, for readers."""
    name = str(field)
    return NAMES.get(name, name.replace("_", " "))


def turn(event: Event) -> str | None:
    """What happened, if a fact turned true or false."""
    phrases = TURNS.get(str(event.field))
    return phrases and phrases[0 if event.new else 1]


def without_repeats(events: Iterable[Event]) -> list[Event]:
    """The events of one observation, without the file of a licence that is itself reported as gained or lost."""
    events = list(events)
    words = {(event.repository_id, word_for(event)) for event in events}
    said = {"gained": LICENSE_GAINED, "lost": LICENSE_LOST}
    return [
        event
        for event in events
        if event.field != "license_file" or (event.repository_id, said.get(event.kind)) not in words
    ]
