"""A world that closes: what REST and GraphQL say by id is true, and everything else continues."""

from base64 import urlsafe_b64encode
from datetime import date

import pytest

from sandbox import Closing, Closure, Estate, Sandbox
from sandbox.closing import Whereabouts
from tests.sandbox.test_graphql import post

EVE, NIGHT, LATER = date(2024, 10, 31), date(2024, 11, 1), date(2024, 12, 1)
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Repository { databaseId nameWithOwner visibility } } }"
MOST = Closure("harbour-health", NIGHT, share=0.9, fates=("private", "private", "moved", "blocked"))


def node(number):
    return "R_" + urlsafe_b64encode(b"\x92\x00\xce" + number.to_bytes(4, "big")).decode().rstrip("=")


def owned(world, login, on):
    account = next(each for each in world.accounts(on) if each.login == login)
    return {record["id"] for record in world.repositories(account, on)}


@pytest.fixture(scope="module")
def estate():
    return Estate("nhs")


def test_most_of_an_organisation_disappears_in_a_night_and_each_repository_has_its_fate(estate, get):
    world = Closing(estate, MOST)
    before = owned(world, "harbour-health", EVE)
    left = owned(world, "harbour-health", NIGHT)
    assert before == owned(estate, "harbour-health", EVE)
    gone = before - left
    assert round(len(before) * 0.1) == len(left & before)
    moved = {id_ for id_ in gone if world.whereabouts(id_, NIGHT).full_name}
    blocked = {id_ for id_ in gone if world.whereabouts(id_, NIGHT).blocked}
    assert len(moved) > len(gone) / 5
    assert len(blocked) > len(gone) / 5
    assert owned(world, "somewhere-else", NIGHT) == moved
    hidden = gone - moved - blocked
    chosen = [min(left), min(moved), min(blocked), min(hidden)]
    with Sandbox(world, on=NIGHT) as github:
        assert get(f"{github.url}/users/harbour-health").json()["public_repos"] == len(left)
        answers = [get(f"{github.url}/repositories/{id_}") for id_ in chosen]
        said = post(github, NODES, ids=[node(id_) for id_ in chosen]).json()
        by_old_name = get(f"{github.url}/repos/harbour-health/{answers[1].json()['name']}")
    assert [answer.status_code for answer in answers] == [200, 200, 451, 404]
    assert answers[1].json()["full_name"] == world.whereabouts(min(moved), NIGHT).full_name
    assert answers[1].json()["owner"]["login"] == "somewhere-else"
    assert answers[2].json()["block"]["reason"] == "dmca"
    assert by_old_name.status_code == 301
    assert [each and each["databaseId"] for each in said["data"]["nodes"]] == [*chosen[:2], None, None]
    assert [error["type"] for error in said["errors"]] == ["NOT_FOUND"] * 2


def test_after_a_month_it_is_back(estate):
    world = Closing(estate, Closure("harbour-health", NIGHT, until=LATER))
    assert owned(world, "harbour-health", NIGHT) == set()
    assert owned(world, "harbour-health", LATER) == owned(estate, "harbour-health", LATER)


def test_an_organisation_ends_by_login_and_by_id_and_stays_listed(estate, get):
    world = Closing(estate, Closure("LarkmereData", NIGHT, ends=True))
    account = next(each for each in world.accounts(EVE) if each.login == "LarkmereData")
    [one, *_] = sorted(owned(world, "LarkmereData", EVE))
    with Sandbox(world, on=NIGHT) as github:
        paths = ("orgs/LarkmereData/repos", "users/LarkmereData", f"user/{account.id}", f"repositories/{one}")
        assert [get(f"{github.url}/{path}").status_code for path in paths] == [404] * 4
    assert "LarkmereData" in {each.login for each in world.listed(NIGHT)}
    assert world.whereabouts(one, EVE).full_name
    assert world.whereabouts(one, NIGHT) == Whereabouts()


@pytest.mark.parametrize("claimed", [False, True])
def test_an_organisation_renamed_is_known_by_its_id_and_its_login_free_to_be_claimed(estate, get, claimed):
    world = Closing(estate, Closure("LarkmereData", NIGHT, share=0, renamed="larkmere-new", claimed=claimed))
    account = next(each for each in world.accounts(EVE) if each.login == "LarkmereData")
    with Sandbox(world, on=NIGHT) as github:
        assert get(f"{github.url}/user/{account.id}").json()["login"] == "larkmere-new"
        old = get(f"{github.url}/users/LarkmereData")
        assert (old.status_code == 301) is not claimed
        if claimed:
            assert old.json()["id"] != account.id
    assert owned(world, "larkmere-new", NIGHT) == owned(estate, "LarkmereData", NIGHT)


def test_more_than_a_hundred_nodes_are_refused(estate):
    with Sandbox(estate, on=NIGHT) as github:
        said = post(github, NODES, ids=["R_kgDOAAAAAQ"] * 101).json()
    assert [error["type"] for error in said["errors"]] == ["ARGUMENT_LIMIT"]
