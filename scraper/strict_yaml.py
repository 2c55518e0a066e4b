"""Read YAML that people write, strictly: unknown keys and wrong kinds are refused, with their line.

It works with nodes rather than values, because they know their lines, and a login such as `123` or `on` stays text.
Null is refused: it would be read as the text `~` or `null`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import yaml

from scraper.errors import ConfigurationError
from scraper.text import UNPRINTABLE

Read = TypeVar("Read")

LARGEST_FILE = 1024 * 1024
LONGEST_TEXT = 2_000
NULL = "tag:yaml.org,2002:null"


class Mistake(Exception):  # noqa: N818 - it never leaves `read`
    """Something is wrong at a line of the file."""

    def __init__(self, node: yaml.Node | None, message: str) -> None:
        super().__init__(message)
        self.line = node.start_mark.line + 1 if node else 1


def read(path: Path, what: str, parse: Callable[[yaml.Node | None], Read]) -> Read:
    """Read the document at `path` with `parse`. Raises ConfigurationError with the line of any mistake."""
    try:
        if path.exists() and not path.is_file():  # a device or a pipe may be endless
            raise ConfigurationError(f"{path} is not a file: name {what}.")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:  # whatever its stated size: files in /proc claim none
            raise ConfigurationError(f"{path} is larger than 1 MiB, too large to be written by hand: name {what}.")
        text = content.decode()
    except OSError as error:
        raise ConfigurationError(f"Cannot read {what} {path}: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8 text: save it as UTF-8.") from None
    try:
        return parse(yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        hint = "; leave out the @" if "'@'" in str(error.problem) else ""
        raise ConfigurationError(f"{path}, line {line}: not valid YAML: {error.problem}{hint}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"{path}: not valid YAML: {' '.join(str(error).split())}.") from None
    except Mistake as wrong:
        raise ConfigurationError(f"{path}, line {wrong.line}: {wrong}.") from None


def keys_of(node: yaml.Node | None, known: tuple[str, ...]) -> dict[str, yaml.Node]:
    """The values of a mapping by key; each key must be one of `known`."""
    if not isinstance(node, yaml.MappingNode):
        raise Mistake(node, f"`{known[0]}:` was expected")
    keys: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise Mistake(key, "each key must be a word, not a list or a mapping")
        if key.value not in known:
            raise Mistake(key, f"the key {key.value[:60]!r} is unknown; known keys are {', '.join(known)}")
        if key.value in keys:
            raise Mistake(key, f"the key {key.value!r} appears twice")
        keys[key.value] = value
    return keys


def text_of(node: yaml.Node | None, parent: yaml.Node | None, whose: str, key: str) -> str:
    """The text at `key`, on one line."""
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise Mistake(node or parent, f"{whose} needs `{key}: ...`")
    if node.tag == NULL:
        raise Mistake(
            node, f"{whose} needs `{key}: ...`, and {node.value!r} means nothing: put it in quotes if it is text"
        )
    text = " ".join(node.value.split())
    if len(text) > LONGEST_TEXT:
        raise Mistake(node, f"the {key} has {len(text):,} characters, more than {LONGEST_TEXT:,}: shorten it")
    if UNPRINTABLE.search(text):
        raise Mistake(node, f"the {key} contains unprintable characters")
    return text
