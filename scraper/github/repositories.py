"""Fetch all public repositories of an account and validate them."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from requests.utils import parse_header_links

from scraper.config import LOGIN
from scraper.errors import (
    AccessDenied,
    Ended,
    LoginReassigned,
    Miscounted,
    NotFound,
    RecordError,
    RequestError,
    Unavailable,
)
from scraper.github import miscount
from scraper.github.client import Answer, GitHubApi
from scraper.model.accounts import Account
from scraper.model.fields import METRICS, REPOSITORY, Field, Record
from scraper.model.records import read, receive

PER_PAGE = 100
LISTINGS = 3
OWNERS_PER_QUERY = 50
MOST_REPOSITORIES = 100_000
"""More than any account is known to have: a count above it is none, and no list is read any further."""
LARGEST_LIST = 256 * 1024 * 1024
"""Characters in all pages of an account together: what 40,000 repositories take."""
LONGEST_LISTING = 1_200.0
"""Seconds for all answers about an account, besides `max_wait`: 100 pages at 12 s each."""
SPARE_PAGES = 10
"""Pages beyond what GitHub counted: its count may be some minutes old, and a page may hold fewer than it could."""
TYPE = re.compile("[A-Za-z]{1,40}")


@dataclass(frozen=True)
class Owner:
    """An account as GitHub describes it; `total` counts its public repositories, forks included, or is unknown."""

    id: int
    login: str
    type: str
    total: int | None = None


@dataclass
class Listing:
    """An account's public repositories by id, and how many records were odd.

    `nulls` are empty entries and `private` repositories that are not public, both passed over; `bare` came without
    their owner or the date of their last push, `damaged` have text that was not valid Unicode. `odd` counts values of
    a wrong kind by field; repositories that cannot be recorded because of one are `unusable`. `counted` is GitHub's
    own count, and `unlisted` how many of them it is known not to list. `excluded` are the ids of those that the list
    leaves out; `selected` the ids of those that it names one by one, by name, and `remarks` what a person should know
    of these.
    """

    repositories: dict[int, Record] = field(default_factory=dict)
    metrics: dict[int, Record] = field(default_factory=dict)
    nulls: int = 0
    private: int = 0
    bare: int = 0
    damaged: int = 0
    odd: Counter[str] = field(default_factory=Counter)
    unusable: set[int] = field(default_factory=set)
    counted: int = 0
    unlisted: int = 0
    excluded: set[int] = field(default_factory=set)
    selected: dict[str, int | None] | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def ids(self) -> Set[int]:
        return self.repositories.keys() | self.unusable

    def leave_out(self, ids: Set[int]) -> None:
        """Drop the repositories with these ids."""
        for part in (self.repositories, self.metrics):
            for id_ in part.keys() & ids:
                del part[id_]

    def exclude(self, excludes: Callable[[str], bool]) -> None:
        """Leave out the repositories whose names `excludes` says yes to."""
        self.excluded = {id_ for id_, record in self.repositories.items() if excludes(str(record["name"]))}
        self.leave_out(self.excluded)

    def warnings(self) -> tuple[str, ...]:
        """What was odd, in words."""
        said = (
            (self.nulls, "empty entries in GitHub's list were passed over."),
            (self.private, "repositories that are not public were passed over."),
            (self.bare, "repositories came without an owner or a date of the last push."),
            (self.damaged, "repositories have text that is not valid Unicode."),
            (len(self.unusable), "new repositories were passed over, because a value in them is of a wrong kind."),
            *((count, f"repositories have a {name} of a wrong kind.") for name, count in sorted(self.odd.items())),
        )
        odd = (*self.remarks, *(f"{count} {what}" for count, what in said if count))
        return (miscount.warning(self.counted, self.unlisted), *odd) if self.unlisted else odd


def preflight(api: GitHubApi, logins: Sequence[str]) -> dict[str, Owner]:
    """What GraphQL knows of these accounts, by login casefolded: one query for 50. Needs a token.

    An account that is missing here may exist all the same: where one refuses the token, GraphQL answers in part.
    """
    expected = {}
    for start in range(0, len(logins), OWNERS_PER_QUERY):
        batch = logins[start : start + OWNERS_PER_QUERY]
        data = api.graphql(_query(len(batch)), {f"login{n}": login for n, login in enumerate(batch)})
        for n, login in enumerate(batch):
            match data.get(f"owner{n}"):
                case {
                    "databaseId": id_,
                    "login": spelling,
                    "__typename": type_,
                    "repositories": {"totalCount": total},
                }:
                    owner = _owner({"id": id_, "login": spelling, "type": type_}, total)
                    if owner and owner.total is not None:
                        expected[login.casefold()] = owner
    return expected


def _query(owners: int) -> str:
    variables = ", ".join(f"$login{n}: String!" for n in range(owners))
    fields = "\n".join(f"  owner{n}: repositoryOwner(login: $login{n}) {{ ...account }}" for n in range(owners))
    return f"""query ({variables}) {{
{fields}
}}
fragment account on RepositoryOwner {{
  __typename
  login
  ... on Organization {{ databaseId }}
  ... on User {{ databaseId }}
  repositories(privacy: PUBLIC, ownerAffiliations: OWNER) {{ totalCount }}
}}"""


def fetch_repositories(api: GitHubApi, previous: Account, expected: Owner | None) -> tuple[Owner, Listing]:
    """The account and all its public repositories; `previous` is what the dataset has of it, `expected` what
    the pre-flight said. One that is not found by its login is followed by its id.

    Raises a RequestError unless every page was valid and as many repositories came as GitHub counts, or all but those
    that it never lists.
    """
    try:
        return _fetch(api, previous, expected)
    except (NotFound, LoginReassigned) as error:
        owner = _fetch_by_id(api, previous.record["id"], error)
        if owner.login.casefold() == previous.listed_login.casefold():
            raise Unavailable("GitHub knows it by its id, and not by its login.") from error
    return _fetch(api, replace(previous, listed_login=owner.login), owner)


def _fetch_by_id(api: GitHubApi, id_: object, error: RequestError) -> Owner:
    """The account that was observed before, whatever it is called now. Raises `error` if it never was."""
    if id_ is None:
        raise error
    try:
        body = AnonymousFallback(api).get(f"/user/{id_}", {}, dict).body
    except NotFound:
        raise Ended(str(error), claimed=isinstance(error, LoginReassigned)) from error
    owner = _owner(body, body.get("public_repos"))
    if owner is None or owner.id != id_:
        raise Unavailable("GitHub's answer about the account has a wrong shape.")
    return owner


def _fetch(api: GitHubApi, previous: Account, expected: Owner | None) -> tuple[Owner, Listing]:
    ask = AnonymousFallback(api)
    failure = RequestError("It was never asked for.")
    unlisted, doubted = int(str(previous.record["unlisted"] or 0)), previous.record["mismatch"]
    for _ in range(LISTINGS):
        if expected:
            check_same_account(previous, expected)
        try:
            seen_owner, listing = _listed(ask, previous, expected)
        except RecordError as error:
            failure = Unavailable(f"GitHub's answer holds a record of a wrong shape: {error}.")
            continue
        found = len(listing.ids)
        owner = expected or seen_owner
        # Without a token nothing says how many there should be. That one vanished is not believed of the pages alone.
        gone = any(record["id"] not in listing.repositories for record in previous.repositories)
        if owner is None or (owner.total is None and (gone or not found or listing.nulls or unlisted or doubted)):
            owner = fetch_total(ask, previous.listed_login)
        check_same_account(previous, owner)
        missing = max(0, (owner.total or 0) - found)
        listing.counted, listing.unlisted = found + missing, missing
        mismatch = miscount.mismatch(listing.counted, listing.ids)
        if not missing or miscount.is_believed(f"{api.now():%Y-%m-%d}", mismatch, unlisted, doubted):
            return owner, listing
        failure = Miscounted(f"GitHub counts {owner.total} public repositories, but lists {found}.", mismatch)
        expected = fetch_total(ask, previous.listed_login)  # it may be the count that was old
    raise failure


class AnonymousFallback:
    """Asks with the token, and without it once refused: what is public, an organisation shows to anyone.

    It gives up on an account after some time: a server may be slow with every page.
    """

    def __init__(self, api: GitHubApi) -> None:
        self._api = api
        self._until = time.monotonic() + LONGEST_LISTING + api.max_wait
        self._anonymous = False

    def get(self, path: str, parameters: dict[str, Any], expected: type) -> Answer:
        try:
            return self._ask(path, parameters, expected)
        except AccessDenied:
            if self._anonymous or not self._api.has_token:
                raise
            self._anonymous = True
            return self._ask(path, parameters, expected)

    def _ask(self, path: str, parameters: dict[str, Any], expected: type) -> Answer:
        return self._api.get(path, parameters, expected, anonymous=self._anonymous, until=self._until)


def check_same_account(previous: Account, owner: Owner) -> None:
    if previous.record["id"] not in (None, owner.id):
        raise LoginReassigned(
            f"The login {previous.listed_login} belongs to another account now (id {owner.id},"
            f" formerly {previous.record['id']}): list the former one under its new login, or leave"
            " it out for one run to begin anew with the other."
        )


def _listed(ask: AnonymousFallback, previous: Account, expected: Owner | None) -> tuple[Owner | None, Listing]:
    login = previous.listed_login
    kind = expected.type if expected else previous.record["type"]
    total = expected.total if expected else None
    of_organisation, of_user = (f"/orgs/{login}/repos", "public"), (f"/users/{login}/repos", "owner")
    if kind == "User":
        return read_pages(_pages(ask, *of_user, total), previous)
    try:
        return read_pages(_pages(ask, *of_organisation, total), previous)
    except NotFound:
        return read_pages(_pages(ask, *of_user, total), previous)


def _pages(ask: AnonymousFallback, path: str, type_: str, total: int | None) -> Iterator[list[Any]]:
    """Page after page, oldest repository first: what is created meanwhile comes last and displaces nothing."""
    parameters = {"type": type_, "sort": "created", "direction": "asc", "per_page": PER_PAGE}
    seen: set[object] = set()
    page, size = 1, 0
    most = ceil((MOST_REPOSITORIES if total is None else total) / PER_PAGE) + SPARE_PAGES
    while True:
        answer = ask.get(path, parameters | {"page": page}, list)
        yield answer.body
        before = len(seen)
        seen.update(raw["id"] for raw in answer.body if isinstance(raw, dict) and type(raw.get("id")) is int)
        links = {link.get("rel") for link in parse_header_links(answer.headers.get("link", ""))}
        # A full page without a Link header may be one of many: some proxies drop it.
        unsure = not links and len(answer.body) >= PER_PAGE and (total is None or len(seen) < total)
        if len(seen) == before or not (unsure or "next" in links):
            return
        page += 1
        size += answer.size
        if page > most or size > LARGEST_LIST:
            raise Unavailable(f"GitHub's list does not end: page {page - 1} names a next one.")


def read_pages(pages: Iterator[list[Any]], previous: Account) -> tuple[Owner | None, Listing]:
    """Read each page as it comes, so that no more than one raw page is held. Raises RecordError."""
    owner, listing = None, Listing()
    held, counted = previous.by_id("repositories"), previous.by_id("metrics")
    for raw in (raw for page in pages for raw in page):
        if raw is None:
            listing.nulls += 1
            continue
        try:
            facts, metrics = _received(REPOSITORY, raw, held, listing), _received(METRICS, raw, counted, listing)
        except RecordError as error:
            name = raw.get("full_name") if isinstance(raw, dict) else None
            raise RecordError(f"{name[:100]!r}: {error}" if isinstance(name, str) else str(error)) from None
        # A token may see more than the public does. It must never get into the dataset.
        if raw.get("private") or raw.get("visibility") not in (None, "public"):
            listing.private += 1
            continue
        if facts is None or metrics is None:
            listing.unusable.add(raw["id"])
            continue
        listing.damaged += any("\ufffd" in value for value in facts.values() if isinstance(value, str))
        listing.bare += raw.get("owner") is None or not metrics["pushed_at"]
        owner = owner or _owner(raw.get("owner"))
        listing.repositories[raw["id"]] = facts
        listing.metrics[raw["id"]] = metrics
    return owner, listing


def _received(fields: tuple[Field, ...], raw: Any, held: Mapping[int, Record], listing: Listing) -> Record | None:
    try:
        return read(fields, raw)
    except RecordError:
        if not isinstance(raw, dict) or type(raw.get("id")) is not int:
            raise
    record, odd = receive(fields, raw, held.get(raw["id"]))
    listing.odd += Counter(odd)
    return record


def _owner(raw: object, total: object = None) -> Owner | None:
    """The account, if all that identifies it is what GitHub could have given out."""
    match raw:
        case {"id": int(id_), "login": str(login), "type": str(type_)} if (
            0 < id_ < 2**53 and type(id_) is int and LOGIN.fullmatch(login) and TYPE.fullmatch(type_)
        ):
            counted = type(total) is int and 0 <= total <= MOST_REPOSITORIES
            return Owner(id_, login, type_, total if counted else None)  # type: ignore[arg-type]
    return None


def fetch_total(ask: AnonymousFallback, login: str) -> Owner:
    """The account and its count of public repositories, in one request that lists none of them."""
    body = ask.get(f"/users/{login}", {}, dict).body
    owner = _owner(body, body.get("public_repos"))
    if owner is None or owner.total is None:
        raise Unavailable("GitHub's answer about the account has a wrong shape.")
    return owner
