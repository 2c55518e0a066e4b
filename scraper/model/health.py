"""The fields of health, which GitHub is asked for after it has listed the repositories.

`source` names the family in which a field is asked for; `github.families` has the query of each.
"""

from functools import partial
from typing import Annotated, TypedDict

from scraper.model import fields
from scraper.model.fields import fields_of
from scraper.model.kinds import Boolean, Bytes, Integer, Names, Text, Timestamp, Unknown

FILES, COUNTS, COMMITS, RESPONSES, CONTRIBUTORS = FAMILY_NAMES = (
    *("files", "counts", "commits"),
    *("responses", "contributors"),
)
"""The families, in the order in which they are asked for; the last two only if details are wanted."""

Field = partial(fields.Field, source=FILES)
File = partial(fields.Field, source=FILES, is_file=True)
Count = partial(fields.Field, source=COUNTS)
Commit = partial(fields.Field, source=COMMITS)
Response = partial(fields.Field, source=RESPONSES)
Contributor = partial(fields.Field, source=CONTRIBUTORS)


class Health(TypedDict):
    """Facts of a repository that are not in its listing. Each change is news. One file an organisation."""

    id: Annotated[Integer, fields.Field("GitHub's numeric id of the repository")]
    name: Annotated[Text, fields.Field("Name of the repository, so that a diff shows which one it is about")]
    is_empty: Annotated[Boolean | Unknown, Field("1 if nothing was ever committed to it")]
    archived_at: Annotated[
        Timestamp | Unknown | None, Field("When its owners archived it (UTC)", null="it is not archived", news=False)
    ]
    template_id: Annotated[
        Integer | Unknown | None,
        Field(
            "GitHub's numeric id of the template that it was made from",
            null="it was not made from a public template",
            news=False,
        ),
    ]
    readme: Annotated[Boolean | Unknown, File("1 if it has a README")]
    license_file: Annotated[Boolean | Unknown, File("1 if it has a file LICENSE, LICENCE, COPYING or UNLICENSE")]
    contributing: Annotated[
        Boolean | Unknown, File("1 if it has a contributing guide, or its owner has one for all repositories")
    ]
    code_of_conduct: Annotated[
        Boolean | Unknown, File("1 if it has a code of conduct, or its owner has one for all repositories")
    ]
    security_policy: Annotated[
        Boolean | Unknown, File("1 if it has a security policy, or its owner has one for all repositories")
    ]
    support: Annotated[Boolean | Unknown, File("1 if it has a file SUPPORT, which says where to get help")]
    governance: Annotated[Boolean | Unknown, File("1 if it has a file GOVERNANCE, which says who decides")]
    codeowners: Annotated[Boolean | Unknown, File("1 if it has a file CODEOWNERS, which says who reviews")]
    changelog: Annotated[Boolean | Unknown, File("1 if it has a file CHANGELOG, CHANGES, HISTORY or NEWS")]
    issue_templates: Annotated[
        Boolean | Unknown,
        File("1 if it has templates or forms for issues, or its owner has templates for all repositories"),
    ]
    pull_request_template: Annotated[
        Boolean | Unknown, File("1 if it has a template for pull requests, or its owner has one for all repositories")
    ]
    funding: Annotated[Boolean | Unknown, File("1 if it has a file FUNDING, or its owner asks for sponsors")]
    workflows: Annotated[Boolean | Unknown, File("1 if it has GitHub Actions workflows")]
    dependency_updates: Annotated[Boolean | Unknown, File("1 if Dependabot or Renovate is configured in it")]
    publiccode: Annotated[Boolean | Unknown, File("1 if it has a publiccode.yml, which describes public software")]
    code_json: Annotated[Boolean | Unknown, File("1 if it has a code.json, the inventory of a United States agency")]
    citation: Annotated[Boolean | Unknown, File("1 if it has a CITATION.cff, which says how to cite it")]
    codemeta: Annotated[Boolean | Unknown, File("1 if it has a codemeta.json, which describes research software")]
    languages: Annotated[Names | Unknown, Field("Its programming languages, at most 20, sorted")]
    latest_release: Annotated[Text | Unknown | None, Field("Tag of its latest release", null="none", free_text=True)]
    latest_release_at: Annotated[
        Timestamp | Unknown | None, Field("When that release was published (UTC)", null="there is none", news=False)
    ]


