"""The inputs of the Action: read from the environment and checked before any work starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from scraper.action.directories import check_own, directory, scraped_directory, site_directory
from scraper.config import (
    DEFAULT_BUDGET,
    LIST_FILE,
    NO_BUDGET,
    PUBLIC_API,
    Budget,
    ListedAccount,
    check_url,
    combine,
    parse_budget,
    parse_entry,
    read_token,
)
from scraper.dataset.layout import DATABASE_FILE, beside, found_beside
from scraper.errors import ConfigurationError
from scraper.list_file import read_organisations, read_threshold
from scraper.text import UNPRINTABLE, printable
from scraper.threshold import Threshold, parse_threshold

FAIL_ON = ("nothing-scraped", "any-organisation")
COMMIT_BY = ("push", "api")
LONGEST_WAIT = 21_600
MOST_LOOKUPS = 10_000
AUTHOR = re.compile(r"(?P<name>[^<>@]*\w[^<>@]*) <(?P<email>[^<>@\s]+@[^<>@\s]+)>")
LONGEST_AUTHOR, LONGEST_PREFIX = 200, 60


@dataclass(frozen=True)
class Settings:
    """The inputs of the Action, checked."""

    data: Path
    organisations: tuple[str, ...]
    organisations_file: Path | None
    api_url: str
    server_url: str
    token: str | None = field(repr=False)
    push_token: str | None = field(repr=False)
    workspace: Path
    site: Path | None = None
    scraped: Path | None = None
    repository: str = ""
    commit: bool = True
    commit_database: bool = True
    max_wait: int = 900
    fail_on: str = FAIL_ON[0]
    rebuild: bool = False
    verify: bool = False
    metadata: Path | None = None
    author: tuple[str, str] | None = None
    subject_prefix: str = ""
    home_url: str = PUBLIC_API
    lookups: int = 300
    threshold: Threshold | None = None
    notify: bool = False
    commit_by: str = COMMIT_BY[0]
    budget: Budget = NO_BUDGET
    pull_request: bool = False

    @property
    def database(self) -> Path:
        return self.data / DATABASE_FILE

    def closure_threshold(self) -> Threshold | None:
        """The threshold for closures from the input or the list; None if neither sets it."""
        return self.threshold or (read_threshold(self.organisations_file) if self.organisations_file else None)

    def listed(self) -> list[ListedAccount]:
        """The accounts to scrape, from the inputs and the list as they are now."""
        if self.organisations:
            return combine(map(parse_entry, self.organisations))
        if not self.organisations_file:
            path = beside(self.data, LIST_FILE).relative_to(self.workspace.resolve())
            raise ConfigurationError(
                f"Nothing to scrape: {path} was not found in the checkout. Give logins as the input organisations, or"
                " the path of a list as organisations-file."
            )
        return read_organisations(self.organisations_file)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the inputs from INPUT_* variables. Raises ConfigurationError, which names the input and the fix."""

    def text(name: str, default: str = "") -> str:
        return environment.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip() or default

    def flag(name: str, default: str = "true") -> bool:
        value = text(name, default).lower()
        if value not in ("true", "false"):
            raise ConfigurationError(f"Input {name}: {value[:40]!r} is neither true nor false.")
        return value == "true"

    def choice(name: str, known: tuple[str, str]) -> str:
        value = text(name, known[0])
        if value not in known:
            raise ConfigurationError(f"Input {name}: {value[:40]!r} is neither {' nor '.join(known)}.")
        return value

    workspace = Path(environment.get("GITHUB_WORKSPACE") or Path.cwd())
    organisations = _entries(text("organisations"))
    if organisations and text("organisations-file"):
        raise ConfigurationError(
            "Inputs organisations and organisations-file both name a list: give only one of them."
        )
    wait = _number("max-wait", text("max-wait", "900"), LONGEST_WAIT, "seconds")
    try:
        token = read_token({"GITHUB_TOKEN": text("token")})
    except ConfigurationError as error:
        raise ConfigurationError(str(error).replace("GITHUB_TOKEN", "Input token:", 1)) from None
    home = environment.get("GITHUB_API_URL") or PUBLIC_API
    api_url = text("github-api-url", home)
    check_url(api_url, token, "Input github-api-url:")
    push_token = token
    if (there := urlsplit(api_url).netloc.casefold()) != urlsplit(home).netloc.casefold():
        # Each server has its own tokens, and must not see the other's.
        push_token = environment.get("JOB_TOKEN", "").strip() or None
        if token and token == push_token:
            raise ConfigurationError(
                f"Input token: the job's own token is only for the runner's GitHub, so it was not sent to {there},"
                ' which github-api-url names: give a token for that server, or "" for none.'
            )
    commit_by = choice("commit-by", COMMIT_BY)
    pull_request = flag("pull-request", "false")
    if commit_by == "api" and text("commit-author"):
        raise ConfigurationError(
            "Input commit-author: with commit-by: api, GitHub makes the commits, and their author is the owner of the"
            " token: leave one of the two out."
        )
    if pull_request and not flag("commit"):
        raise ConfigurationError("Input pull-request: there is nothing to propose with commit: false.")
    if (pull_request or commit_by == "api") and not push_token:
        raise ConfigurationError(
            f"Input {'pull-request: true' if pull_request else 'commit-by: api'} needs a token: leave the input token"
            " out to use the job's own."
        )
    server_url = (environment.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/")
    check_url(server_url, token, "GITHUB_SERVER_URL:")
    data = directory(workspace, text("data-directory", "data"), "data-directory")
    check_own(data, workspace.resolve())
    return Settings(
        data,
        organisations,
        None if organisations else _list(workspace, text("organisations-file"), data),
        api_url,
        server_url,
        token,
        push_token,
        workspace,
        site_directory(workspace, text("site-directory"), data),
        scraped_directory(workspace, text("scraped-directory"), data),
        environment.get("GITHUB_REPOSITORY", ""),
        flag("commit"),
        flag("commit-database"),
        wait,
        choice("fail-on", FAIL_ON),
        flag("rebuild", "false"),
        flag("verify", "false"),
        workspace / text("metadata") if text("metadata") else None,
        _author(text("commit-author")),
        _subject_prefix(text("commit-subject-prefix")),
        home,
        _number("lookups", text("lookups", "300"), MOST_LOOKUPS, "repositories"),
        _threshold(text("closure-threshold")),
        _notify(text("notify")),
        commit_by,
        parse_budget(
            text("health-budget", DEFAULT_BUDGET), "Input health-budget", details=flag("health-details", "false")
        ),
        pull_request,
    )


def _list(workspace: Path, name: str, data: Path) -> Path | None:
    """The list that the input names, or else the one beside the folder of the dataset, if there is one."""
    if not name:
        return found_beside(data, LIST_FILE)
    if not (path := workspace / name).exists():
        raise ConfigurationError(f"Input organisations-file: {name} was not found in the checkout: correct the path.")
    return path


def _entries(text: str) -> tuple[str, ...]:
    """Logins, and single repositories as OWNER/NAME."""
    entries: dict[str, str] = {}
    try:
        for word in text.replace(",", " ").split():
            entry = parse_entry(word)
            whole = "/".join((entry.login, *entry.only))
            entries.setdefault(whole.casefold(), whole)
        combine(map(parse_entry, entries.values()))
    except ConfigurationError as error:
        raise ConfigurationError(f"Input organisations: {error}") from None
    return tuple(entries.values())


def _author(text: str) -> tuple[str, str] | None:
    """The name and address of a commit's author; None for the bot."""
    if not text:
        return None
    author = AUTHOR.fullmatch(text) if len(text) <= LONGEST_AUTHOR and not UNPRINTABLE.search(text) else None
    if not author:
        raise ConfigurationError(
            f"Input commit-author: {printable(text)[:60]!r} is not an author: write a name and an"
            f" address on one line, as"
            " NAME <ADDRESS@EXAMPLE.ORG>."
        )
    return author["name"], author["email"]


def _subject_prefix(text: str) -> str:
    if len(text) > LONGEST_PREFIX or UNPRINTABLE.search(text):
        raise ConfigurationError(
            f"Input commit-subject-prefix: {printable(text)[:60]!r} cannot begin a subject: write at most"
            f" {LONGEST_PREFIX} characters on one line, as `data:`."
        )
    return text


def _number(name: str, text: str, largest: int, what: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:9]) > largest:
        raise ConfigurationError(f"Input {name}: {text[:40]!r} is not a number of {what} from 0 to {largest:,}.")
    return int(text)


def _threshold(text: str) -> Threshold | None:
    return parse_threshold(text, "Input closure-threshold") if text else None


def _notify(text: str) -> bool:
    """Whether closures are reported in an issue."""
    if text not in ("", "issue"):
        raise ConfigurationError(f"Input notify: {text[:40]!r} is not a way to notify: write issue, or leave it out.")
    return text == "issue"
