"""A pull request instead of a push: one branch and one open request, which each run updates until it is merged.

While it is open, each run continues from the data in it and adds a commit. If the data on the base branch change, the
two can no longer be merged: the branch then starts again with one commit on top of the base, which holds the later
observation of each organisation. The branch also starts again once the request is merged or closed.
"""

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scraper.action.api_commit import repository_name
from scraper.action.checkout import BRANCHES, Checkout, Target
from scraper.action.inputs import Settings
from scraper.action.publication import dataset_in, merge_forgotten
from scraper.action.push_errors import NOT_KNOWN, in_a_line
from scraper.action.report import change_list, closure_list, date_of, escaped
from scraper.action.step import Step
from scraper.dataset import atomic, store
from scraper.dataset.forgotten import leave_out
from scraper.dataset.merge import merge
from scraper.errors import (
    AccessDenied,
    BadToken,
    DatasetError,
    GitError,
    NotFound,
    RequestError,
    Unavailable,
    Unprocessable,
)
from scraper.github.client import GitHubApi
from scraper.model.accounts import Dataset
from scraper.model.comparison import Comparison

BRANCH = "open-source-health-statistics"
UNFIT = re.compile(r"[^\w/-]+")
LONGEST_TITLE, LONGEST_BODY = 250, 60_000
"""Characters; GitHub takes 256 and 65,536."""


@dataclass(frozen=True)
class Requests:
    """The pull requests from the branch `head` of a repository (OWNER/NAME); new ones go to the branch `base`."""

    api: GitHubApi
    repository: str
    head: str
    base: str

    def find(self) -> int | None:
        """The number of the open request, if there is one."""
        owner = self.repository.partition("/")[0]
        asked = {"state": "open", "head": f"{owner}:{self.head}", "per_page": 100}
        try:
            found = self.api.get(self._path, asked, list).body
        except (RequestError, BadToken) as error:
            raise self._failure(error) from None
        return next((number for each in found if (number := self._ours(each))), None)

    def merge_base(self, base: str, head: str) -> str | None:
        """The merge base of two commits, None if GitHub knows none."""
        try:
            # The second page leaves out the changed files, which can be long.
            asked = {"per_page": 1, "page": 2}
            found = self.api.get(f"/repos/{self.repository}/compare/{base}...{head}", asked, dict).body
        except NotFound:
            return None
        except RequestError as error:
            raise self._failure(error) from None
        match found:
            case {"merge_base_commit": {"sha": str(sha)}} if re.fullmatch("[0-9a-f]{40,64}", sha):
                return sha
        return None

    def publish(self, title: str, body: str) -> int:
        """Update the open request, or open one, and return its number."""
        if len(body) > LONGEST_BODY:
            body = body[:LONGEST_BODY].rpartition("\n")[0] + "\n- and more, in the commits\n"
        document = {"title": title[:LONGEST_TITLE], "body": body}
        number = self.find()
        try:
            if number is None:
                return self._open(document)
            self.api.write("PATCH", f"{self._path}/{number}", document)
        except RequestError as error:
            raise self._failure(error) from None
        return number

    def _open(self, document: dict[str, Any]) -> int:
        try:
            opened = self.api.write("POST", self._path, document | {"head": self.head, "base": self.base})
        except (Unavailable, Unprocessable):
            # The answer may have been lost, or another run was faster.
            if (found := self.find()) is None:
                raise
            return found
        if (number := self._ours(opened)) is None:
            raise Unavailable("GitHub's answer has an unexpected form.")
        return number

    @property
    def _path(self) -> str:
        return f"/repos/{self.repository}/pulls"

    def _ours(self, raw: object) -> int | None:
        """The number of a request from our branch; a fork's branch can have the same name."""
        match raw:
            case {"number": int(number), "head": {"ref": self.head, "repo": {"full_name": str(name)}}}:
                return number if name.casefold() == self.repository.casefold() else None
        return None

    def _failure(self, error: RequestError | BadToken) -> GitError:
        if isinstance(error, BadToken):
            return GitError(NOT_KNOWN)
        where = f"The pull request of {self.head} into {self.base}"
        said = in_a_line(error.said or str(error))
        if isinstance(error, AccessDenied | NotFound):
            return GitError(
                f"{where} was refused: give the job `permissions: pull-requests: write` beside `contents: write`, and"
                " in the repository's settings, under Actions, General, allow GitHub Actions to create pull requests;"
                f" or pass the `token` of a GitHub App. GitHub said: {said}"
            )
        return GitError(f"{where} could not be written: {said}")


