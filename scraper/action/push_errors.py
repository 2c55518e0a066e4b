"""Explain why a push failed: whether trying again can help, and if not, what the server said and how to fix it."""

import re
import unicodedata

from scraper.errors import GitError

REJECTED = re.compile(r"^!\t[^\t]*\t\[(?:remote )?(?:rejected|failure)\] \((?P<reason>.*)\)$", re.MULTILINE)
"""What `git push --porcelain` prints about a ref that was not updated."""
MOVED = re.compile(
    "fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref|reference already exists"
)
UNREACHABLE = re.compile(
    "Could not resolve host|Failed to connect|timed out|Connection (?:was )?(?:reset|refused|closed)"
    "|error: (?:429|5[0-9][0-9])|early EOF|unexpected disconnect|hung up unexpectedly|RPC failed",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(
    "error: 40[13]|Permission to .* denied|Authentication failed|could not read Username|Resource not accessible"
)
TOO_LARGE = re.compile("GH001|exceeds GitHub's file size limit")
SECRET = re.compile("cannot contain secrets", re.IGNORECASE)
UNBLOCK = re.compile(r"https://\S+/security/secret-scanning/unblock-secret/[\w-]+")
SIGNED = re.compile("verified signatures|must be signed", re.IGNORECASE)
PROTECTED = re.compile("GH006|GH013|protected branch|rule[ _]violation|through a pull request", re.IGNORECASE)
REDIRECTED = re.compile("error: 30[0-9]|redirect", re.IGNORECASE)
NOT_KNOWN = (
    "GitHub refused the token for this repository: check the input token, or leave it out to use the job's own."
)
LONGEST = 600


class Race(Exception):  # noqa: N818 - not a failure yet: fetch, and try again
    """The push failed, but may succeed next time: the branch moved, or the server could not be reached."""


def explain(output: str, complaint: str, branch: str) -> Exception:
    """A Race or a GitError for what `git push --porcelain` printed; `complaint` is its standard error."""
    reason = "; ".join(match["reason"] for match in REJECTED.finditer(output))
    said = _server_lines(complaint)
    if (reason and MOVED.search(reason)) or (not reason and UNREACHABLE.search(complaint)):
        return Race(in_a_line(reason or complaint))
    everything = f"{output}\n{complaint}"
    fix = _fix(everything, branch)
    answer = said or in_a_line(reason or _last(complaint))
    if fix is None:
        return GitError(f"The push to {branch} was refused ({answer}); the data were not published.")
    return GitError(f"{fix} The server said: {said}" if said else fix)


def explain_api(errors: object, branch: str) -> Exception:
    """A Race or a GitError for the `errors` in GraphQL's answer to a commit."""
    listed = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    answer = " ".join(str(each[key]) for each in listed for key in ("type", "message") if key in each)
    if any(each.get("type") == "STALE_DATA" for each in listed):
        return Race(in_a_line(answer))
    return refusal(answer, branch)


def refusal(answer: str, branch: str) -> GitError:
    """The error for a commit that GitHub's API refused, from its answer."""
    said = in_a_line(answer) or "GitHub gave no reason"
    fix = _fix(answer, branch)
    return GitError(
        f"{fix} GitHub said: {said}"
        if fix
        else f"The commit to {branch} was refused ({said}); the data were not published."
    )


def _fix(answer: str, branch: str) -> str | None:
    if TOO_LARGE.search(answer):
        return "GitHub refuses a file of more than 100 MiB: set commit-database: false."
    if SECRET.search(answer):
        address = UNBLOCK.search(answer)
        where = f"at {address[0]}" if address else "at the address in its answer"
        return (
            "GitHub's push protection mistook something in the dataset, most likely a stranger's description, for a"
            f" secret: allow it {where}, and run the workflow again."
        )
    if FORBIDDEN.search(answer):
        return (
            "The token may not push to this repository: give the job `permissions: contents: write`, or another"
            " `token`; or set commit: false."
        )
    if SIGNED.search(answer):
        return f"The branch {branch} accepts only signed commits: set commit-by: api, which has GitHub sign them."
    if PROTECTED.search(answer):
        return (
            f"The branch {branch} is protected and refused this push. There are four ways around that: propose the"
            " data with pull-request: true, check out with a deploy key that may bypass the rule (`ssh-key` of"
            " actions/checkout), pass the `token` of a GitHub App that may do so, or keep the dataset on a"
            " separate branch (`ref` of actions/checkout)."
        )
    if REDIRECTED.search(answer):
        return (
            "The server redirects the push to another address, to which the token is not sent: set the remote"
            " `origin` to the repository's present address."
        )
    return None


def _server_lines(complaint: str) -> str:
    """What the server itself said; git marks its lines with `remote:`."""
    lines = [line.removeprefix("remote:").strip() for line in complaint.splitlines() if line.startswith("remote:")]
    return in_a_line(" ".join(lines))


def _last(complaint: str) -> str:
    lines = [line for line in complaint.splitlines() if line.strip() and not line.startswith(("hint:", "To "))]
    return next((line for line in lines if line.startswith("fatal:")), lines[-1] if lines else "git gave no reason")


def in_a_line(text: str) -> str:
    """A server's text on one line, without terminal control characters."""
    printable = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    line = " ".join(printable.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."