class Activity(TypedDict):
    """Counters of a repository that are not in its listing, and when each family of fields was last asked for."""

    id: Annotated[Integer, fields.Field("GitHub's numeric id of the repository")]
    name: Annotated[Text, fields.Field("Name of the repository, so that a diff shows which one a line is about")]
    subscribers_count: Annotated[Integer | Unknown, Count("Number of accounts that watch it")]
    issues_open: Annotated[Integer | Unknown, Count("Number of open issues, without pull requests")]
    issues_closed: Annotated[Integer | Unknown, Count("Number of closed issues")]
    issue_updated_at: Annotated[
        Timestamp | Unknown | None, Count("When an issue was last opened, commented on or closed (UTC)", null="none")
    ]
    pull_requests_open: Annotated[Integer | Unknown, Count("Number of open pull requests")]
    pull_requests_merged: Annotated[Integer | Unknown, Count("Number of merged pull requests")]
    pull_requests_closed: Annotated[Integer | Unknown, Count("Number of pull requests closed without a merge")]
    releases_count: Annotated[Integer | Unknown, Count("Number of releases")]
    discussions_count: Annotated[Integer | Unknown, Count("Number of discussions")]
    commits_count: Annotated[Integer | Unknown, Commit("Number of commits on the default branch")]
    commits_last_year: Annotated[
        Integer | Unknown, Commit("Number of these in the 365 days before commits_observed_at")
    ]
    last_commit_at: Annotated[
        Timestamp | Unknown | None,
        Commit("Date of the last commit, by its committer's clock (UTC)", null="none"),
    ]
    outsiders_opened: Annotated[
        Integer | Unknown,
        Response(
            "How many of its last 20 issues and 20 pull requests were opened by outsiders (neither owners, members"
            " nor collaborators), bots left out"
        ),
    ]
    outsiders_answered: Annotated[
        Integer | Unknown, Response("How many of these an owner, member or collaborator answered")
    ]
    first_response_seconds: Annotated[
        Integer | Unknown | None,
        Response("Median number of seconds until the first such answer", null="none was answered"),
    ]
    contributors_count: Annotated[
        Integer | Unknown, Contributor("Number of people who committed to it, bots left out; unknown from 100 on")
    ]
    contributor_absence_factor: Annotated[
        Integer | Unknown,
        Contributor("The smallest number of people who together made half of the commits; 0: there are no commits"),
    ]
    language_bytes: Annotated[Bytes | Unknown, Field("Bytes of each of its programming languages, at most 20")]
    files_observed_at: Annotated[
        Timestamp | Unknown, Field("When its files, releases and languages were last checked (UTC)", news=False)
    ]
    counts_observed_at: Annotated[
        Timestamp | Unknown,
        Count(
            "When its watchers, issues, pull requests, releases and discussions were last counted (UTC)", news=False
        ),
    ]
    commits_observed_at: Annotated[
        Timestamp | Unknown, Commit("When its commits were last counted (UTC)", news=False)
    ]
    responses_observed_at: Annotated[
        Timestamp | Unknown, Response("When its issues and pull requests were last read (UTC)", news=False)
    ]
    contributors_observed_at: Annotated[
        Timestamp | Unknown, Contributor("When its contributors were last counted (UTC)", news=False)
    ]


HEALTH, ACTIVITY = fields_of(Health), fields_of(Activity)


def observed_at(family: str) -> str:
    """The field that says when a family was last asked for."""
    return f"{family}_observed_at"
