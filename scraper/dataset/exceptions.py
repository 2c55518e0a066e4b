"""exceptions.yml, beside data/: which checks a repository need not pass, why, and until when.

exceptions:
  - repository: nhsx/app
    check: security_policy
    reason: Retired in spring; the policy of its successor applies.
    until: 2027-03-31
"""

import os
from pathlib import Path
from typing import NamedTuple

import yaml

from scraper import strict_yaml
from scraper.config import parse_entry
from scraper.errors import ConfigurationError, DatasetError
from scraper.model.checks import NAMES
from scraper.model.kinds import A_DAY, is_day
from scraper.model.personal_data import mask
from scraper.strict_yaml import Mistake, keys_of, text_of

FILE = "exceptions.yml"
KEYS = ("repository", "check", "reason", "until")


class Excepted(NamedTuple):
    """A check that a repository, as OWNER/NAME, need not pass up to and including the day `until`."""

    repository: str
    check: str
    reason: str
    until: str


def load(path: Path) -> list[Excepted]:
    """The exceptions in the file, by repository and check; none if there is no such file.

    Raises DatasetError with the line of any mistake.
    """
    if not os.path.lexists(path):
        return []
    try:
        return strict_yaml.read(path, "the exceptions", _exceptions)
    except ConfigurationError as error:
        raise DatasetError(str(error)) from None


def _exceptions(document: yaml.Node | None) -> list[Excepted]:
    if document is None:
        return []
    entries = keys_of(document, ("exceptions",)).get("exceptions")
    if isinstance(entries, yaml.ScalarNode) and not entries.value:  # all of them may be commented out
        return []
    if not isinstance(entries, yaml.SequenceNode):
        raise Mistake(entries or document, "`exceptions:` must be a list, each entry with a - in front")
    found: dict[tuple[str, str], Excepted] = {}
    for node in entries.value:
        excepted = _exception(node)
        key = (excepted.repository.casefold(), excepted.check)
        if key in found:
            raise Mistake(node, f"{excepted.repository} has a second exception from {excepted.check}: keep one")
        found[key] = excepted
    return [found[key] for key in sorted(found)]


def _exception(node: yaml.Node) -> Excepted:
    keys = keys_of(node, KEYS)
    texts = {key: text_of(keys.get(key), node, "an exception", key) for key in KEYS}
    try:
        entry = parse_entry(texts["repository"])
    except ConfigurationError as error:
        raise Mistake(keys["repository"], str(error).rstrip(".")) from None
    if not entry.only:
        raise Mistake(keys["repository"], f"{texts['repository'][:60]!r} is not a repository: write it as OWNER/NAME")
    if texts["check"] not in NAMES:
        raise Mistake(keys["check"], f"{texts['check'][:60]!r} is not a check; the checks are {', '.join(NAMES)}")
    if not is_day(texts["until"]):
        raise Mistake(keys["until"], f"{texts['until'][:60]!r} is not {A_DAY}: write it as 2027-03-31")
    return Excepted(f"{entry.login}/{entry.only[0]}", texts["check"], mask(texts["reason"]), texts["until"])
