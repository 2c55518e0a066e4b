"""The fields: the one table that says of each its name, kind and meaning, and the checks that follow from it.

GitHub's answers, the JSON on disk, the SQLite columns, the data dictionary and the column
descriptions in Datasette are all read off these tables. Names are GitHub's own.
"""

import re
import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Final, cast

from scraper.errors import RecordError
from scraper.model.personal_data import mask

Record = dict[str, object]
"""Every field of a table by name, in the order of the table."""


class Unknown(Enum):
    """The type of UNKNOWN, which is neither null nor "no" nor 0."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = Unknown.UNKNOWN
"""The value of a field that GitHub's answer, or the file, did not have. On disk its key is absent."""

# GitHub itself allows 350 characters in a description and 255 in a homepage; more than this is no text of a person.
LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Field:
    """One field of a record.

    `kind` is one of the keys of `CHECKS`. `null` says what null means; a null that means nothing is read as UNKNOWN,
    which any field may be that is not `required`. What owners `typed` is stored with e-mail addresses and telephone
    numbers masked. A change that another field tells better, or that says nothing of the repository, is no `news`.
    """

    name: str
    kind: str
    meaning: str
    required: bool = False
    null: str = ""
    typed: bool = False
    news: bool = True

    @property
    def explanation(self) -> str:
        """The meaning, and that of null."""
        return f"{self.meaning}; null: {self.null}" if self.null else self.meaning


REPOSITORY = (
    Field("id", "integer", "GitHub's numeric id; it survives renames and transfers", required=True),
    Field("name", "text", "Name of the repository within its organisation", required=True),
    Field("full_name", "text", "Owner and name, as in OWNER/NAME", required=True, news=False),
    Field("html_url", "text", "Address of the repository's page", required=True, news=False),
    Field("description", "text", "What its owners say it is", null="nothing", typed=True),
    Field("homepage", "text", "Address of a site about it, as its owners typed it", null="none", typed=True),
    Field("language", "text", "Main programming language by bytes, as GitHub detects it", null="none"),
    Field(
        "license",
        "license",
        "SPDX identifier of the licence; NOASSERTION: a licence GitHub cannot name",
        null="none found",
    ),
    Field("topics", "topics", "Topics its owners gave it, sorted"),
    Field("fork", "boolean", "1 if it is a fork of another repository", required=True),
    Field("archived", "boolean", "1 if its owners made it read-only"),
    Field("disabled", "boolean", "1 if GitHub disabled it"),
    Field("is_template", "boolean", "1 if new repositories can be made from it"),
    Field("mirror_url", "text", "Address it is mirrored from", null="it is not a mirror", typed=True),
    Field("default_branch", "text", "Name of its default branch", typed=True),
    Field("created_at", "timestamp", "When it was created on GitHub (UTC)", required=True),
    Field("has_issues", "boolean", "1 if issues are switched on"),
    Field("has_projects", "boolean", "1 if projects are switched on"),
    Field("has_wiki", "boolean", "1 if the wiki is switched on"),
    Field("has_pages", "boolean", "1 if GitHub Pages publishes a site from it"),
    Field("has_discussions", "boolean", "1 if discussions are switched on"),
    Field("has_downloads", "boolean", "1 if downloads are switched on"),
    Field("allow_forking", "boolean", "1 if it may be forked"),
    Field("web_commit_signoff_required", "boolean", "1 if commits made on the web must be signed off"),
)
"""Facts of a repository: they change seldom, and each change is news. One file an organisation."""

METRICS = (
    Field("id", "integer", "GitHub's numeric id of the repository", required=True),
    Field("name", "text", "Name of the repository, so that a line of a diff says which it is", required=True),
    Field("stargazers_count", "integer", "Number of stars"),
    Field("forks_count", "integer", "Number of forks"),
    Field(
        "open_issues_count",
        "integer",
        "Number of open issues and open pull requests together, as GitHub counts them",
    ),
    Field("size", "integer", "Size of the repository in kilobytes, as GitHub reports it"),
    Field("pushed_at", "timestamp", "When something was last pushed to any branch (UTC)", null="never"),
)
"""Counters of a repository: they move all the time. Kept apart, so that the history of facts reads as news."""

WHEREABOUTS = (
    Field("id", "integer", "GitHub's numeric id of the repository", required=True),
    Field("name", "text", "Name of the repository, when last observed", required=True),
    Field("full_name", "text", "Owner and name, when last observed", required=True),
    Field(
        "missing_since", "timestamp", "When its account no longer showed it for the first time (UTC)", required=True
    ),
    Field(
        "whereabouts",
        "fate",
        "moved: GitHub has it under another owner or name; not_public: private or deleted, which GitHub does not tell"
        " apart; blocked: GitHub blocks access to it; unlisted: it is where it was, though GitHub does not list it",
        null="not looked up yet",
    ),
    Field("moved_to", "text", "Owner and name under which GitHub has it", null="it did not move"),
    Field("blocked_for", "text", "Kind of reason that GitHub gives for blocking it", null="it is not blocked"),
    Field("checked_at", "timestamp", "When it was looked up last (UTC)", null="never"),
)
"""What became of the repositories that an account no longer shows, by id. One file an organisation."""

