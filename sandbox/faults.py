"""What can go wrong, by name, and when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from re import fullmatch

from sandbox import error_faults, id_faults, payload_faults
from sandbox.fault_context import Strike
from sandbox.responses import Answer
from sandbox.rest import Ask
from sandbox.world import World

Usual = Callable[[World], Answer]
Act = Callable[[Strike, World], Answer]


@dataclass(frozen=True)
class Kind:
    """A fault: what it means, what it does, which requests it may strike, and its own options."""

    meaning: str
    act: Act
    where: tuple[str, ...] = ("rest",)
    lists: bool = False  # only lists of repositories
    ids: bool | None = None  # only repositories asked by id; or all but those
    options: tuple[str, ...] = ()


def _by_id(meaning: str, act: Act) -> Kind:
    return Kind(f"{meaning}, for one in every=N, or all", act, ("rest", "graphql"), ids=True, options=("every",))


def _nodes(meaning: str, act: Act, *options: str) -> Kind:
    return Kind(meaning, act, ("graphql",), ids=True, options=options)


def _list(meaning: str, act: Act, *options: str, where: tuple[str, ...] = ("rest",)) -> Kind:
    return Kind(meaning, act, where, "graphql" not in where, options=options)


FAULTS: dict[str, Kind] = {
    "primary-limit": Kind("403 with nothing remaining, reset in SECONDS", error_faults.primary_limit),
    "secondary-limit": Kind(
        "403 with GitHub's message, and no header that says how long", error_faults.secondary_limit
    ),
    "retry-after": Kind("403 with Retry-After: SECONDS", error_faults.retry_after),
    "too-many-requests": Kind("429 without Retry-After", error_faults.too_many_requests),
    "graphql-rate-limit": Kind(
        "200 with an error RATE_LIMITED (or kind=RATE_LIMIT)",
        error_faults.graphql_rate_limit,
        ("graphql",),
        options=("kind",),
    ),
    "graphql-partial": Kind("200 with one owner null, and an error", error_faults.graphql_partial, ("graphql",)),
    "server-error": Kind("status=500, 502, 503 or 504", error_faults.server_error, options=("status",)),
    "reset": Kind("the connection is reset before any header", partial(payload_faults.wire, "reset")),
    "no-answer": Kind(
        "no answer, for SECONDS or until the caller gives up", partial(payload_faults.wire, "no-answer")
    ),
    "truncated": Kind(
        "the connection is closed in the middle of the body", partial(payload_faults.wire, "truncated")
    ),
    "stall": Kind(
        "silence in the middle of the body, for SECONDS or for ever", partial(payload_faults.wire, "stall")
    ),
    "cut-json": Kind("JSON that ends too early, with the announced length", payload_faults.cut_json),
    "html": Kind("200 with a page of HTML", payload_faults.html),
    "object": Kind("200 with an object instead of a list", payload_faults.an_object),
    "empty": Kind("200 with no body at all", payload_faults.empty),
    "redirect": Kind(
        "status=301, 302, 307 or 308 to the same resource, or to=URL",
        payload_faults.redirect,
        options=("status", "to"),
    ),
    "no-link": _list("the Link header is missing", payload_faults.no_link),
    "not-modified": Kind("304 although the request was not conditional", payload_faults.not_modified),
    "accepted": Kind("202 with an empty object, for ever", payload_faults.accepted),
    "not-found": Kind("404", error_faults.not_found),
    "suspended": Kind("the account is gone: 404, and null in GraphQL", payload_faults.suspended, ("rest", "graphql")),
    "ip-allow-list": Kind("403 for tokens, because of the organization's IP allow list", error_faults.ip_allow_list),
    "saml": Kind("403 for tokens, because of the organization's SAML enforcement", error_faults.saml),
    "bad-credentials": Kind("401", error_faults.bad_credentials, ("rest", "graphql")),
    "blocked": Kind("451, blocked for legal reasons", error_faults.blocked),
    "drift": _list(
        "from page 2 on, a repository is new at the front or, with how=removed, one is gone",
        payload_faults.drift,
        "how",
    ),
    "short": _list("one record is missing from the page, although the totals count it", payload_faults.short),
    "empty-list": _list("200 with [] although there are repositories", payload_faults.empty_list),
    "cut-list": Kind(
        "lists and counts both end after keep= (100) repositories",
        payload_faults.cut_list,
        ("rest", "graphql"),
        ids=False,
        options=("keep",),
    ),
    "lost-id": _by_id("a repository asked for by id is not found, although it exists", id_faults.lost_id),
    "refused-id": _by_id("a repository asked for by id is refused with 403", id_faults.refused_id),
    "other-id": _by_id("a repository asked for by id is answered with another one", id_faults.other_id),
    "gone-id": _nodes("a repository asked for by id is null, with an error NOT_FOUND", id_faults.gone_id, "every"),
    "forbidden-id": _nodes(
        "a repository asked for by id is null, because of SAML enforcement", id_faults.forbidden_id, "every"
    ),
    "null-fields-of-id": _nodes("all fields but the id are null, without an error", id_faults.null_fields, "every"),
    "null-leaves-of-id": _nodes("null inside all fields, without an error", id_faults.null_leaves, "every"),
    "resource-limits": _nodes(
        "200 with RESOURCE_LIMITS_EXCEEDED: of the ids above=N (10), only parts", id_faults.resource_limits, "above"
    ),
    "too-many-ids": _nodes(
        "status=502 (or 504) for more than above=N (10) ids at once", id_faults.too_many_ids, "above", "status"
    ),
    "stubborn-id": _nodes(
        "status=502 (or 504) wherever such an id is asked for", id_faults.stubborn_id, "every", "status"
    ),
    "short-nodes": _nodes("the last of the nodes is missing", id_faults.short_nodes),
    "shuffled-nodes": _nodes("the nodes come in a different order", id_faults.shuffled_nodes),
    "odd-value": _nodes("each field= (totalCount) is value= (-1)", id_faults.odd_value, "field", "value"),
    "huge-tree": _nodes(
        "a directory with 100,000 more entries, in one of every=N (97)", id_faults.huge_tree, "every"
    ),
    "hostile-names": _nodes(
        f"tags, languages and files attack, in turn or as text={'|'.join(id_faults.TEXTS)}",
        id_faults.hostile_names,
        "every",
        "text",
    ),
    "duplicate": _list("the last record comes again on the next page", payload_faults.duplicate),
    "claimed": Kind(
        "the login belongs to another id with other repositories", payload_faults.claimed, ("rest", "graphql")
    ),
    "private": _list("a record says private: true", payload_faults.private),
    "null-record": _list("null instead of a record", payload_faults.null_record),
    "null-fields": _list("owner, license and pushed_at of a record are null", payload_faults.null_fields),
    "missing-field": _list("a record lacks field= (default pushed_at)", payload_faults.missing_field, "field"),
    "wrong-type": _list(
        "a record's field= (stargazers_count) is value= (many)", payload_faults.wrong_type, "field", "value"
    ),
    "odd-count": Kind(
        "GitHub's count of the repositories is value= (-1)",
        payload_faults.odd_count,
        ("rest", "graphql"),
        options=("value",),
    ),
    "odd-owner": Kind(
        "field= (login) of the account is value= (-1)",
        payload_faults.odd_owner,
        ("rest", "graphql"),
        options=("field", "value"),
    ),
    "endless-pages": _list("every page has a new repository and names a next page", payload_faults.endless_pages),
    "extra-field": _list("every record has an unknown field", payload_faults.extra_field),
    "invalid-utf8": _list("a description is not UTF-8", payload_faults.invalid_utf8),
    "lone-surrogate": _list("a description contains half a character: \\ud800", payload_faults.lone_surrogate),
    "hostile-text": _list("a description attacks logs, shells, pages and spreadsheets", payload_faults.hostile_text),
    "huge-text": _list("a description of 1 MB", payload_faults.huge_text),
    "clock-skew": Kind(
        "Date and reset are SECONDS ahead (if negative, behind)", payload_faults.clock_skew, ("rest", "graphql")
    ),
}
COMMON = ("login", "page", "times", "seconds", "path", "asks")
ALLOWED = {  # options that do not accept every text
    "page": "[0-9]{1,9}",
    "times": "[0-9]{1,9}",
    "every": "[1-9][0-9]{0,8}",
    "keep": "[0-9]{1,9}",
    "above": "[0-9]{1,9}",
    "text": "|".join(id_faults.TEXTS),
    "seconds": r"-?[0-9]{1,9}(\.[0-9]+)?",
    "path": "rest|graphql",
    "kind": "RATE_LIMITED|RATE_LIMIT",
    "how": "created|removed",
    "status": "500|502|503|504|301|302|307|308",
}


class FaultError(ValueError):
    """This fault or option does not exist."""


@dataclass
class Fault:
    """One requested fault: `Fault("reset", {"login": "nhsx", "times": "2"})`. `struck` counts its occurrences."""

    name: str
    options: dict[str, str] = field(default_factory=dict)
    struck: int = 0

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise FaultError(f"there is no fault {self.name!r}; the faults are {', '.join(sorted(FAULTS))}")
        known = COMMON + FAULTS[self.name].options
        for key, value in self.options.items():
            if key not in known:
                raise FaultError(f"{self.name} has no option {key!r}; it takes {', '.join(known)}")
            if not fullmatch(ALLOWED.get(key, ".+"), value):
                raise FaultError(f"{self.name}: {key}={value} makes no sense")

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """NAME or NAME:key=value,key=value."""
        name, _, rest = text.partition(":")
        pairs = [pair.partition("=") for pair in rest.split(",") if pair]
        if wrong := next((key for key, equals, _ in pairs if not equals), None):
            raise FaultError(f"{text}: expected key=value, not {wrong!r}")
        return cls(name, {key: value for key, _, value in pairs})

    def strike(self, how: Strike, world: World) -> Answer:
        self.struck += 1
        return FAULTS[self.name].act(how, world)

    def strikes(self, ask: Ask) -> bool:
        kind, options = FAULTS[self.name], self.options
        place = "graphql" if ask.is_graphql else "rest"
        if ask.path == "/rate_limit" or place not in ((options["path"],) if "path" in options else kind.where):
            return False
        if kind.ids is not None and kind.ids != ask.is_by_id:
            return False
        if "asks" in options and options["asks"].encode() not in ask.payload:
            return False
        if "times" in options and self.struck >= int(options["times"]):
            return False
        if place == "graphql":
            return True  # asks for many accounts at once; `login` says which one is affected
        is_list = ask.path.endswith("/repos")
        if not is_list and (kind.lists or "page" in options):
            return False
        if "page" in options and int(options["page"]) != ask.page:
            return False
        login = ask.account.login if ask.account else ask.segments.get("login", "")
        return "login" not in options or options["login"].lower() == login.lower()


def arrange(ask: Ask, faults: Sequence[Fault], truth: Usual) -> Usual:
    """Put all the faults that strike this request in front of the truth, the first one outermost."""
    said = truth
    for fault in reversed(faults):
        if fault.strikes(ask):
            said = partial(fault.strike, Strike(ask, fault.options, said))
    return said
