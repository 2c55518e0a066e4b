"""Asking about health: batches that shrink and grow, a budget that runs out, partial and odd answers."""

import contextlib
import copy
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import parse, validate
from hypothesis import given
from hypothesis import strategies as st

from sandbox.graphql import schema
from scraper.config import Budget
from scraper.errors import AccessDenied, BadToken, Blocked, NotFound, RateLimited, Unavailable
from scraper.github.details import RESPONSE_FAMILY, ContributorFamily
from scraper.github.families import FAMILIES, FIELDS, Incomplete
from scraper.github.health import LESS_PATIENCE, PATIENCE, Questions
from scraper.github.recommended_files import FOLDERS, ROOT
from scraper.github.whereabouts import node_id
from scraper.model.kinds import UNKNOWN
from tests.helpers.nodes import NODES

FILES, COUNTS, COMMITS = FAMILIES
IDS = list(range(1, 201))
PLENTY = Budget(1_000, 60)


class GitHub:
    """Answers within ten seconds, of which each repository costs some; and as each test requires."""

    def __init__(self, family=COUNTS, slow=None, lost=(), cut=(), down=False, cost=1, refusal=None, refused_after=0):
        self.family, self.slow, self.lost, self.cut = family, slow or {}, set(lost), set(cut)
        self.down, self.cost, self.refusal, self.refused_after = down, cost, refusal, refused_after
        self.sizes: list[int] = []
        self.numbers = {node_id(id_): id_ for id_ in IDS}

    def graphql_once(self, query, variables, until):
        batch = [self.numbers[each] for each in variables["ids"]]
        if self.refusal and len(self.sizes) >= self.refused_after:
            raise self.refusal
        self.sizes.append(len(batch))
        if self.down or sum(self.slow.get(id_, 0.1) for id_ in batch) > 10:
            raise Unavailable("502")
        nodes, errors = [], []
        for place, id_ in enumerate(batch):
            node = {"databaseId": id_} | copy.deepcopy(NODES[self.family])
            if id_ in self.lost:
                node = None
                errors.append({"type": "NOT_FOUND", "path": ["nodes", place]})
            elif id_ in self.cut and len(batch) > 1:
                part = "root" if self.family is FILES else next(iter(NODES[self.family]))
                node[part] = None
                errors.append({"type": "RESOURCE_LIMITS_EXCEEDED", "path": ["nodes", place, part]})
            nodes.append(node)
        return {"rateLimit": {"cost": self.cost, "remaining": 1}, "nodes": nodes}, errors


def ask(github, ids=IDS, budget=PLENTY):
    return Questions(github, budget).ask(github.family, ids, {})


@pytest.mark.parametrize("family", [*FAMILIES, RESPONSE_FAMILY], ids=lambda family: family.source)
def test_every_field_of_a_family_is_found(family):
    of_source = {field.name for field in FIELDS if field.source == family.source}
    assert of_source == {*family.finders, f"{family.source}_observed_at"}
    assert {field.source for field in FIELDS if field.name in family.finders} == {family.source}
    assert family.read(NODES[family]).keys() == family.finders.keys()


@pytest.mark.parametrize("family", [*FAMILIES, RESPONSE_FAMILY], ids=lambda family: family.source)
def test_the_query_of_a_family_is_one_of_githubs_own_schema(family, official_graphql):
    assert validate(schema(official_graphql), parse(family.query)) == []


def test_a_quiet_night_takes_as_few_queries_as_batches_allow():
    github = GitHub()
    values, left = ask(github)
    assert github.sizes == [50, 50, 50, 50]
    assert (list(values), left) == (IDS, [])


def test_a_repository_that_is_too_slow_is_lost_alone():
    github = GitHub(slow={77: 11})
    values, left = ask(github)
    assert (set(values), left) == (set(IDS) - {77}, [])
    assert max(github.sizes[-4:]) > 1  # it grew again


def test_slow_repositories_are_asked_in_batches_that_fit_the_clock():
    values, _ = ask(github := GitHub(slow=dict.fromkeys(IDS, 0.6)))
    assert set(values) == set(IDS)
    assert len(github.sizes) < 40


