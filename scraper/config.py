"""Whom to scrape and with which token: parsed strictly, before any work starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from scraper import strict_yaml
from scraper.errors import ConfigurationError
from scraper.strict_yaml import Wrong, keys_of, text_of

DEFAULT_LIST = Path("organisations.yml")
PUBLIC_API = "https://api.github.com"

LOGIN = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What a path and an address can hold: old accounts and those of enterprises break the rules of today's sign-up."""
PASTED = re.compile(r"@(?P<mention>.+)|https?://[^/]+/(?:orgs/|users/)?(?P<address>[^/?#]+)/?", re.IGNORECASE)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOGIN_RULE = "a GitHub login has at most 100 letters, digits, hyphens and underscores"


@dataclass(frozen=True)
class ListedAccount:
    """An account to scrape: its login as the list spells it, and its display name."""

    login: str
    name: str


def check_login(login: str) -> str:
    """`login` itself. Raises ConfigurationError if GitHub could not have given it to anyone."""
    if not LOGIN.fullmatch(login):
        raise ConfigurationError(f"{login[:60]!r} cannot be a login: {LOGIN_RULE}.")
    return login


def parse_login(text: str) -> str:
    """The login in what a person wrote or pasted: `nhsx`, `@nhsx`, `https://github.com/nhsx`."""
    pasted = PASTED.fullmatch(text)
    return check_login((pasted["mention"] or pasted["address"]) if pasted else text)


def read_organisations(path: Path) -> list[ListedAccount]:
    """The list in a file such as organisations.yml. Raises ConfigurationError with the line of whatever is wrong."""
    return strict_yaml.read(path, "the list of organisations", _organisations)


def read_token(environment: Mapping[str, str]) -> str | None:
    """The token in GITHUB_TOKEN or GH_TOKEN, or None. Raises ConfigurationError, without the token, if it is none."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        token = environment.get(name, "").strip()
        if token and not re.fullmatch(r"[!-~]+", token):
            raise ConfigurationError(f"{name} holds spaces or characters no token has: copy the token again.")
        if token:
            return token
    return None


def check_url(url: str, token: str | None, option: str) -> None:
    """Raises ConfigurationError if `url` is no address of an API, or would carry the token unencrypted."""
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


def _organisations(document: yaml.Node | None) -> list[ListedAccount]:
    entries = keys_of(document, ("organisations",)).get("organisations")
    if not isinstance(entries, yaml.SequenceNode) or not entries.value:
        raise Wrong(entries or document, "`organisations:` must list at least one organisation, as `- login: nhsx`")
    listed: dict[str, ListedAccount] = {}
    for entry in entries.value:
        # A list that was pasted has no keys.
        keys = {"login": entry} if isinstance(entry, yaml.ScalarNode) else keys_of(entry, ("login", "name"))
        text = text_of(keys.get("login"), entry, "an organisation", "login")
        try:
            login = parse_login(text)
        except ConfigurationError as error:
            raise Wrong(keys["login"], str(error).rstrip(".")) from None
        if login.casefold() in listed:
            raise Wrong(keys["login"], f"{login} is listed twice (capitals do not matter)")
        name = text_of(keys["name"], entry, "an organisation", "name") if "name" in keys else login
        listed[login.casefold()] = ListedAccount(login, name)
    return list(listed.values())
