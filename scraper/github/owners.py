"""Accounts as GitHub describes them: who they are, and how many public repositories they have."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scraper.config import LOGIN
from scraper.errors import AccessDenied, Ended, LoginReassigned, NotFound, RequestError, Unavailable
from scraper.github.client import Answer, GitHubApi
from scraper.model.accounts import Account

OWNERS_PER_QUERY = 50
MOST_REPOSITORIES = 100_000
"""More than any known account has: higher counts are ignored, and lists are read no further."""
LONGEST_LISTING = 1_200.0
"""Seconds for all answers about an account, not counting `max_wait`: 100 pages at 12 s each."""
TYPE = re.compile("[A-Za-z]{1,40}")


@dataclass(frozen=True)
class Owner:
    """An account as GitHub describes it; `total` counts its public repositories, forks included, or is unknown."""

    id: int
    login: str
    type: str
    total: int | None = None


def preflight(api: GitHubApi, logins: Sequence[str]) -> dict[str, Owner]:
    """What GraphQL knows about these accounts, by casefolded login: one query for 50. Needs a token.

    An account that is missing here may still exist: if one refuses the token, GraphQL gives only a partial answer.
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
                    owner = read_owner({"id": id_, "login": spelling, "type": type_}, total)
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


def fetch_by_id(api: GitHubApi, id_: object, error: RequestError) -> Owner:
    """The account that was observed before, under its present name. Raises `error` if there was none."""
    if id_ is None:
        raise error
    try:
        body = AnonymousFallback(api).get(f"/user/{id_}", {}, dict).body
    except NotFound:
        raise Ended(str(error), claimed=isinstance(error, LoginReassigned)) from error
    owner = read_owner(body, body.get("public_repos"))
    if owner is None or owner.id != id_:
        raise Unavailable("GitHub's answer about the account has an unexpected form.")
    return owner


class AnonymousFallback:
    """Asks with the token or, once it is refused, without: organisations show anyone what is public.

    It gives up on an account after some time, because a server may be slow with every page.
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
            f"The login {previous.listed_login} now belongs to another account (id {owner.id},"
            f" formerly {previous.record['id']}): list the former account under its new login, or leave"
            " it out for one run to start again with the new account."
        )


def read_owner(raw: object, total: object = None) -> Owner | None:
    """The account, if its id, login and type could be GitHub's."""
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
    owner = read_owner(body, body.get("public_repos"))
    if owner is None or owner.total is None:
        raise Unavailable("GitHub's answer about the account has an unexpected form.")
    return owner
