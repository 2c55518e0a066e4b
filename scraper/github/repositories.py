"""Fetch all public repositories of an account and validate them."""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from typing import Any

from requests.utils import parse_header_links

from scraper.errors import (
    LoginReassigned,
    Miscounted,
    NotFound,
    RecordError,
    RequestError,
    Unavailable,
)
from scraper.github import miscount
from scraper.github.client import GitHubApi
from scraper.github.listing import Listing, read_pages
from scraper.github.owners import (
    MOST_REPOSITORIES,
    AnonymousFallback,
    Owner,
    check_same_account,
    fetch_by_id,
    fetch_total,
)
from scraper.model.accounts import Account
from scraper.text import count

PER_PAGE = 100
LISTINGS = 3
LARGEST_LIST = 256 * 1024 * 1024
"""Characters in all pages of an account together: enough for 40,000 repositories."""
SPARE_PAGES = 10
"""Pages beyond GitHub's count, which may be some minutes old; a page may also contain fewer than it could."""


def fetch_repositories(api: GitHubApi, previous: Account, expected: Owner | None) -> tuple[Owner, Listing]:
    """The account and all its public repositories; `previous` is what the dataset has about it, `expected` what the
    pre-flight said. An account that is not found by its login is followed by its id.

    Raises a RequestError unless every page was valid and there were as many repositories as GitHub counts, apart from
    those that it never lists.
    """
    try:
        return _fetch(api, previous, expected)
    except (NotFound, LoginReassigned) as error:
        owner = fetch_by_id(api, previous.record["id"], error)
        if owner.login.casefold() == previous.listed_login.casefold():
            raise Unavailable("GitHub knows it by its id but not by its login.") from error
    return _fetch(api, replace(previous, listed_login=owner.login), owner)


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
            failure = Unavailable(f"GitHub's answer contains a record with an unexpected form: {error}.")
            continue
        found = len(listing.ids)
        owner = expected or seen_owner
        # Without a token nothing says how many there should be, and the pages alone do not prove that one vanished.
        gone = any(record["id"] not in listing.repositories for record in previous.repositories)
        if owner is None or (owner.total is None and (gone or not found or listing.nulls or unlisted or doubted)):
            owner = fetch_total(ask, previous.listed_login)
        check_same_account(previous, owner)
        missing = max(0, (owner.total or 0) - found)
        listing.counted, listing.unlisted = found + missing, missing
        mismatch = miscount.mismatch(listing.counted, listing.ids)
        if not missing or miscount.is_believed(f"{api.now():%Y-%m-%d}", mismatch, unlisted, doubted):
            return owner, listing
        failure = Miscounted(
            f"GitHub counts {count(listing.counted, 'public repository')}, but lists {found:,}.", mismatch
        )
        expected = fetch_total(ask, previous.listed_login)  # perhaps the count was old
    raise failure


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
    """Page after page, oldest repository first: those created in the meantime come last and displace nothing."""
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
        # A full page without a Link header may be one of many, because some proxies drop it.
        unsure = not links and len(answer.body) >= PER_PAGE and (total is None or len(seen) < total)
        if len(seen) == before or not (unsure or "next" in links):
            return
        page += 1
        size += answer.size
        if page > most or size > LARGEST_LIST:
            raise Unavailable(f"GitHub's list has no end: page {page - 1} refers to a further page.")