@pytest.mark.parametrize("family", [COUNTS, FILES])
def test_what_github_cut_is_asked_again_alone_and_is_never_no_or_nothing(family):
    values, _ = ask(github := GitHub(family, cut={5, 60}))
    assert values[5] == values[60] == values[6]
    assert github.sizes == [50, 1, 50, 1, 50, 50]


def test_what_is_gone_is_unknown_and_asked_only_once():
    values, left = ask(github := GitHub(lost={3}))
    assert (set(values), left) == (set(IDS) - {3}, [])
    assert github.sizes == [50, 50, 50, 50]


def test_a_budget_of_points_ends_it_and_the_rest_waits():
    values, left = ask(GitHub(cost=2), budget=Budget(4, 60))
    assert (list(values), left) == (IDS[:100], IDS[100:])


@pytest.mark.parametrize("budget", [Budget(0, 60), Budget(10, 0)])
def test_an_empty_budget_asks_nothing(budget):
    github = GitHub()
    assert ask(github, budget=budget) == ({}, IDS)
    assert github.sizes == []


@pytest.mark.parametrize("refusal", [RateLimited("used up"), BadToken("revoked")])
def test_a_refusal_ends_it_and_keeps_what_was_answered(refusal):
    questions = Questions(GitHub(refusal=refusal, refused_after=1), PLENTY)
    values, _ = questions.ask(COUNTS, IDS, {})
    assert list(values) == IDS[:50]
    assert questions.over


def test_an_outage_is_left_alone_soon():
    github = GitHub(down=True)
    values, _ = ask(github)
    assert values == {}
    assert len(github.sizes) <= PATIENCE + 2 * LESS_PATIENCE


@given(
    st.lists(st.sampled_from(IDS), unique=True, max_size=120),
    st.dictionaries(st.sampled_from(IDS), st.floats(0, 12), max_size=30),
    st.sets(st.sampled_from(IDS), max_size=20),
    st.sets(st.sampled_from(IDS), max_size=20),
    st.integers(0, 40),
)
def test_only_answers_in_time_are_known(ids, slow, lost, cut, points):
    values, left = ask(github := GitHub(slow=slow, lost=lost, cut=cut), ids, Budget(points, 60))
    assert set(values) <= set(ids) - lost - {id_ for id_, seconds in slow.items() if seconds > 10}
    assert not set(values) & set(left)
    assert len(github.sizes) <= points
    if points == 40 and not slow:
        assert set(values) == set(ids) - lost


def test_files_are_found_wherever_github_looks_for_them():
    values = FILES.read(NODES[FILES])
    assert {name for name, value in values.items() if value is True} == {
        *("readme", "license_file", "contributing", "pull_request_template", "workflows"),
        *("dependency_updates", "codeowners", "citation"),
    }
    assert values["security_policy"] is False  # a folder is not a file
    assert values["support"] is False  # nor is a program a document
    assert (values["latest_release"], values["languages"]) == ("v1", ["Awk", "Go"])
    assert values["language_bytes"] == {"Awk": 2, "Go": 7}


def test_outsiders_are_answered_by_insiders_and_no_bot_is_either():
    assert RESPONSE_FAMILY.read(NODES[RESPONSE_FAMILY]) == {
        "outsiders_opened": 3,
        "outsiders_answered": 2,
        "first_response_seconds": 450,
    }


def test_no_login_is_asked_for():
    assert not [family.source for family in (*FAMILIES, RESPONSE_FAMILY) if "login" in family.query.lower()]


@pytest.mark.parametrize(
    "numbers, commits, found",
    [
        ([1], None, (1, 1)),
        ([5, 3, 2], None, (3, 1)),
        ([3, 3, 3, 3], None, (4, 2)),
        ([7] + [1] * 20, None, (21, 8)),
        ([], 0, (0, 0)),
        ([50] + [1] * 99, 160, (UNKNOWN, 31)),
        ([1] * 100, 1000, (UNKNOWN, UNKNOWN)),
        ([1] * 100, None, (UNKNOWN, UNKNOWN)),
    ],
)
def test_contributors_are_counted_and_forgotten(numbers, commits, found):
    class Api:
        def get(self, path, parameters, expected, until):
            bot = [{"login": "a[bot]", "type": "Bot", "contributions": 99}] * (len(numbers) < 100)
            return SimpleNamespace(body=[{"login": "x", "type": "User", "contributions": n} for n in numbers] + bot)

    read = ContributorFamily().read(Api(), 7, commits, 0)
    assert (read["contributors_count"], read["contributor_absence_factor"]) == found


