"""Which accounts to scrape, and with which token: parsed strictly, before any work starts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from scraper.errors import ConfigurationError

LIST_FILE = "organisations.yml"
"""The list of accounts to scrape, beside the folder of a dataset, unless another one is named."""
DATABASE_FILE = "open-source-health.db"
"""The database, in the folder of a dataset. The name is here because every command needs it."""
PUBLIC_API = "https://api.github.com"

LOGIN = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What is safe in a path and an address; old and enterprise accounts break the rules for new logins."""
REPOSITORY = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
PASTED = re.compile(
    r"@(?P<mention>.+)|https?://[^/]+/(?:orgs/|users/)?(?P<address>[^/?#]+(?:/[^/?#]+?)??)(?:\.git)?/?", re.IGNORECASE
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOGIN_RULE = "a GitHub login has at most 100 letters, digits, hyphens and underscores"


@dataclass(frozen=True)
class Budget:
    """What a run may spend on the health of repositories: points of GitHub's GraphQL, and seconds.

    With `details`, it also asks how soon outsiders are answered and how many people contribute.
    """

    points: int
    seconds: int
    details: bool = False


NO_BUDGET = Budget(0, 0)
DEFAULT_BUDGET = "300/600"
"""A third of the points that a job's own token has for an hour, and ten minutes."""
LARGEST_BUDGET = Budget(10_000, 21_600)
BUDGET = re.compile(r"([0-9]{1,5})(?:/([0-9]{1,5}))?")


def parse_budget(text: str, option: str, *, details: bool = False) -> Budget:
    """Parse a budget as people write it: POINTS/SECONDS, or points alone; 0 is none."""
    found = BUDGET.fullmatch(text.strip())
    if found:
        points, seconds = int(found[1]), int(found[2] or DEFAULT_BUDGET.partition("/")[2])
        if points <= LARGEST_BUDGET.points and min(points, 1) <= seconds <= LARGEST_BUDGET.seconds:
            return Budget(points, seconds, details)
    raise ConfigurationError(
        f"{option}: {text[:40]!r} is not POINTS/SECONDS, such as {DEFAULT_BUDGET}, with at most"
        f" {LARGEST_BUDGET.points:,} points and {LARGEST_BUDGET.seconds:,} seconds; 0 switches it off."
    )


@dataclass(frozen=True)
class ListedAccount:
    """An account to scrape: its login as the list spells it, and its display name.

    `exclude` has names and patterns of repositories to leave out. If `only` has names, only those repositories are
    observed.
    """

    login: str
    name: str
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def excludes(self, repository: str) -> bool:
        """Whether a repository of this name is left out; case does not matter, as on GitHub."""
        return any(fnmatchcase(repository.casefold(), pattern.casefold()) for pattern in self.exclude)


def check_login(login: str) -> str:
    """Return `login`. Raises ConfigurationError if GitHub could not have given it to anyone."""
    if not LOGIN.fullmatch(login):
        raise ConfigurationError(f"{login[:60]!r} cannot be a login: {LOGIN_RULE}.")
    return login


def parse_login(text: str) -> str:
    """The login in what a person wrote or pasted: `nhsx`, `@nhsx`, `https://github.com/nhsx`."""
    return check_login(_unpasted(text))


def parse_entry(text: str) -> ListedAccount:
    """Parse what a person wrote or pasted: an account, or a single repository as `nhsx/app` or its address."""
    login, slash, repository = _unpasted(text).partition("/")
    if slash and not REPOSITORY.fullmatch(repository):
        raise ConfigurationError(
            f"{text[:60]!r} cannot be a repository: write it as OWNER/NAME; a name has at most 100 letters, digits,"
            " hyphens, underscores and full stops."
        )
    return ListedAccount(check_login(login), login, only=(repository,) if slash else ())


def combine(entries: Iterable[ListedAccount]) -> list[ListedAccount]:
    """One entry for each account. Raises ConfigurationError if something is listed twice."""
    listed: dict[str, ListedAccount] = {}
    for entry in entries:
        add(listed, entry)
    return list(listed.values())


def add(listed: dict[str, ListedAccount], entry: ListedAccount) -> None:
    """Add an entry to accounts by casefolded login; single repositories of the same owner share an entry.

    Raises ConfigurationError if it is there already.
    """
    first = listed.setdefault(entry.login.casefold(), entry)
    if first is entry:
        return
    if not first.only and not entry.only:
        raise ConfigurationError(f"{entry.login} is listed twice (case does not matter).")
    if not first.only or not entry.only:
        single = f"{first.login}/{(first.only or entry.only)[0]}"
        raise ConfigurationError(f"{single} is listed, and so is all of {first.login}: keep one of the two.")
    if {name.casefold() for name in first.only} & {name.casefold() for name in entry.only}:
        raise ConfigurationError(f"{entry.login}/{entry.only[0]} is listed twice (case does not matter).")
    name = first.name if first.name != first.login else entry.name
    listed[entry.login.casefold()] = replace(first, name=name, only=(*first.only, *entry.only))


def _unpasted(text: str) -> str:
    pasted = PASTED.fullmatch(text)
    return (pasted["mention"] or pasted["address"]) if pasted else text


def read_token(environment: Mapping[str, str]) -> str | None:
    """The token in GITHUB_TOKEN or GH_TOKEN, or None. Raises ConfigurationError, without the token, if it is bad."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        token = environment.get(name, "").strip()
        if token and not re.fullmatch(r"[!-~]+", token):
            raise ConfigurationError(f"{name} contains spaces or characters that no token has: copy the token again.")
        if token:
            return token
    return None


def check_url(url: str, token: str | None, option: str) -> None:
    """Raise ConfigurationError if `url` is not the address of an API, or would carry the token unencrypted."""
    try:
        address = urlsplit(url)
        usable = (
            address.scheme in ("http", "https") and address.hostname and not address.username and not address.query
        )
        address.port  # noqa: B018 - it raises ValueError if it is no number
    except ValueError:
        usable = None
    if not usable:
        raise ConfigurationError(f"{option} {url!r} is not an address such as https://HOST/api/v3.")
    if token and address.scheme == "http" and address.hostname not in LOOPBACK:
        raise ConfigurationError(f"{option} {url!r} would send the token unencrypted: use https.")