ORGANISATION = (
    Field("id", "integer", "GitHub's numeric id of the account; it survives renames", null="not observed yet"),
    Field(
        "login",
        "text",
        "Login of the account on GitHub, in GitHub's own spelling once observed",
        required=True,
    ),
    Field("name", "text", "Display name, from organisations.yml", required=True),
    Field("type", "text", "Kind of account: Organization or User", null="not observed yet"),
    Field(
        "repositories",
        "integer",
        "Number of public repositories, forks included, when last observed",
        null="not observed yet",
    ),
    Field(
        "status",
        "status",
        "ok: observed; kept: could not be observed lately, so the last good data stand; not_found: GitHub has no such"
        " account; gone: it has had none for several days, so its repositories are no longer public; replaced: the"
        " login now belongs to another account; pending: never observed yet",
        required=True,
    ),
    Field(
        "reason",
        "text",
        "Why the status is not ok, in a sentence; or the new login of an account that GitHub renamed",
        null="all is well",
    ),
    Field(
        "observed_at",
        "timestamp",
        "When its repositories were last observed whole (UTC): the date of the data",
        null="never",
    ),
    Field(
        "excluded",
        "ids",
        "GitHub's ids of the repositories that the list excluded when it was last observed: they are in no file and"
        " no count, and neither their leaving nor their return is an event",
        null="none",
    ),
    Field(
        "selected",
        "selected",
        "The repositories that the list names one by one, each with GitHub's id of it, null while it was not found;"
        " all else of the account is neither observed nor counted",
        null="all its public repositories are observed",
    ),
    Field(
        "unlisted",
        "integer",
        "Number of public repositories that GitHub counts but does not list, the same on several days",
        null="none known",
    ),
    Field(
        "missing",
        "times",
        "Observations that found the account neither by its login nor by its id while others were observed well, at"
        " most three on different days (UTC)",
        null="it was found when last asked",
    ),
    Field(
        "mismatch",
        "mismatch",
        "What GitHub counted and listed when the two did not fit, a digest of the listed ids, and the days on which"
        " it was the same: the list is not believed before it has been for several",
        null="they fit when last asked",
    ),
)
"""One record for each listed organisation."""

STATUSES = ("ok", "kept", "not_found", "gone", "replaced", "pending")
FATES = ("moved", "not_public", "blocked", "unlisted")
PENDING = "Not observed yet: the next scrape asks GitHub for it."

TIMESTAMP = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
REPOSITORY_NAME = re.compile("[A-Za-z0-9._-]{1,100}")
DIGEST = re.compile("[0-9a-f]{16}")
FIRST_YEAR, LAST_YEAR = "1970", "2199"

# UTF-8 cannot hold a lone surrogate, and SQLite's text functions stop at NUL.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _integer(value: object) -> object:
    if type(value) is not int:  # not isinstance: to Python, True is an int
        raise RecordError(f"is {_shown(value)}, not an integer")
    if not 0 <= value < 2**53:  # what every reader of JSON can hold, and SQL add up
        raise RecordError(f"is {_shown(value)}, out of range")
    return value


def _text(value: object) -> str:
    if type(value) is not str:
        raise RecordError(f"is {_shown(value)}, not text")
    if not value.isascii() or "\x00" in value:  # most texts are plain, and this is ten times quicker than a search
        value = UNSTORABLE.sub("\ufffd", value)
    return value[:LONGEST_TEXT]


def _timestamp(value: object) -> object:
    if type(value) is not str or not _is_time(value):
        raise RecordError(f"is {_shown(value)}, not a time such as 2026-01-31T12:00:00Z")
    return value


@lru_cache(maxsize=65_536)
def _is_time(text: str) -> bool:
    """Whether the calendar has it, and GitHub and its repositories could have lived to see it."""
    if not TIMESTAMP.fullmatch(text) or not FIRST_YEAR <= text[:4] <= LAST_YEAR:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:  # 30 February
        return False
    return True


def _license(value: object) -> object:
    """The SPDX identifier out of GitHub's licence object; on disk it is that identifier already."""
    if isinstance(value, dict):
        value = value.get("spdx_id") or "NOASSERTION"
    return _text(value)


def _topics(value: object) -> object:
    if type(value) is not list:
        raise RecordError(f"is {_shown(value)}, not a list")
    return sorted({mask(_text(topic)) for topic in value})


def _boolean(value: object) -> object:
    if type(value) is not bool:
        raise RecordError(f"is {_shown(value)}, not true or false")
    return value


def _status(value: object) -> object:
    if value not in STATUSES:
        raise RecordError(f"is {_shown(value)}, not one of {', '.join(STATUSES)}")
    return value


