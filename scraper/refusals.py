"""Why a server refuses a push for good, and the way out: what git and GitHub say, in a sentence."""

import re

PROTECTED = re.compile("GH006|GH013|protected branch|repository rule violations|hook declined", re.IGNORECASE)
FORBIDDEN = re.compile("error: 40[13]|Permission to .* denied|Authentication failed|could not read Username")
TOO_LARGE = re.compile("GH001|exceeds GitHub's file size limit")
SECRET = re.compile("cannot contain secrets", re.IGNORECASE)
UNBLOCK = re.compile(r"https://\S+/security/secret-scanning/unblock-secret/[\w-]+")


def refusal(words: str, branch: str) -> str | None:
    """The sentence for what was said to a rejected push; None if trying again may help."""
    if TOO_LARGE.search(words):
        return "GitHub refuses a file of more than 100 MiB: set commit-database: false."
    if SECRET.search(words):
        address = UNBLOCK.search(words)
        where = f"at {address[0]}" if address else "at the address in its answer"
        return (
            "GitHub's push protection takes something in the dataset, most likely in a stranger's description, for a"
            f" secret: allow it {where}, and run the workflow again."
        )
    if FORBIDDEN.search(words):
        return (
            "The token may not push to this repository: give the job `permissions: contents: write`, or another"
            " `token`; or set commit: false."
        )
    if PROTECTED.search(words):
        return (
            f"The branch {branch} is protected, and refuses this push. Three ways out: check out with a deploy key"
            " that may bypass the rule (`ssh-key` of actions/checkout), pass the `token` of a GitHub App that may, or"
            " keep the dataset on a branch of its own (`ref` of actions/checkout)."
        )
    return None
