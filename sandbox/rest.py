"""Answer REST requests: pure functions of a request and a world."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from sandbox.cost import Bill
from sandbox.limits import Pool
from sandbox.profiles import contributor_profile, organization_profile, user_profile
from sandbox.responses import LIMITS, Answer, as_json, blocked, moved, not_found, refusal
from sandbox.serializer import node_id
from sandbox.world import API, Account, Record, World, find_account

LARGEST_PAGE = 100


@dataclass(frozen=True)
class Ask:
    """One parsed request: which account it is about, on which day, and who sent it."""

    path: str
    query: Mapping[str, str]
    segments: Mapping[str, str]
    on: date
    now: float
    world: World
    core: Pool
    graphql: Pool
    bill: Bill = field(default_factory=Bill)
    clock: float = math.inf
    account: Account | None = None
    payload: bytes = b""
    token: str | None = field(default=None, repr=False)

    @property
    def is_graphql(self) -> bool:
        return self.path == "/graphql"

    @property
    def is_by_id(self) -> bool:
        """Whether it asks for repositories by their ids."""
        return self.path.startswith("/repositories/") or (self.is_graphql and b"nodes(" in self.payload)

    @property
    def too_long(self) -> bool:
        """Whether it times out."""
        return self.bill.seconds > self.clock

    @property
    def pool(self) -> Pool:
        return self.graphql if self.is_graphql else self.core

    @property
    def page(self) -> int:
        return max(_number(self.query.get("page"), 1), 1)

    @property
    def per_page(self) -> int:
        return min(max(_number(self.query.get("per_page"), 30), 1), LARGEST_PAGE)


Handler = Callable[[Ask, World], Answer]

GHOST = Account(10137, "ghost", "User", "Deleted user", "2008-05-13T06:14:25Z", node_id("U", 10137))
"""The account to which GitHub attributes what deleted accounts wrote: every GitHub has it, but no world does."""


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else default


def account_asked(world: World, on: date, segments: Mapping[str, str]) -> Account | None:
    """The account in an address, if it exists."""
    accounts = world.accounts(on)
    if "id" in segments:
        return find_account(accounts, _number(segments["id"], -1))
    return find_account(accounts, segments["login"]) if "login" in segments else None


def rate_limit(ask: Ask, world: World) -> Answer:
    core = ask.core.state()
    idle = {"limit": 10, "used": 0, "remaining": 10, "reset": core["reset"]}
    resources = {"core": core, "graphql": ask.graphql.state(), "search": idle}
    return as_json({"resources": resources, "rate": core})


def organization(ask: Ask, world: World) -> Answer:
    return _of_account(ask, world, organizations=True, say=_organization)


def user(ask: Ask, world: World) -> Answer:
    if find_account([GHOST], ask.segments.get("login") or _number(ask.segments["id"], -1)):
        return as_json(user_profile(GHOST, 0))
    return _of_account(ask, world, organizations=False, say=_user)


def organization_repositories(ask: Ask, world: World) -> Answer:
    return _of_account(ask, world, organizations=True, say=_repositories)


def user_repositories(ask: Ask, world: World) -> Answer:
    return _of_account(ask, world, organizations=False, say=_repositories)


def _of_account(ask: Ask, world: World, organizations: bool, say: Callable[[Ask, World, Account], Answer]) -> Answer:
    account = account_asked(world, ask.on, ask.segments)
    if account:
        return not_found() if organizations and account.type != "Organization" else say(ask, world, account)
    successor = world.former_logins(ask.on).get(ask.segments.get("login", "").lower())
    if successor is None:
        return not_found()
    tail = "/repos" if ask.path.endswith("/repos") else ""
    return moved(f"{_by_id(organizations, successor)}{tail}" + (f"?{urlencode(ask.query)}" if ask.query else ""))


def _by_id(organizations: bool, number: int) -> str:
    return f"{API}/{'organizations' if organizations else 'user'}/{number}"


def _organization(ask: Ask, world: World, account: Account) -> Answer:
    return as_json(organization_profile(account, len(world.repositories(account, ask.on))))


def _user(ask: Ask, world: World, account: Account) -> Answer:
    return as_json(user_profile(account, len(world.repositories(account, ask.on))))


def _repositories(ask: Ask, world: World, account: Account) -> Answer:
    chosen = listed(ask, world.repositories(account, ask.on))
    start = (ask.page - 1) * ask.per_page
    page = chosen[start : start + ask.per_page]
    answer = as_json([world.write(repository, account) for repository in page])
    organizations = not ask.path.startswith("/user")
    link = _link(ask, f"{_by_id(organizations, account.id)}/repos", -(-len(chosen) // ask.per_page))
    return answer.with_headers({"link": link}) if link else answer


def listed(ask: Ask, repositories: Sequence[Record]) -> list[Record]:
    """The repositories that the list shows, in the requested order."""
    return _sorted(_filtered(repositories, ask.query.get("type")), ask)


def _filtered(repositories: Sequence[Record], kind: str | None) -> Sequence[Record]:
    match kind:
        case "forks" | "sources":
            return [each for each in repositories if each["fork"] == (kind == "forks")]
        case "private" | "member":
            return []
    return repositories


_SORTS: dict[str, Callable[[Record], tuple[str, int]]] = {
    "created": lambda each: (each["created_at"], each["id"]),
    "updated": lambda each: (each["updated_at"], each["id"]),
    "pushed": lambda each: (each["pushed_at"] or "", each["id"]),
    "full_name": lambda each: (each["full_name"].lower(), each["id"]),
}


def _sorted(repositories: Sequence[Record], ask: Ask) -> list[Record]:
    by_default = "full_name" if ask.path.startswith("/user") else "created"
    order = ask.query.get("sort") or by_default
    order = order if order in _SORTS else by_default
    descending = ask.query.get("direction", "asc" if order == "full_name" else "desc") == "desc"
    return sorted(repositories, key=_SORTS[order], reverse=descending)


def _link(ask: Ask, address: str, last: int) -> str:
    """A Link header as GitHub writes it: the caller's parameters, with the address that survives a rename."""
    relations: list[tuple[str, int]] = []
    if ask.page > 1:
        relations.append(("prev", min(ask.page - 1, max(last, 1))))
    if ask.page < last:
        relations += [("next", ask.page + 1), ("last", last)]
    if ask.page > 1:
        relations.append(("first", 1))
    pages = ((relation, urlencode({**ask.query, "page": page})) for relation, page in relations)
    return ", ".join(f'<{address}?{query}>; rel="{relation}"' for relation, query in pages)


