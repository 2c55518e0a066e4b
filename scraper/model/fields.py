"""The fields: the one table with the name, type and meaning of each.

GitHub's answers, the JSON on disk, the SQLite columns, the data dictionary and the column descriptions in Datasette
all follow from these classes, which also give records their types. Names are GitHub's own.
"""

from dataclasses import dataclass, replace
from types import NoneType
from typing import Annotated, Any, TypedDict, Union, get_args, get_origin, get_type_hints

from scraper.errors import DeclarationError
from scraper.model.kinds import (
    VALIDATORS,
    Boolean,
    Fate,
    Ids,
    Integer,
    License,
    Mismatch,
    Selected,
    Status,
    Text,
    Times,
    Timestamp,
    Topics,
    Unknown,
)

ALWAYS_THERE = (
    *("id", "name", "full_name", "html_url", "fork", "created_at"),
    *("missing_since", "login", "status"),
)
"""Fields that every record has always had. Later fields are missing in what older versions wrote."""

Record = dict[str, object]
"""Every field of a table by name, in the order of the table."""


@dataclass(frozen=True, eq=False)
class Field:
    """What is declared about a field besides its name and type.

    `null` says what null means; a null without a meaning is read as UNKNOWN, which every field may be unless it is
    `required`. `free_text` is stored with e-mail addresses and telephone numbers masked. A field is not `news` if
    another field shows its changes better, or if they say nothing about the repository; if it `is_file`, it is gained
    and lost. `source` is the family in `health.FAMILY_NAMES` that asks for it, or empty if it comes another way, such
    as from the listing; `kind` is one of `kinds.VALIDATORS`.
    """

    meaning: str
    null: str = ""
    free_text: bool = False
    news: bool = True
    is_file: bool = False
    source: str = ""
    name: str = ""
    type: Any = None
    kind: str = ""
    required: bool = False

    @property
    def nullable(self) -> bool:
        """Whether null is a value, rather than unknown."""
        return bool(self.null)

    @property
    def explanation(self) -> str:
        """The meaning, including that of null."""
        return f"{self.meaning}; null: {self.null}" if self.null else self.meaning


class Repository(TypedDict):
    """Facts of a repository: they change seldom, and each change is news. One file an organisation."""

    id: Annotated[Integer, Field("GitHub's numeric id; it survives renames and transfers")]
    name: Annotated[Text, Field("Name of the repository within its organisation")]
    full_name: Annotated[Text, Field("Owner and name, as in OWNER/NAME", news=False)]
    html_url: Annotated[Text, Field("Address of the repository's page", news=False)]
    description: Annotated[Text | Unknown | None, Field("Its owners' description", null="none", free_text=True)]
    homepage: Annotated[
        Text | Unknown | None, Field("Address of its website, as its owners typed it", null="none", free_text=True)
    ]
    language: Annotated[
        Text | Unknown | None, Field("Main programming language by bytes, as GitHub detects it", null="none")
    ]
    license: Annotated[
        License | Unknown | None,
        Field("SPDX identifier of the licence; NOASSERTION: a licence GitHub cannot identify", null="none found"),
    ]
    topics: Annotated[Topics | Unknown, Field("Topics given by its owners, sorted")]
    fork: Annotated[Boolean, Field("1 if it is a fork of another repository")]
    archived: Annotated[Boolean | Unknown, Field("1 if its owners made it read-only")]
    disabled: Annotated[Boolean | Unknown, Field("1 if GitHub disabled it")]
    is_template: Annotated[Boolean | Unknown, Field("1 if new repositories can be made from it")]
    mirror_url: Annotated[
        Text | Unknown | None, Field("Address that it mirrors", null="it is not a mirror", free_text=True)
    ]
    default_branch: Annotated[Text | Unknown, Field("Name of its default branch", free_text=True)]
    created_at: Annotated[Timestamp, Field("When it was created on GitHub (UTC)")]
    has_issues: Annotated[Boolean | Unknown, Field("1 if issues are switched on")]
    has_projects: Annotated[Boolean | Unknown, Field("1 if projects are switched on")]
    has_wiki: Annotated[Boolean | Unknown, Field("1 if the wiki is switched on")]
    has_pages: Annotated[Boolean | Unknown, Field("1 if GitHub Pages publishes a site from it")]
    has_discussions: Annotated[Boolean | Unknown, Field("1 if discussions are switched on")]
    has_downloads: Annotated[Boolean | Unknown, Field("1 if downloads are switched on")]
    allow_forking: Annotated[Boolean | Unknown, Field("1 if it may be forked")]
    web_commit_signoff_required: Annotated[
        Boolean | Unknown, Field("1 if commits made on the web must be signed off")
    ]


class Metrics(TypedDict):
    """Counters of a repository. They change all the time, so they are kept apart from the facts."""

    id: Annotated[Integer, Field("GitHub's numeric id of the repository")]
    name: Annotated[Text, Field("Name of the repository, so that a diff shows which one a line is about")]
    stargazers_count: Annotated[Integer | Unknown, Field("Number of stars")]
    forks_count: Annotated[Integer | Unknown, Field("Number of forks")]
    open_issues_count: Annotated[
        Integer | Unknown, Field("Number of open issues and open pull requests together, as GitHub counts them")
    ]
    size: Annotated[Integer | Unknown, Field("Size of the repository in kilobytes, as GitHub reports it")]
    pushed_at: Annotated[
        Timestamp | Unknown | None,
        Field("When something was last pushed to any branch (UTC)", null="never"),
    ]


