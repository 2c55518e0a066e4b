"""Find repositories that an account no longer lists, by numeric id, which survives every move.

GitHub answers 404 for private and for deleted repositories, and during an outage perhaps for all. A repository is
believed not to be public only if another one, which is listed, is found by its id in the same way.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from scraper.config import LOGIN
from scraper.errors import AccessDenied, Blocked, NotFound, RateLimited, RequestError
from scraper.github.client import GitHubApi
from scraper.github.owners import AnonymousFallback, read_owner

GHOST = "ghost"
"""The account to which every GitHub attributes what deleted ones wrote: if it is found, GitHub can find accounts."""
NODES_PER_QUERY = 100
MANY = 1_000_000
PATIENCE = 3
"""After so many requests in a row without an answer, this run asks no more."""
NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
QUERY = """query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on Repository {
      databaseId
      nameWithOwner
      visibility
      owner { ... on Organization { databaseId } ... on User { databaseId } }
    }
  }
}"""


@dataclass(frozen=True)
class Found:
    """What GitHub says about a repository; for a public one, its `full_name` and the id of its `owner`."""

    fate: Literal["public", "not_public", "blocked"]
    full_name: str | None = None
    owner: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Ghost:
    """The account GHOST on a GitHub server, and the host of its pages."""

    id: int
    host: str


def find_ghost(api: GitHubApi) -> Ghost | None:
    """The ghost of this GitHub, if it can be found."""
    try:
        body = AnonymousFallback(api).get(f"/users/{GHOST}", {}, dict).body
    except RequestError:
        return None
    owner, host = read_owner(body), host_of(body.get("html_url"))
    return Ghost(owner.id, host) if owner and owner.login == GHOST and host else None


def host_of(url: object) -> str | None:
    """The host in the address of a page, if there is one."""
    try:
        return urlsplit(url).netloc.casefold() or None if isinstance(url, str) else None
    except ValueError:
        return None


def look_up(
    api: GitHubApi, ids: Sequence[int], controls: Sequence[str], budget: int, workers: int
) -> tuple[dict[int, Found], bool]:
    """What became of these repositories, by id, and whether GitHub can be believed: not if it finds none of
    `controls`.

    What became of a repository that is missing in the result is unknown.

    At most the first `budget` of them are asked for one by one, and no more than GitHub's quota allows; `controls`
    are paths of things that are known to be public.
    """
    if not ids or budget <= 0:
        return {}, True
    budget = min(budget, _allowed(api) - len(controls))
    found = _public(api, ids) if api.has_token else {}
    asker = _Asker(api)
    with ThreadPoolExecutor(workers) as pool:
        wanted = [id_ for id_ in ids if id_ not in found][: max(0, budget)]
        answers = dict(zip(wanted, pool.map(asker.ask, wanted), strict=True))
    said = {id_: answer for id_, answer in answers.items() if answer}
    public = {id_: answer for id_, answer in said.items() if answer.fate == "public"}
    if len(public) < len(wanted) and not asker.finds(controls):
        return found | public, False
    return found | said, True


def _allowed(api: GitHubApi) -> int:
    """How many requests GitHub allows now (asking is free): lookups are not worth waiting an hour for."""
    try:
        limits = api.get("/rate_limit", {}, dict).body
    except RequestError:  # a GitHub Enterprise server without limits
        return MANY
    match limits:
        case {"resources": {"core": {"remaining": int(remaining)}}}:
            return remaining
    return MANY


def _public(api: GitHubApi, ids: Sequence[int]) -> dict[int, Found]:
    """Those that GraphQL finds, a hundred for the cost of one. If it does not find one, that says little."""
    found: dict[int, Found] = {}
    try:
        for start in range(0, len(ids), NODES_PER_QUERY):
            batch = ids[start : start + NODES_PER_QUERY]
            nodes = api.graphql(QUERY, {"ids": [node_id(id_) for id_ in batch]}).get("nodes")
            for id_, node in zip(batch, nodes if isinstance(nodes, list) else (), strict=False):
                match node:
                    case {
                        "databaseId": number,
                        "nameWithOwner": full_name,
                        "visibility": "PUBLIC",
                        "owner": {"databaseId": owner},
                    } if number == id_ and (answer := _found(full_name, owner)):
                        found[id_] = answer
    except RequestError:
        pass  # each can be asked for separately
    return found


def node_id(id_: int) -> str:
    """GraphQL's name for a repository: the list [0, id] as MessagePack, in URL-safe base64."""
    size = 4 if id_ < 2**32 else 8
    packed = b"\x92\x00" + (b"\xce" if size == 4 else b"\xcf") + id_.to_bytes(size, "big")
    return "R_" + urlsafe_b64encode(packed).decode().rstrip("=")


class _Asker:
    """Asks for one thing after another, from any number of threads, until GitHub stops answering."""

    def __init__(self, api: GitHubApi) -> None:
        self._api = api
        self._failures = 0
        self._exhausted = False

    def ask(self, id_: int) -> Found | None:
        """What GitHub says about a repository; None if the answer cannot be used."""
        if self._exhausted or self._failures >= PATIENCE:
            return None
        try:
            body = self._get(f"/repositories/{id_}")
        except NotFound:
            return Found("not_public")
        except Blocked as error:
            return Found("blocked", reason=error.kind)
        except RateLimited:
            self._exhausted = True
        except AccessDenied:
            pass
        except RequestError:
            self._failures += 1
        else:
            self._failures = 0
            return _read(body, id_)
        return None

    def finds(self, paths: Sequence[str]) -> bool:
        """Whether GitHub finds any of these, which are known to be public."""
        for path in paths:
            try:
                if self._get(path).get("id") == int(path.rpartition("/")[2]):
                    return True
            except RequestError:
                continue
        return False

    def _get(self, path: str) -> dict[str, Any]:
        """Get with the token or, if that is refused, without."""
        try:
            answer = self._api.get(path, {}, dict)
        except Blocked:
            raise
        except AccessDenied:
            if not self._api.has_token:
                raise
            answer = self._api.get(path, {}, dict, anonymous=True)
        body: dict[str, Any] = answer.body
        return body


def _read(body: dict[str, Any], id_: int) -> Found | None:
    """Read an answer, unless it is not public (a token may see more) or about another repository."""
    if body.get("id") != id_:
        return None
    if body.get("private") or body.get("visibility") not in (None, "public"):
        return Found("not_public")
    owner = body.get("owner")
    return _found(body.get("full_name"), owner.get("id") if isinstance(owner, dict) else None)


def _found(full_name: object, owner: object) -> Found | None:
    if type(full_name) is not str or type(owner) is not int:
        return None
    login, _, name = full_name.partition("/")
    return Found("public", full_name, owner) if LOGIN.fullmatch(login) and NAME.fullmatch(name) else None