@dataclass(frozen=True)
class Proposal:
    """What a run continues from: the checkout, which commits to the request's branch, and the data waiting there.

    `number` is that of the open request, if there is one, and `waiting` the commit with its data.
    """

    checkout: Checkout
    requests: Requests
    number: int | None
    waiting: str | None

    @property
    def continues(self) -> bool:
        """Whether the branch continues; if not, the waiting data are merged with those of the base."""
        return self.waiting is not None and self.checkout.tip == self.waiting

    @property
    def url(self) -> str:
        """The page of the open request, made only from harmless parts; empty if there is none."""
        if self.number is None:
            return ""
        return f"{self.checkout.server_url}/{quote(self.requests.repository)}/pull/{self.number}"

    def published(self, step: Step) -> "Proposal":
        """Open or update the request for a step from the base's dataset."""
        title = step.message().partition("\n")[0]
        return replace(self, number=self.requests.publish(title, _body(step, self.requests.base)))


def propose(checkout: Checkout, api: GitHubApi, repository: str, folder: str) -> Proposal:
    """Look for data in the open pull request of a dataset; `folder` distinguishes datasets in one repository."""
    if checkout.head is None:
        raise GitError(
            "Input pull-request: the repository has no commit to merge a pull request into: push one by hand, for"
            " example with `git commit --allow-empty`."
        )
    ref = f"{BRANCHES}{BRANCH}/{checkout.branch}/{UNFIT.sub('-', folder)}"
    requests = Requests(api, repository_name(checkout, repository), ref.removeprefix(BRANCHES), checkout.branch)
    number, last = requests.find(), checkout.on_server(ref)
    waiting = last if number else None
    onto = checkout.head
    if waiting:
        checkout.fetch_commit(waiting)
        if _is_unchanged(checkout, requests, waiting, folder):
            onto = waiting
    return Proposal(replace(checkout, target=Target(ref, last, onto)), requests, number, waiting)


def load_waiting(settings: Settings, proposal: Proposal) -> tuple[Dataset, Dataset]:
    """Put the data that the run continues from into the data-directory, whatever an earlier step left there.

    Returns the dataset of the base branch, and the one that is now in the folder.
    """
    checkout, tip = proposal.checkout, str(proposal.checkout.tip)
    base = held = dataset_in(settings, checkout, str(checkout.head))
    if proposal.waiting:
        held = _waiting(settings, checkout, proposal.waiting)
        if not proposal.continues:
            held = merge(base, held, {entry.login.casefold() for entry in settings.listed()})
        held = leave_out(held, merge_forgotten(settings, checkout, proposal.waiting))
    if held != store.load(settings.data):
        store.save(settings.data, held)
    database = settings.database.relative_to(checkout.root).as_posix()
    if checkout.tracked(database, tip):
        with tempfile.TemporaryDirectory() as name:
            checkout.export(tip, [database], Path(name))
            atomic.replace(settings.database, (Path(name) / database).read_bytes())
    return base, held


def _waiting(settings: Settings, checkout: Checkout, commit: str) -> Dataset:
    try:
        return dataset_in(settings, checkout, commit)
    except DatasetError as error:
        raise DatasetError(
            f"The data on the branch {checkout.branch} cannot be used, so close its pull request and run the workflow"
            f" again: {error}"
        ) from error


def _is_unchanged(checkout: Checkout, requests: Requests, waiting: str, folder: str) -> bool:
    """Whether the base still has the data that the waiting ones continue from, so that git can merge them."""
    base = str(checkout.head)
    parted = requests.merge_base(base, waiting)
    if parted is None:
        return False
    checkout.fetch_commit(parted)
    return checkout.tree(folder, parted) == checkout.tree(folder, base)


def _body(step: Step, base: str) -> str:
    since = date_of(step.before)
    lines = [
        f"Merging this publishes the dataset on {escaped(base)}. Until then, each run of the workflow adds a"
        " commit and rewrites this text. Use a merge commit: a squash would leave only the last observation in the"
        " history. Do not commit to the branch, because a run may recreate it.",
        "",
        *closure_list(step.closures),
        "### What changed",
        "",
        f"Since the data as of {since}:" if since else "The first observation:",
        "",
        *change_list(Comparison(step.before, step.after, step.events)),
    ]
    return "\n".join(lines)