class Whereabouts(TypedDict):
    """What became of the repositories that an account no longer shows, by id. One file an organisation."""

    id: Annotated[Integer, Field("GitHub's numeric id of the repository")]
    name: Annotated[Text, Field("Name of the repository when last observed")]
    full_name: Annotated[Text, Field("Owner and name when last observed")]
    missing_since: Annotated[Timestamp, Field("When it was first missing from its account (UTC)")]
    whereabouts: Annotated[
        Fate | Unknown | None,
        Field(
            "moved: GitHub has it under another owner or name; not_public: private or deleted, which GitHub does not"
            " distinguish; blocked: GitHub blocks access to it; unlisted: it is still there, but GitHub does not list"
            " it",
            null="not looked up yet",
        ),
    ]
    moved_to: Annotated[
        Text | Unknown | None,
        Field("Owner and name under which GitHub has it", null="it did not move, or its owner asked to be forgotten"),
    ]
    owner_id: Annotated[
        Integer | Unknown | None,
        Field("GitHub's numeric id of the account that it moved to", null="it did not move"),
    ]
    blocked_for: Annotated[
        Text | Unknown | None, Field("Kind of reason that GitHub gives for blocking it", null="it is not blocked")
    ]
    checked_at: Annotated[Timestamp | Unknown | None, Field("When it was last looked up (UTC)", null="never")]


class Organisation(TypedDict):
    """One record for each listed organisation. This program writes it, so nothing in it is unknown."""

    id: Annotated[
        Integer | None, Field("GitHub's numeric id of the account; it survives renames", null="not observed yet")
    ]
    login: Annotated[Text, Field("Login of the account on GitHub, in GitHub's own spelling once observed")]
    name: Annotated[Text, Field("Display name, from organisations.yml")]
    type: Annotated[Text | None, Field("Kind of account: Organization or User", null="not observed yet")]
    repositories: Annotated[
        Integer | None,
        Field("Number of public repositories, forks included, when last observed", null="not observed yet"),
    ]
    status: Annotated[
        Status,
        Field(
            "ok: observed; kept: the last observation failed, so the last good data are kept; not_found: GitHub has"
            " no such account; gone: it has had none for several days, so its repositories are no longer public;"
            " replaced: the login now belongs to another account; pending: not observed yet"
        ),
    ]
    reason: Annotated[
        Text | None,
        Field(
            "Why the status is not ok, in a sentence; or the new login of an account that GitHub renamed",
            null="there is nothing to say",
        ),
    ]
    observed_at: Annotated[
        Timestamp | None,
        Field("When its repositories were last observed completely (UTC): the date of the data", null="never"),
    ]
    excluded: Annotated[
        Ids | None,
        Field(
            "GitHub's ids of the repositories that the list excluded when it was last observed: they are in no file"
            " or count, and excluding or including them is not an event",
            null="none",
        ),
    ]
    selected: Annotated[
        Selected | None,
        Field(
            "The repositories that the list names one by one, each with GitHub's id, or null if it has not been"
            " found; the account's other repositories are neither observed nor counted",
            null="all its public repositories are observed",
        ),
    ]
    unlisted: Annotated[
        Integer | None,
        Field(
            "Number of public repositories that GitHub has counted but not listed, the same on several days",
            null="none known",
        ),
    ]
    missing: Annotated[
        Times | None,
        Field(
            "Observations in which the account was found neither by its login nor by its id, although GitHub showed"
            " others; at most three, on different days (UTC)",
            null="it was found when last asked",
        ),
    ]
    mismatch: Annotated[
        Mismatch | None,
        Field(
            "What GitHub counted and listed when the two did not match, a digest of the listed ids, and the days on"
            " which this was the same: the list is believed only after several. If listed is 0, so many known"
            " repositories were missing and could not be looked up, and the digest is of their ids",
            null="they matched when last asked",
        ),
    ]


def fields_of(table: type) -> tuple[Field, ...]:
    """The fields of a class such as those above, in order. Raises DeclarationError if one lacks something."""
    return tuple(_field(table, name, hint) for name, hint in get_type_hints(table, include_extras=True).items())


def _field(table: type, name: str, hint: Any) -> Field:
    *markers, field = getattr(hint, "__metadata__", (None,))
    declared = getattr(hint, "__origin__", hint)
    alternatives = get_args(declared) if get_origin(declared) is Union else (declared,)
    marked: list[Any] = [markers, *(getattr(each, "__metadata__", ()) for each in alternatives)]
    kind: Any = next((each[-1] for each in marked if each), None)
    can_be_null = NoneType in alternatives
    required = not can_be_null and Unknown not in alternatives
    match field:
        case Field() if kind is None:
            mistake = (
                "has none of the kinds in scraper/model/kinds.py: write Text, Integer or another of them instead of"
                " Python's own type"
            )
        case Field() if kind not in VALIDATORS:
            mistake = f"has the kind {kind!r}, which VALIDATORS in scraper/model/kinds.py does not know: add it there"
        case Field() if can_be_null and not field.nullable:
            mistake = 'can be None, but nothing says what null means: add null="..." to its Field, or remove None'
        case Field() if field.nullable and not can_be_null:
            mistake = 'says what null means, but cannot be None: add `| None` to its type, or remove null="..."'
        case Field() if required and name not in ALWAYS_THERE:
            mistake = "cannot be unknown, although older datasets lack it: add `| Unknown` to its type"
        case Field():
            type_ = Annotated[declared, *markers] if markers else declared
            return replace(field, name=name, type=type_, kind=kind, required=required)
        case _:
            mistake = 'has no Field(...): write it as Annotated[Text | Unknown, Field("What it means")]'
    file = f"{table.__module__.replace('.', '/')}.py"
    raise DeclarationError(f"{file}: the field {name} of {table.__name__} {mistake}.")


REPOSITORY, METRICS, WHEREABOUTS, ORGANISATION = (
    fields_of(table) for table in (Repository, Metrics, Whereabouts, Organisation)
)
