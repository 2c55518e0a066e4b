"""The list of organisations in a file such as organisations.yml, read strictly."""

import re
from dataclasses import replace
from pathlib import Path

import yaml

from scraper import strict_yaml
from scraper.config import LOGIN_RULE, ListedAccount, add, parse_entry
from scraper.errors import ConfigurationError
from scraper.strict_yaml import Mistake, keys_of, text_of
from scraper.threshold import Threshold, parse_threshold

KEYS = ("organisations", "exclude", "closure-threshold")
PATTERN = re.compile(r"(?!\*+$)[A-Za-z0-9._*?-]{1,100}")


def read_organisations(path: Path) -> list[ListedAccount]:
    """The list in a file such as organisations.yml. Raises ConfigurationError with the line of whatever is wrong."""
    return strict_yaml.read(path, "the list of organisations", _organisations)


def read_threshold(path: Path) -> Threshold | None:
    """The threshold for closures in such a file; None if it sets none."""
    return strict_yaml.read(path, "the list of organisations", _threshold)


def _organisations(document: yaml.Node | None) -> list[ListedAccount]:
    top = keys_of(document, KEYS)
    _threshold(document)
    entries, everywhere = top.get("organisations"), _patterns(top.get("exclude"))
    if not isinstance(entries, yaml.SequenceNode) or not entries.value:
        raise Mistake(entries or document, "`organisations:` must list at least one organisation, as `- login: nhsx`")
    listed: dict[str, ListedAccount] = {}
    for node in entries.value:
        # A pasted list has no keys.
        keys = (
            {"login": node}
            if isinstance(node, yaml.ScalarNode)
            else keys_of(node, ("login", "repository", "name", "exclude"))
        )
        kind = "repository" if "repository" in keys else "login"
        text = text_of(keys.get(kind), node, "an organisation", kind)
        try:
            entry = parse_entry(text)
            if kind == "repository" and (not entry.only or "login" in keys):
                raise ConfigurationError(
                    f"{text[:60]!r} cannot be a repository: write `repository: OWNER/NAME` alone."
                )
            if entry.only and kind == "login" and keys[kind] is not node:
                raise ConfigurationError(
                    f"{text[:60]!r} cannot be a login: {LOGIN_RULE}. Write `repository: {text[:60]}`."
                )
            if entry.only and "exclude" in keys:
                raise ConfigurationError(f"{text[:60]} is a single repository: `exclude` belongs to an organisation.")
            name = text_of(keys["name"], node, "an organisation", "name") if "name" in keys else entry.login
            exclude = () if entry.only else (*_patterns(keys.get("exclude")), *everywhere)
            add(listed, replace(entry, name=name, exclude=exclude))
        except ConfigurationError as error:
            raise Mistake(keys.get(kind), str(error).rstrip(".")) from None
    return list(listed.values())


def _threshold(document: yaml.Node | None) -> Threshold | None:
    node = keys_of(document, KEYS).get("closure-threshold")
    if node is None:
        return None
    try:
        return parse_threshold(node.value if isinstance(node, yaml.ScalarNode) else "", "`closure-threshold`")
    except ConfigurationError as error:
        raise Mistake(node, str(error).rstrip(".")) from None


def _patterns(node: yaml.Node | None) -> tuple[str, ...]:
    """Names and patterns of repositories to leave out."""
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        raise Mistake(node, "`exclude:` must be a list of names and patterns of repositories, as `- demo-*`")
    patterns = [text_of(each, node, "exclude", "name") for each in node.value]
    for each, pattern in zip(node.value, patterns, strict=True):
        if not PATTERN.fullmatch(pattern):
            raise Mistake(
                each,
                f"{pattern[:60]!r} cannot be the name of a repository, or a pattern: write letters, digits, hyphens,"
                " underscores and full stops, `*` for any text and `?` for one character; to leave out all of an"
                " organisation, remove it from the list",
            )
    return tuple(patterns)