def _fate(value: object) -> object:
    if value not in FATES:
        raise RecordError(f"is {_shown(value)}, not one of {', '.join(FATES)}")
    return value


def _times(value: object) -> object:
    if type(value) is not list or not value or value != sorted(set(map(str, map(_timestamp, value)))):
        raise RecordError(f"is {_shown(value)}, not times, one after the other")
    return value


def _ids(value: object) -> object:
    if type(value) is not list or not value or sorted({_positive(id_) for id_ in value}) != value:
        raise RecordError(f"is {_shown(value)}, not a sorted list of ids")
    return value


def _selected(value: object) -> object:
    if type(value) is not dict or not value or not all(REPOSITORY_NAME.fullmatch(name) for name in value):
        raise RecordError(f"is {_shown(value)}, not ids by the names of repositories")
    for id_ in value.values():
        if id_ is not None:
            _positive(id_)
    return value


def _positive(value: object) -> int:
    if not _integer(value):
        raise RecordError(f"is {_shown(value)}, not an id")
    return cast(int, value)


def _mismatch(value: object) -> object:
    match value:
        case {"counted": counted, "listed": listed, "ids": str(ids), "days": [*days]} if (
            len(cast(dict[str, object], value)) == 4
            and cast(int, _integer(listed)) < cast(int, _integer(counted))
            and DIGEST.fullmatch(ids)
            and all(type(day) is str and DAY.fullmatch(day) for day in days)
            and days == sorted(set(days))
        ):
            return value
    raise RecordError(f"is {_shown(value)}, not a count, a number, a digest and days")


_REPR = reprlib.Repr()  # of a stranger's value, which may be large and deep
_REPR.maxstring = _REPR.maxlong = _REPR.maxother = 100


def _shown(value: object) -> str:
    text = _REPR.repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


CHECKS: dict[str, Callable[[object], object]] = {
    "integer": _integer,
    "text": _text,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "license": _license,
    "topics": _topics,
    "status": _status,
    "ids": _ids,
    "selected": _selected,
    "mismatch": _mismatch,
    "fate": _fate,
    "times": _times,
}


def read(fields: tuple[Field, ...], raw: object) -> Record:
    """The record that `raw` holds: exactly these fields, in this order, each of its kind.

    Keys that are not in the table are dropped, for GitHub sends some seventy more.
    Raises RecordError, which names the field, if a required one is missing or any has the wrong type.
    """
    if type(raw) is not dict:
        raise RecordError(f"a record is {_shown(raw)}, not an object")
    record: Record = {}
    field = fields[0]
    try:
        for field in fields:
            value = raw.get(field.name, UNKNOWN)
            if value is None and not field.null:
                value = UNKNOWN
            if value is UNKNOWN:
                if field.required:
                    raise RecordError("is missing")
            elif value is not None:
                value = CHECKS[field.kind](value)
                if field.typed:
                    value = mask(cast(str, value))[:LONGEST_TEXT]
            record[field.name] = value
    except RecordError as error:
        raise RecordError(f"{field.name} {error}") from None
    return record


IDENTITY = ("id", "name", "full_name")
"""Fields without which nobody could say which repository a record is about."""


def receive(
    fields: tuple[Field, ...], raw: dict[str, object], last: Record | None
) -> tuple[Record | None, list[str]]:
    """The record in an answer of GitHub, and the names of the fields whose values are of a wrong kind.

    Those are UNKNOWN. One that is required keeps the value of the `last` record; where there is none, neither is
    there a record. Raises RecordError if a field of the identity is wrong.
    """
    odd, usable = [], dict(raw)
    for field in fields:
        if field.name in IDENTITY:
            continue
        try:
            read((field,), raw)
        except RecordError:
            odd.append(field.name)
            if field.required and last:
                usable[field.name] = last[field.name]
            else:
                usable.pop(field.name, None)
    read(tuple(field for field in fields if field.name in IDENTITY), raw)
    complete = all(field.name in usable for field in fields if field.required)
    return (read(fields, usable) if complete else None), odd


def read_organisation(raw: object) -> Record:
    """The record of an organisation that `raw` holds. It is this program's own, so what it does not say is null."""
    return {name: None if value is UNKNOWN else value for name, value in read(ORGANISATION, raw).items()}


def pending(login: str, name: str) -> Record:
    """The record of an organisation that is listed and was never observed."""
    return read_organisation({"login": login, "name": name, "status": "pending", "reason": PENDING})


def known(record: Record) -> Record:
    """The fields of a record that are known: what stands on disk."""
    if UNKNOWN not in record.values():
        return record
    return {name: value for name, value in record.items() if value is not UNKNOWN}


def differences(old: Record, new: Record) -> list[str]:
    """The fields that have another value now. One that became known, or is no longer known, did not change."""
    return [
        name
        for name, value in new.items()
        if value != (before := old[name]) and value is not UNKNOWN and before is not UNKNOWN
    ]
