"""Faults of repositories asked for by id: a part of the answer is missing or false, and the rest is true."""

import contextlib
import json

import orjson
import pytest
import requests

from sandbox import FAULTS, Estate, Fault, Sandbox
from sandbox.estate import DEFAULT_DATE
from sandbox.id_faults import HUGE, TEXTS
from tests.sandbox.test_closing import NODES, node
from tests.sandbox.test_closing import owned as ids_of
from tests.sandbox.test_graphql import post
from tests.sandbox.test_health_graphql import COMMITS, COUNTS, FILES, SINCE, ask, owned


def test_faults_by_id_leave_lists_alone_and_a_cut_list_leaves_ids_alone(estate, get):
    one, other, *_ = sorted(ids_of(estate, "harbour-health", DEFAULT_DATE), reverse=True)
    with Sandbox(estate) as github:
        github.faults = [Fault("cut-list", {"login": "harbour-health", "keep": "20"})]
        assert len(get(f"{github.url}/orgs/harbour-health/repos?per_page=100").json()) == 20
        assert get(f"{github.url}/users/harbour-health").json()["public_repos"] == 20
        assert get(f"{github.url}/repositories/{one}").status_code == 200
        assert post(github, NODES, ids=[node(one)]).json()["data"]["nodes"][0]["databaseId"] == one
        for name, status, number in (("lost-id", 404, None), ("refused-id", 403, None), ("other-id", 200, 1)):
            github.faults = [Fault(name)]
            assert get(f"{github.url}/orgs/harbour-health/repos").status_code == 200
            answer = get(f"{github.url}/repositories/{one}")
            assert answer.status_code == status
            said = post(github, NODES, ids=[node(one), node(other)]).json()["data"]["nodes"]
            if number is None:
                assert said == [None, None]
            else:
                assert answer.json()["id"] != one != said[0]["databaseId"]


@pytest.fixture
def records(estate: Estate) -> list[dict]:
    return owned(estate)[:12]


@pytest.fixture
def truth(github: Sandbox, records):
    github.faults = []
    return ask(github, FILES, records).json()["data"]["nodes"]


def struck(github: Sandbox, records, fault: str, family: str = FILES):
    github.faults = [Fault.parse(fault)]
    variables = {"since": SINCE} if "$since" in family else {}
    return ask(github, family, records, **variables)


@pytest.mark.parametrize(("fault", "error"), [("gone-id", "NOT_FOUND"), ("forbidden-id", "FORBIDDEN")])
def test_some_are_null_and_each_has_an_error(github, records, truth, fault, error):
    said = struck(github, records, f"{fault}:every=3").json()
    gone = [place for place, each in enumerate(records) if (each["id"] >> 8) % 3 == 0]
    assert said["data"]["nodes"] == [None if place in gone else each for place, each in enumerate(truth)]
    assert [(each["type"], each["path"]) for each in said["errors"]] == [(error, ["nodes", n]) for n in gone]


def test_nulls_without_an_error(github, records, truth):
    nulls = struck(github, records, "null-fields-of-id").json()
    assert "errors" not in nulls
    assert [set(map(str, node.values())) for node in nulls["data"]["nodes"]] == [
        {"None", str(each["id"])} for each in records
    ]
    leaves = struck(github, records, "null-leaves-of-id", COUNTS).json()
    assert "errors" not in leaves
    assert leaves["data"]["nodes"][0]["open"] == {"totalCount": None}
    assert [node["databaseId"] for node in leaves["data"]["nodes"]] == [each["id"] for each in records]


