"""The environment that other programs may see: without the tokens that only this program needs."""

import os
from collections.abc import MutableMapping

TOKENS = ("GITHUB_TOKEN", "GH_TOKEN", "INPUT_TOKEN", "JOB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ID_TOKEN_REQUEST_TOKEN")
"""Endings of the names of variables with GitHub's tokens. Other programs may need their own tokens."""


def without_tokens() -> dict[str, str]:
    """A copy of the environment for another program."""
    return {name: value for name, value in os.environ.items() if not name.endswith(TOKENS)}


def remove_tokens(environment: MutableMapping[str, str]) -> None:
    """Remove the tokens after they have been read, so that no child process inherits them."""
    for name in [name for name in environment if name.endswith(TOKENS)]:
        del environment[name]