class Refusing:
    """Refuses every request for the same reason."""

    def __init__(self, refusal):
        self.refusal, self.requests = refusal, 0

    def get(self, *_, **__):
        self.requests += 1
        raise self.refusal


TOO_LARGE = "The history or contributor list is too large to list contributors for this repository via the API."


def test_a_list_of_contributors_that_is_too_large_is_an_answer():
    refusal = AccessDenied("GitHub refused access to it (status 403).", TOO_LARGE)
    values, left = Questions(Refusing(refusal), PLENTY).ask_one_by_one(ContributorFamily(), {1: 50})
    assert (values, left) == ({1: dict.fromkeys(ContributorFamily.fields, UNKNOWN)}, [])


@pytest.mark.parametrize(
    "refusal",
    [
        AccessDenied("GitHub refused access to it (status 403).", "the organization has an IP allow list enabled"),
        AccessDenied(
            "GitHub refused access to it (status 403).", "Resource protected by organization SAML enforcement."
        ),
        Blocked("GitHub blocks access to it (status 451).", "dmca"),
        NotFound("gone"),
    ],
    ids=["allow list", "SAML", "blocked", "gone"],
)
def test_a_refused_repository_stays_unknown_and_costs_a_point(refusal):
    questions = Questions(api := Refusing(refusal), Budget(3, 60))
    values, left = questions.ask_one_by_one(ContributorFamily(), dict.fromkeys(range(1, 11), 50))
    assert (values, left) == ({}, list(range(4, 11)))
    assert (api.requests, questions.points, questions.queries) == (3, 3, 3)
    assert not questions.trouble


@pytest.mark.parametrize(
    "name, field",
    [
        *((f"README.{ending}", "readme") for ending in ("pod", "mkd", "mediawiki", "Rmd", "html", "fr.md")),
        *(
            (name, "license_file")
            for name in (
                *("LICENSE-MIT", "LICENSE.MIT", "COPYING.LESSER", "licence_apache.txt", "UNLICENSE", "COPYING"),
                *("LICENSE-APACHE-2.0.md", "LICENSE_GPLv3", "LICENSE-CC-BY-4.0", "LICENSE-0BSD", "LICENCE.en.md"),
            )
        ),
        *((name, "funding") for name in ("FUNDING.yml", "funding.yaml")),
        ("ISSUE_TEMPLATE.yml", "issue_templates"),
        ("SECURITY.txt", "security_policy"),
        ("NEWS", "changelog"),
    ],
)
def test_documents_have_many_names(name, field):
    node = copy.deepcopy(NODES[FILES]) | {"root": {"entries": [{"name": name, "type": "blob"}]}}
    assert FILES.read(node)[field] is True


@pytest.mark.parametrize(
    "name, is_one", [("bug.yml", True), ("Feature.YAML", True), ("config.yml", False), ("config.yaml", False)]
)
def test_a_form_for_issues_is_a_template_of_which_github_says_nothing(name, is_one):
    node = NODES[FILES] | {"issueTemplates": [], "forms": {"entries": [{"name": name, "type": "blob"}]}}
    assert FILES.read(node)["issue_templates"] is is_one


@pytest.mark.parametrize("folder", ["root", "github", "docs"])
@pytest.mark.parametrize(
    "name",
    [
        *("license.py", "readme.json", "licensed.md", "LICENSES.d", "license-header.txt", "license-check.yml"),
        *("license.tmpl", "licence-mitigation.md", "license-guide.md", "license-mit.yml", "copying-files.md"),
        *("support.yml", "security.yaml", "changelog.yml", "history.toml", "security.png", "changes.csv", "news.zip"),
        *("contributing.yml", "governance.ini", "codeowners.yml", "pull_request_template.yml", "funding.toml"),
    ],
)
def test_not_everything_is_a_telephone_number(name, folder):
    node = NODES[FILES] | {
        **dict.fromkeys(("root", "github", "docs", "workflows", "forms", "contributingGuidelines")),
        "pullRequestTemplates": None,
        "isEmpty": True,
        folder: {"entries": [{"name": name, "type": "blob"}]},
    }
    assert {found for found, value in FILES.read(node).items() if value is True} == {"is_empty"}


