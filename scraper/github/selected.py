"""Fetch single repositories that the list names; the owner's others are not observed.

A repository that was found before is asked for by its id: names can pass to others, ids cannot. It is believed to be
gone only once GitHub has said so on several days, while it knew the owner.
"""

from collections.abc import Sequence
from typing import Any

from scraper.errors import LoginReassigned, Miscounted, NotFound, RecordError, Unavailable
from scraper.github import miscount
from scraper.github.client import GitHubApi
from scraper.github.listing import Listing, read_pages
from scraper.github.owners import AnonymousFallback, Owner, check_same_account, fetch_by_id, fetch_total
from scraper.model.accounts import Account


def fetch_selected(api: GitHubApi, previous: Account, names: Sequence[str]) -> tuple[Owner, Listing]:
    """The owner and its repositories with these names; `previous` is what the dataset has about it.

    Raises a RequestError unless every answer was valid.
    """
    ask = AnonymousFallback(api)
    held = previous.by_id("repositories")
    try:
        owner = fetch_total(ask, previous.listed_login)
        check_same_account(previous, owner)
    except (NotFound, LoginReassigned) as error:
        owner = fetch_by_id(api, previous.record["id"], error)
    login = owner.login if owner.login.casefold() != previous.listed_login.casefold() else previous.listed_login
    before = _ids_by_name(previous)
    selected: dict[str, int | None] = {}
    found, remarks, missing = [], [], []
    for name in names:
        id_ = before.get(name.casefold())
        raw = _public(ask, f"/repositories/{id_}") if id_ else None
        if raw is None:
            if id_ in held:
                missing.append(f"{login}/{name}")
            raw = _public(ask, f"/repos/{login}/{name}")
        selected[name] = raw["id"] if raw else id_
        if raw is None:
            remarks.append(f"GitHub has no public repository {login}/{name}.")
        elif raw["full_name"].casefold() != f"{owner.login}/{name}".casefold():
            remarks.append(
                f"{login}/{name} is now called {raw['full_name'][:200]} on GitHub: list it under that name."
            )
        if raw and raw["owner"]["id"] == owner.id:
            found.append(raw)
    if missing:
        mismatch = miscount.mismatch(len(found) + len(missing), (raw["id"] for raw in found))
        if not miscount.is_settled(f"{api.now():%Y-%m-%d}", mismatch, previous.record["mismatch"]):
            raise Miscounted(f"GitHub cannot find {', '.join(missing)}.", mismatch)
    elif not any(selected.values()):
        raise NotFound(" ".join(remarks))
    try:
        _, listing = read_pages(iter([found]), previous)
    except RecordError as error:
        raise Unavailable(f"GitHub's answer contains a record with an unexpected form: {error}.") from None
    listing.selected, listing.remarks = selected, remarks
    return owner, listing


def _ids_by_name(previous: Account) -> dict[str, int]:
    """GitHub's ids of the repositories that were found before, by their casefolded names in the list or on GitHub."""
    ids = {str(record["name"]).casefold(): id_ for id_, record in previous.by_id("repositories").items()}
    selected = previous.record["selected"] or {}
    return ids | {name.casefold(): id_ for name, id_ in selected.items() if id_}


def _public(ask: AnonymousFallback, path: str) -> dict[str, Any] | None:
    """The repository at a path; None if there is none, or if it is not public."""
    try:
        raw = ask.get(path, {}, dict).body
    except NotFound:
        return None
    match raw:
        case {"id": int(id_), "full_name": str(), "owner": {"id": int()}} if id_ > 0:
            return None if raw.get("private") or raw.get("visibility") not in (None, "public") else raw
    raise Unavailable("GitHub's answer about the repository has an unexpected form.")
