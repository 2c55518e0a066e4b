"""Families that are off by default: how soon outsiders are answered, and on how few people a repository depends.

No names are kept, and none are asked for where that can be avoided: of the authors of issues, GitHub is asked only
for their association with the repository and whether they are bots. GitHub lists contributors only with their logins;
they are counted and then forgotten.
"""

from collections.abc import Iterator
from datetime import datetime
from statistics import median
from typing import Any

from scraper.github.client import GitHubApi
from scraper.github.families import Family
from scraper.github.recommended_files import Node
from scraper.model.fields import Record
from scraper.model.health import CONTRIBUTORS, RESPONSES
from scraper.model.kinds import UNKNOWN

INSIDERS = ("OWNER", "MEMBER", "COLLABORATOR")
PAGE = 100

_WHEN = "createdAt authorAssociation author { __typename }"
_COMMENTS = f"comments(first: 5) {{ nodes {{ {_WHEN} }} }}"


class _Conversations:
    """The seconds until an insider first answered each issue and pull request that an outsider opened."""

    def __init__(self, node: Node) -> None:
        opened = [*node["issues"]["nodes"], *node["pullRequests"]["nodes"]]
        waits = [_wait(each) for each in opened if _is_human(each) and each["authorAssociation"] not in INSIDERS]
        self.opened = len(waits)
        self.answered = [wait for wait in waits if wait is not None]


def _wait(opened: Node) -> int | None:
    """Seconds until a human insider answered; None if GitHub's answer contains no such reply."""
    moments = [
        each["createdAt"] for each in _replies(opened) if each["authorAssociation"] in INSIDERS and _is_human(each)
    ]
    if not moments:
        return None
    begun = datetime.fromisoformat(opened["createdAt"])
    return max(0, int((min(map(datetime.fromisoformat, moments)) - begun).total_seconds()))


def _replies(opened: Node) -> Iterator[Node]:
    yield from opened["comments"]["nodes"]
    if "reviews" in opened:
        yield from opened["reviews"]["nodes"]


def _is_human(written: Node) -> bool:
    """Whether a person wrote this; deleted accounts count as people."""
    return written["author"] is None or written["author"]["__typename"] != "Bot"


RESPONSE_FAMILY = Family(
    RESPONSES,
    25,
    f"issues(last: 20) {{ nodes {{ {_WHEN} {_COMMENTS} }} }}"
    f" pullRequests(last: 20) {{ nodes {{ {_WHEN} {_COMMENTS} reviews(first: 5) {{ nodes {{ {_WHEN} }} }} }} }}",
    {
        "outsiders_opened": lambda said: said.opened,
        "outsiders_answered": lambda said: len(said.answered),
        "first_response_seconds": lambda said: int(median(said.answered)) if said.answered else None,
    },
    view=_Conversations,
)


class ContributorFamily:
    """One REST request for each repository: who committed to it, and how often."""

    source = CONTRIBUTORS
    fields = ("contributors_count", "contributor_absence_factor")

    def read(self, api: GitHubApi, id_: int, commits: object, until: float) -> Record:
        """How many people made its commits, and the fewest who made half of them; `commits` is the total, if known.

        GitHub lists a hundred at once. If there are more, their number is unknown; so is the smaller number, unless
        those listed made half of all commits. Raises a RequestError if there is no answer.
        """
        if commits == 0:  # GitHub answers 204, without a body
            return {"contributors_count": 0, "contributor_absence_factor": 0}
        answer = api.get(f"/repositories/{id_}/contributors", {"per_page": PAGE, "anon": "true"}, list, until=until)
        numbers = sorted((_contributions(each) for each in answer.body if not _is_bot(each)), reverse=True)
        whole = len(answer.body) < PAGE
        total = sum(numbers) if whole else commits if type(commits) is int else None
        few = None if total is None else _few(numbers, total)
        return {
            "contributors_count": len(numbers) if whole else UNKNOWN,
            "contributor_absence_factor": UNKNOWN if few is None else few,
        }


def _contributions(listed: Any) -> int:
    number = listed.get("contributions") if isinstance(listed, dict) else None
    return number if type(number) is int and number > 0 else 0


def _is_bot(listed: Any) -> bool:
    return isinstance(listed, dict) and listed.get("type") == "Bot"


def _few(numbers: list[int], total: int) -> int | None:
    """The fewest that together made half of the total; None if not even all of the known ones did."""
    made = 0
    for place, number in enumerate(numbers, 1):
        made += number
        if 2 * made >= total:
            return place
    return 0 if not total else None