@pytest.mark.parametrize("family", [FILES, COUNTS, COMMITS])
def test_resource_limits_leave_parts_out_and_say_which(running, records, family):
    running.faults = []
    variables = {"since": SINCE}
    true = ask(running, family, records, **variables).json()["data"]["nodes"]
    running.faults = [Fault("resource-limits", {"above": "4"})]
    answer = ask(running, family, records, **variables)
    said = answer.json()
    assert answer.status_code == 200
    assert {error["type"] for error in said["errors"]} == {"RESOURCE_LIMITS_EXCEEDED"}
    nodes = said["data"]["nodes"]
    assert nodes[:4] == true[:4]
    cut = {place for place, node in enumerate(nodes) if node != true[place]}
    assert cut == {error["path"][1] for error in said["errors"]}
    for place in cut:  # what is there is true, and what is null was left out
        for name, value in (nodes[place] or {}).items():
            assert value is None or value == true[place][name]
    if family == FILES:
        assert {node is None for node in nodes[4:]} == {True, False}
    assert "errors" not in ask(running, family, records[:4], **variables).json()


def test_too_many_and_stubborn_ids(github, records):
    for status in (502, 504):
        assert struck(github, records, f"too-many-ids:above=11,status={status}").status_code == status
        assert struck(github, records[:11], f"too-many-ids:above=11,status={status}").status_code == 200
    stubborn = [each for each in records if (each["id"] >> 8) % 3 == 0]
    easy = [each for each in records if each not in stubborn]
    assert struck(github, records, "stubborn-id:every=3").status_code == 502
    assert struck(github, stubborn[:1], "stubborn-id:every=3").status_code == 502
    assert struck(github, easy, "stubborn-id:every=3").status_code == 200


def test_lists_of_another_length_or_order(github, records, truth):
    assert struck(github, records, "short-nodes").json()["data"]["nodes"] == truth[:-1]
    assert struck(github, records, "shuffled-nodes").json()["data"]["nodes"] == truth[::-1]


@pytest.mark.parametrize("value", ["-1", "many", "1e999", "null", str(2**70), "[]"])
def test_odd_values(github, records, value):
    github.faults = [Fault("odd-value", {"field": "totalCount", "value": value})]
    first = ask(github, COUNTS, records).json()["data"]["nodes"][0]
    expected = "many" if value == "many" else json.loads(value)
    assert first["watchers"] == {"totalCount": expected}
    github.faults = [Fault("odd-value", {"field": "rateLimit", "value": value})]
    assert ask(github, COUNTS, records).json()["data"]["rateLimit"] == expected


def test_a_huge_tree(github, records, truth):
    said = struck(github, records, "huge-tree:every=5").json()["data"]["nodes"]
    huge = [place for place, each in enumerate(records) if (each["id"] >> 8) % 5 == 0]
    assert 0 < len(huge) < 5
    for place, (found, true) in enumerate(zip(said, truth, strict=True)):
        more = HUGE if place in huge else 0
        assert found["root"]["entries"][more:] == true["root"]["entries"]
        assert found | {"root": None} == true | {"root": None}


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_names(github, records, text):
    answer = struck(github, records, f"hostile-names:text={text}")
    if text == "surrogate":
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(answer.content)
        expected = "half \ud800 a character"
    else:
        expected = TEXTS[text]
    for each in answer.json()["data"]["nodes"]:
        assert each["latestRelease"]["tagName"] == expected
        assert each["languages"]["edges"][0]["node"]["name"] == expected
        assert each["root"] is None or expected in {entry["name"] for entry in each["root"]["entries"]}


def test_a_fault_of_one_family(github, records):
    github.faults = ["server-error:path=graphql,asks=history"]
    assert ask(github, COMMITS, records, since=SINCE).status_code == 502
    assert ask(github, COUNTS, records).status_code == 200


@pytest.mark.parametrize("broken", ["cut-json", "html", "empty", "truncated", "object"])
def test_broken_answers_stay_broken_whatever_else_lies(github, records, broken):
    usual = [Fault(name) for name, kind in FAULTS.items() if kind.ids and "rest" not in kind.where]
    github.faults = [*(fault for fault in usual if fault.name not in ("too-many-ids", "stubborn-id"))]
    github.faults = [*github.faults, Fault(broken, {"path": "graphql"})]
    with contextlib.suppress(requests.exceptions.ChunkedEncodingError):
        answer = ask(github, FILES, records)
        assert answer.status_code == 200
        assert "nodes" not in answer.text or broken == "cut-json"
