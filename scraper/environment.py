"""The environment of this process, as other programs may see it: without the tokens that only we need."""

import os
from collections.abc import MutableMapping

TOKENS = ("GITHUB_TOKEN", "GH_TOKEN", "INPUT_TOKEN", "JOB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ID_TOKEN_REQUEST_TOKEN")
"""How the names of variables end that hold GitHub's tokens. Other programs may need tokens of their own."""


def without_tokens() -> dict[str, str]:
    """A copy of the environment for another program."""
    return {name: value for name, value in os.environ.items() if not name.endswith(TOKENS)}


def remove_tokens(environment: MutableMapping[str, str]) -> None:
    """Remove the tokens, once they have been read: no child process inherits what is not there."""
    for name in [name for name in environment if name.endswith(TOKENS)]:
        del environment[name]