def repository(ask: Ask, world: World) -> Answer:
    return _of_repository(ask, world, say=_whole)


def contributors(ask: Ask, world: World) -> Answer:
    return _of_repository(ask, world, say=_contributors)


def _of_repository(ask: Ask, world: World, say: Callable[[Ask, World, Account, Record], Answer]) -> Answer:
    if "repository" in ask.segments:
        number = _number(ask.segments["repository"], -1)
        if reason := world.block(number, ask.on):
            return blocked(reason)
        found = world.find(number, ask.on)
        return say(ask, world, *found) if found else not_found()
    if ask.account:
        wanted = ask.segments["name"].lower()
        for each in world.repositories(ask.account, ask.on):
            if each["name"].lower() == wanted:
                return say(ask, world, ask.account, each)
    former = world.former_name(ask.segments["login"], ask.segments["name"], ask.on)
    if former is None:
        return not_found()
    tail = "/contributors" if ask.path.endswith("/contributors") else ""
    return moved(f"{API}/repositories/{former}{tail}" + (f"?{urlencode(ask.query)}" if ask.query else ""))


def _whole(ask: Ask, world: World, account: Account, listed: Record) -> Answer:
    """A single repository, which has a few more fields than in a list."""
    record = {"has_discussions": False, **world.write(listed, account), "temp_clone_token": None}
    record |= {"network_count": record["forks_count"], "subscribers_count": record["forks_count"]}
    if account.type == "Organization":
        record["organization"] = record["owner"]
    return as_json(record)


def _contributors(ask: Ask, world: World, account: Account, repository: Record) -> Answer:
    """Contributors that GitHub knows by login and, with anon=true, those that it does not."""
    people = world.contributors(repository["id"], ask.on)
    if people is None:
        return not_found()
    if not people:
        return Answer(204)
    shown = [each for each in people if each.login or ask.query.get("anon") in ("1", "true")]
    page = shown[(ask.page - 1) * ask.per_page :][: ask.per_page]
    link = _link(ask, f"{API}/repositories/{repository['id']}/contributors", -(-len(shown) // ask.per_page))
    return as_json([contributor_profile(each) for each in page], headers={"link": link} if link else {})


def exhausted(ask: Ask) -> Answer:
    """The hour's quota is used up. GraphQL says so with status 200."""
    if ask.is_graphql:
        error = {"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."}
        return as_json({"errors": [error]})
    if ask.token:
        message = "API rate limit exceeded for user ID 1."
    else:
        message = (
            "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher "
            "rate limit. Check out the documentation for more details.)"
        )
    return refusal(403, message, LIMITS)


ROUTES: tuple[tuple[str, Handler], ...] = (
    ("/rate_limit", rate_limit),
    ("/orgs/{login}", organization),
    ("/orgs/{login}/repos", organization_repositories),
    ("/organizations/{id}", organization),
    ("/organizations/{id}/repos", organization_repositories),
    ("/users/{login}", user),
    ("/users/{login}/repos", user_repositories),
    ("/user/{id}", user),
    ("/user/{id}/repos", user_repositories),
    ("/repos/{login}/{name}", repository),
    ("/repos/{login}/{name}/contributors", contributors),
    ("/repositories/{repository}", repository),
    ("/repositories/{repository}/contributors", contributors),
)
