"""Whom to scrape and with which token: parsed strictly, before any work starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from scraper.errors import ConfigurationError

DEFAULT_LIST = Path("organisations.yml")

LOGIN = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}")
LONGEST_LOGIN = 39
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LOGIN_RULE = "a GitHub login has at most 39 letters, digits and single hyphens, none of them at its ends"


@dataclass(frozen=True)
class Listed:
    """An account to scrape: its login as the list spells it, and its display name."""

    login: str
    name: str


def check_login(login: str) -> str:
    """`login` itself. Raises ConfigurationError if GitHub could not have given it to anyone."""
    if len(login) > LONGEST_LOGIN or not LOGIN.fullmatch(login):
        raise ConfigurationError(f"{login[:60]!r} cannot be a login: {LOGIN_RULE}.")
    return login


def read_organisations(path: Path) -> list[Listed]:
    """The list in a file such as organisations.yml. Raises ConfigurationError with the line of whatever is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"Cannot read the list of organisations {path}: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not a text in UTF-8: save it as UTF-8.") from None
    try:
        return _organisations(yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}, line {line}: not valid YAML: {error.problem}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"{path}: not valid YAML: {' '.join(str(error).split())}.") from None
    except _Wrong as wrong:
        raise ConfigurationError(f"{path}, line {wrong.line}: {wrong}.") from None


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


class _Wrong(Exception):  # noqa: N818 - it never leaves this module
    """Something in the list is wrong, at a line of it."""

    def __init__(self, node: yaml.Node | None, message: str) -> None:
        super().__init__(message)
        self.line = node.start_mark.line + 1 if node else 1


def _organisations(document: yaml.Node | None) -> list[Listed]:
    # Nodes, not values: they know their lines, and a login such as `123` or `on` stays the text it is.
    entries = _keys(document, ("organisations",)).get("organisations")
    if not isinstance(entries, yaml.SequenceNode) or not entries.value:
        raise _Wrong(entries or document, "`organisations:` must list at least one organisation, as `- login: nhsx`")
    listed: dict[str, Listed] = {}
    for entry in entries.value:
        keys = _keys(entry, ("login", "name"))
        login = _text(keys.get("login"), entry, "login")
        try:
            check_login(login)
        except ConfigurationError as error:
            raise _Wrong(keys["login"], str(error).rstrip(".")) from None
        if login.casefold() in listed:
            raise _Wrong(keys["login"], f"{login} is listed twice (capitals do not matter)")
        name = _text(keys["name"], entry, "name") if "name" in keys else login
        listed[login.casefold()] = Listed(login, name)
    return list(listed.values())


def _keys(node: yaml.Node | None, known: tuple[str, ...]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise _Wrong(node, f"`{known[0]}:` was expected")
    keys: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.value not in known:
            raise _Wrong(key, f"the key {str(key.value)[:60]!r} is unknown; known are {', '.join(known)}")
        if key.value in keys:
            raise _Wrong(key, f"the key {key.value!r} stands there twice")
        keys[key.value] = value
    return keys


def _text(node: yaml.Node | None, entry: yaml.Node, key: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise _Wrong(node or entry, f"an organisation needs a {key}, as `{key}: ...`")
    text = " ".join(node.value.split())
    if not text.isprintable():
        raise _Wrong(node, f"the {key} holds characters that cannot be printed")
    return text
