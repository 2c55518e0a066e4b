"""The name and look of a site: site.yml, read strictly, with defaults from metadata.json."""

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from scraper import strict_yaml
from scraper.database.metadata import publishable
from scraper.errors import ConfigurationError
from scraper.site import colours
from scraper.strict_yaml import Mistake, keys_of, text_of

SITE_FILE = "site.yml"
ACCENT = "#0b5a72"
KEYS = ("title", "description", "accent", "url", "publisher", "data_licence", "contact", "archive_links")
TEXTS = ("title", "description", "description_html", "license", "license_url")
"""What the site takes from metadata.json."""
MAILBOX = re.compile(r"[A-Za-z0-9._+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
NOT_IN_ADDRESSES = re.compile(r'[^!-~]|["<>\\^`{|}]')


@dataclass(frozen=True)
class Link:
    """A person or thing with a name and perhaps an address."""

    name: str
    url: str | None = None


@dataclass(frozen=True)
class Configuration:
    """The configuration of a site. `url` is its absolute address with a slash at the end, `contact` a link; None:
    unset.

    With `archive_links`, repositories that are no longer public have links to where an archive may have them.
    """

    title: str
    description: str
    accent: str
    url: str | None
    publisher: Link | None
    data_licence: Link | None
    contact: str | None = None
    archive_links: bool = True


def read_configuration(path: Path | None, metadata: Path, url: str | None) -> tuple[Configuration, dict[str, Any]]:
    """The configuration, and the Datasette metadata with its defaults. `url` overrides the one in the file.

    Without a `path`, everything comes from the metadata. Raises ConfigurationError.
    """
    described = _read_metadata(metadata)
    chosen = strict_yaml.read(path, "the description of the site", _chosen) if path else {}
    if url is not None:
        try:
            chosen["url"] = _site_address(url)
        except ValueError as error:
            raise ConfigurationError(f"--url {url!r} {error}.") from None
    licence = described.get("license")
    defaults = {
        "title": described.get("title") or "Open-Source Health Statistics",
        "description": described.get("description") or _first_sentence(str(described.get("description_html") or "")),
        "accent": ACCENT,
        "url": None,
        "publisher": None,
        "data_licence": Link(str(licence), described.get("license_url")) if licence else None,
    }
    return Configuration(**{**defaults, **chosen}), described


def _chosen(document: yaml.Node | None) -> dict[str, Any]:
    if document is None:
        return {}
    nodes = keys_of(document, KEYS)
    chosen: dict[str, Any] = {}
    for key, node in nodes.items():
        match key:
            case "publisher" | "data_licence":
                chosen[key] = _named(node, key)
            case "accent":
                chosen[key] = _accent(node, text_of(node, document, "the site", key).lower())
            case "url":
                chosen[key] = _checked(_site_address, node, text_of(node, document, "the site", key))
            case "archive_links":
                chosen[key] = _switch(node, key)
            case "contact":
                chosen[key] = _checked(_contact, node, text_of(node, document, "the site", key), key)
            case _:
                chosen[key] = text_of(node, document, "the site", key)
    return chosen


def _named(node: yaml.Node, key: str) -> Link:
    nodes = keys_of(node, ("name", "url"))
    url = _checked(_address, nodes["url"], text_of(nodes["url"], node, key, "url")) if "url" in nodes else None
    return Link(text_of(nodes.get("name"), node, key, "name"), url)


def _switch(node: yaml.Node, key: str) -> bool:
    values = {"true": True, "false": False}
    if not isinstance(node, yaml.ScalarNode) or node.value not in values:
        raise Mistake(node, f"{key} is either true or false")
    return values[node.value]


def _accent(node: yaml.Node, colour: str) -> str:
    if not colours.HEX.fullmatch(colour):
        raise Mistake(
            node, f"the accent {colour!r} is not a colour such as '{ACCENT}' (in quotes: # begins a comment)"
        )
    ratio = colours.contrast(colour, colours.PAGE_LIGHT)
    if ratio < colours.ENOUGH:
        raise Mistake(
            node,
            f"the accent {colour} is too light to read: its contrast with the page is {ratio:.1f} to 1, and"
            f" WCAG requires {colours.ENOUGH}; choose a darker one (the colour for dark mode is made from it)",
        )
    return colour


def _checked(check: Any, node: yaml.Node, text: str, key: str = "url") -> str:
    try:
        return str(check(text))
    except ValueError as error:
        raise Mistake(node, f"the {key} {text[:100]!r} {error}") from None


def _site_address(text: str) -> str:
    address = _address(text)
    if urlsplit(address).query or urlsplit(address).fragment:
        raise ValueError("has a query or a fragment, which the address of a site cannot have")
    return address.rstrip("/") + "/"


def _contact(text: str) -> str:
    """The address for a link to a page or a mailbox."""
    if MAILBOX.fullmatch(text):
        return f"mailto:{text}"
    try:
        return _address(text)
    except ValueError:
        raise ValueError(
            "is neither an e-mail address nor the address of a page such as https://example.org/"
        ) from None


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.username
        parts.port  # noqa: B018 - it raises ValueError if it is no number
    except ValueError:
        usable = False
    if not usable or NOT_IN_ADDRESSES.search(text):
        raise ValueError("is not an address such as https://example.org/statistics/")
    return text


def _read_metadata(path: Path) -> dict[str, Any]:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"Cannot read {path}: {error.strerror}.") from error
    except ValueError:
        raise ConfigurationError(
            f"{path} is not JSON: the site reads metadata.json in the form of the one in this repository."
        ) from None
    if not isinstance(described, dict):
        raise ConfigurationError(f"{path} is not Datasette metadata: an object was expected.")
    for key in TEXTS:
        if not isinstance(described.get(key), str | None):
            raise ConfigurationError(f"{path}: {key} is not text: put it in quotes.")
    return publishable(described)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _first_sentence(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    text = " ".join("".join(parser.texts).split())
    return text.partition(". ")[0].rstrip(".") + "." if text else ""
