"""One issue about closures, in the repository that keeps the dataset: opened once, then updated."""

import contextlib
import re
import sqlite3
from collections.abc import Sequence

from scraper.action.inputs import Settings
from scraper.action.report import TITLE, escaped
from scraper.action.workflow_commands import Workflow
from scraper.database.closures import read_closures
from scraper.database.sqlite_file import open_readonly
from scraper.errors import OssHealthError, RequestError, Unavailable
from scraper.github.client import GitHubApi
from scraper.model.closures import Closure

LABEL = "closure"
MARK = "<!-- open-source-health: closures -->"
HEADING = "Closures: repositories that are no longer where they were"
MOST = 50
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")


def notify(settings: Settings, api: GitHubApi, workflow: Workflow, *, news: bool = True) -> str | None:
    """Open or update the issue, and return a sentence about it. If it cannot be written, the run does not fail.

    If this run has `news`, an issue that somebody closed is opened again. If not, it is only updated with what has
    become of the repositories since; None means that there was nothing to write.
    """
    if not REPOSITORY.fullmatch(settings.repository):
        return "No issue was written, because GITHUB_REPOSITORY does not name the repository of this workflow."
    try:
        with contextlib.closing(open_readonly(settings.database)) as connection:
            closures = read_closures(connection)
        return _written(api, f"/repos/{settings.repository}/issues", body(closures), news) if closures else None
    except (RequestError, OssHealthError, sqlite3.Error) as error:
        said = f"The issue about closures could not be written: the job needs `permissions: issues: write`. {error}"
        workflow.warning(said, TITLE)
        return escaped(said, 500)


def body(closures: Sequence[Closure]) -> str:
    """The text of the issue: the newest closures first, and nobody mentioned."""
    lines = [f"- {escaped(each.sentence, 600)}" for each in closures[:MOST]]
    more = [f"- and {len(closures) - MOST:,} earlier ones, in the database"] if len(closures) > MOST else []
    return "\n".join(
        [MARK, "The workflow that observes these organisations keeps this issue up to date.", "", *lines, *more, ""]
    )


def _written(api: GitHubApi, path: str, text: str, news: bool) -> str | None:
    """Update the issue with the mark, open or closed; open a new one only if there is none."""
    number, before = _find(api, path)
    if number is None:
        api.write("POST", path, {"title": HEADING, "body": text, "labels": [LABEL]})
        return "An issue about closures was opened."
    if not news and before.split() == text.split():
        return None
    api.write("PATCH", f"{path}/{number}", {"body": text, "state": "open"} if news else {"body": text})
    return f"The issue #{number} about closures was updated."


def _find(api: GitHubApi, path: str) -> tuple[int | None, str]:
    """The number and text of the oldest issue with the mark; one without its label is not found."""
    parameters = {"labels": LABEL, "state": "all", "sort": "created", "direction": "asc", "per_page": 100}
    for issue in api.get(path, parameters, list).body:
        match issue:
            case {"number": int(number), "body": str(found)} if found.startswith(MARK):
                return number, found
            case {"number": int()}:
                continue
        raise Unavailable("GitHub's list of issues has an unexpected form.")
    return None, ""