@pytest.mark.parametrize("folder", ["github", "docs"])
def test_one_of_several_licenses_is_looked_for_in_the_root_only(folder):
    node = NODES[FILES] | {"root": {"entries": []}, folder: {"entries": [{"name": "LICENSE-MIT", "type": "blob"}]}}
    assert FILES.read(node)["license_file"] is False


def test_what_github_may_leave_open_is_unknown():
    node = copy.deepcopy(NODES[FILES]) | {"isSecurityPolicyEnabled": None}
    assert FILES.read(node)["security_policy"] is UNKNOWN


NONE = {"codeOfConduct", "contributingGuidelines", "templateRepository", "archivedAt", "latestRelease"}
ABSENT = NONE | FOLDERS.keys() - {ROOT}
"""Parts of which null says that there is none."""


@pytest.mark.parametrize(
    "family, part", [(family, part) for family in FAMILIES for part in NODES[family] if part not in ABSENT]
)
def test_null_says_nothing_of_anything_else(family, part):
    with contextlib.suppress(Incomplete):
        known, answered = family.read(NODES[family]), family.read(NODES[family] | {part: None})
        assert all(value is UNKNOWN for name, value in answered.items() if value != known[name])


@pytest.mark.parametrize(
    "part, fields",
    [
        ("languages", ["languages", "language_bytes"]),
        ("issueTemplates", ["issue_templates"]),
        ("pullRequestTemplates", ["pull_request_template"]),
    ],
)
def test_a_list_that_is_null_is_unknown(part, fields):
    answered = FILES.read(NODES[FILES] | {part: None})
    assert [name for name, value in answered.items() if value is UNKNOWN] == sorted(fields, key=list(answered).index)


def test_an_empty_repository_has_no_languages():
    parts = dict.fromkeys(("root", "languages", "latestRelease"))
    answered = FILES.read(NODES[FILES] | parts | {"isEmpty": True})
    assert (answered["languages"], answered["language_bytes"]) == ([], {})


@pytest.mark.parametrize(
    "part",
    [
        *({"root": None}, {"root": {}}, {"root": {"entries": None}}),
        *({"latestRelease": {"tagName": None}}, {"fundingLinks": None}),
    ],
)
def test_null_where_there_must_be_something_says_nothing(part):
    with pytest.raises(Incomplete):
        FILES.read(copy.deepcopy(NODES[FILES]) | part)


def test_a_repository_with_commits_has_a_branch():
    with pytest.raises(Incomplete):
        COMMITS.read({"isEmpty": False, "defaultBranchRef": None})


def test_an_empty_repository_has_no_commits_which_is_known():
    assert COMMITS.read({"isEmpty": True, "defaultBranchRef": None}) == {
        "commits_count": 0,
        "commits_last_year": 0,
        "last_commit_at": None,
    }


@pytest.mark.parametrize("date", ["9999-01-01T00:00:00Z", "1901-01-01T00:00:00Z", "yesterday", 7])
def test_a_commit_without_a_credible_date_has_an_unknown_date(date):
    node = copy.deepcopy(NODES[COMMITS])
    node["defaultBranchRef"]["target"]["committedDate"] = date
    assert COMMITS.read(node) == {"commits_count": 9, "commits_last_year": 3, "last_commit_at": UNKNOWN}


ODD = st.sampled_from([None, 0, "x", [], {}, [None], {"entries": 3}, {"entries": [None]}, {"target": None}, [[]]])


@given(st.sampled_from([*FAMILIES, RESPONSE_FAMILY]), st.data())
def test_an_odd_part_is_incomplete_or_unknown_never_a_crash(family, data):
    node = copy.deepcopy(NODES[family])
    place: Any = node
    while True:  # somewhere, at any depth
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(ODD)
            break
        place = place[key]
    try:
        values = family.read(node)
    except Incomplete:
        return
    assert values.keys() == family.read(NODES[family]).keys()
