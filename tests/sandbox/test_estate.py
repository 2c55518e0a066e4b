"""The invented estates: they have the promised sizes, are the same on every machine, and their truth is known."""

import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Estate, Event, generator
from sandbox.estate import DEFAULT_DATE
from sandbox.lifecycle import CALM

THEN = date(2024, 11, 3)


def everything(estate: Estate, on: date) -> dict[int, dict]:
    """Each repository by id, with its owner's login."""
    return {
        each["id"]: each | {"owner": account.login}
        for account in estate.accounts(on)
        for each in estate.repositories(account, on)
    }


def sizes(estate: Estate, on: date) -> list[int]:
    return [len(estate.repositories(account, on)) for account in estate.accounts(on)]


def test_the_health_estate_has_the_size_of_the_nhs_list(estate):
    then = everything(estate, THEN)
    assert len(estate.accounts(THEN)) == 26
    assert sum(not each["fork"] for each in then.values()) == 2_179
    assert sum(each["fork"] for each in then.values()) == 218
    assert [each.login for each in estate.accounts(THEN) if each.type == "User"] == ["fenland-notebooks"]


@pytest.mark.parametrize("on", [THEN, DEFAULT_DATE])
def test_an_anonymous_sweep_of_the_health_estate_fits_into_sixty_requests(estate, on):
    assert {0, 100} <= set(sizes(estate, on))
    assert sum(max(1, -(-size // 100)) for size in sizes(estate, on)) <= 55


@pytest.mark.parametrize("seed", [1, 2])
def test_the_uk_estate_has_186_accounts_and_24500_repositories(seed):
    estate = Estate("uk", seed)
    all_sizes = sizes(estate, DEFAULT_DATE)
    assert len(all_sizes) == 186
    assert sum(all_sizes) == 24_500
    assert 3 <= sum(size > 1_000 for size in all_sizes) <= 6
    assert sum(size <= 100 for size in all_sizes) > 100
    assert {0, 100} <= set(all_sizes)
    logins = [account.login.lower() for account in estate.accounts(DEFAULT_DATE)]
    assert len(set(logins)) == len({account.id for account in estate.accounts(DEFAULT_DATE)}) == 186
    assert len(everything(estate, DEFAULT_DATE)) == 24_500
    assert all(len(login) <= 39 and "--" not in login for login in logins)


def test_names_are_unique_and_ids_grow_with_age(estate):
    for on in (date(2019, 1, 1), THEN, DEFAULT_DATE):
        records = list(everything(estate, on).values())
        assert len({each["full_name"].lower() for each in records}) == len(records)
    ordered = sorted(records, key=lambda each: each["id"])
    assert [each["created_at"][:7] for each in ordered] == sorted(each["created_at"][:7] for each in ordered)


def test_the_estate_looks_realistic(estate):
    records = list(everything(estate, DEFAULT_DATE).values())
    licences = Counter(each["license"] for each in records)
    assert licences.most_common(1)[0][0] == "MIT"
    assert 0.25 < licences[None] / len(records) < 0.4
    assert {"Python", "R", "JavaScript", "HTML", "Jupyter Notebook", None} <= {each["language"] for each in records}
    assert 0.05 < sum(each["archived"] for each in records) / len(records) < 0.3
    created = Counter(each["created_at"][:4] for each in records)
    assert min(created) == "2014"
    assert created["2015"] < created["2019"] < created["2024"]
    stars = sorted(each["stargazers_count"] for each in records)
    assert stars[len(stars) // 2] <= 3
    assert stars[-1] > 100
    for each in records:
        assert each["created_at"] <= each["pushed_at"] <= each["updated_at"] <= f"{DEFAULT_DATE}T23:59:59Z"
        assert "\n" not in (each["description"] or "")


PRINT = """
import sys; from datetime import date; from hashlib import sha256; import orjson; from sandbox import Estate
estate, on = Estate("nhs", int(sys.argv[1])), date.fromisoformat(sys.argv[2])
accounts = estate.accounts(on)
def written(account): return [estate.write(each, account) for each in estate.repositories(account, on)]
print(sha256(orjson.dumps([written(each) for each in reversed(accounts)])).hexdigest())
"""


def fingerprint(seed: int, on: date) -> str:
    """Drawn in a different order from the other process."""
    estate = Estate("nhs", seed)
    pages = {each.id: [estate.write(r, each) for r in estate.repositories(each, on)] for each in estate.accounts(on)}
    return sha256(orjson.dumps([pages[each.id] for each in reversed(estate.accounts(on))])).hexdigest()


def test_same_seed_and_date_same_bytes_in_any_process(estate):
    command = [sys.executable, "-c", PRINT, "3", "2025-02-01"]
    outputs = {
        subprocess.run(command, check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert outputs == {fingerprint(3, date(2025, 2, 1)) + "\n"}
    assert fingerprint(3, date(2025, 2, 1)) != fingerprint(4, date(2025, 2, 1))


def test_another_number_drawn_at_the_end_changes_nothing_else(monkeypatch):
    draw = generator._life

    def longer(home, rng, *rest):
        life = draw(home, rng, *rest)
        rng.random()
        return life

    before = fingerprint(1, THEN)
    monkeypatch.setattr(generator, "_life", longer)
    assert fingerprint(1, THEN) == before


def difference(estate: Estate, before: date, after: date, known: set[int]) -> list[Event]:
    """The events that two states show; `known` has the ids seen so far, and grows."""
    old, new = everything(estate, before), everything(estate, after)
    known |= set(old)
    found = []
    for id in old.keys() | new.keys():
        a, b = old.get(id), new.get(id)
        if a is None:
            found.append(("reappeared" if id in known else "appeared", id, b["owner"], None, b["name"]))
        elif b is None:
            found.append(("vanished", id, a["owner"], a["name"], None))
        else:
            if a["owner"] != b["owner"]:
                found.append(("transferred", id, b["owner"], a["owner"], b["owner"]))
            if a["name"] != b["name"]:
                found.append(("renamed", id, b["owner"], a["name"], b["name"]))
            if a["archived"] != b["archived"]:
                found.append(("archived" if b["archived"] else "unarchived", id, b["owner"], None, None))
            if a["license"] != b["license"]:
                found.append(("relicensed", id, b["owner"], a["license"], b["license"]))
    known |= set(new)
    return sorted(found, key=str)


def truth(estate: Estate, since: date, until: date) -> list:
    return sorted((event[1:] for event in estate.events(since, until)), key=str)


@pytest.mark.parametrize("step", [1, 7, CALM - 1])
def test_the_true_events_are_the_difference_of_the_states(estate, step):
    start = date(2025, 1, 1)
    known = {event.repository for event in estate.events(date(2013, 1, 1), start)}
    days = [start + timedelta(n * step) for n in range(12)]
    assert sum(len(truth(estate, a, b)) for a, b in pairwise(days))
    for a, b in pairwise(days):
        assert difference(estate, a, b, known) == truth(estate, a, b)


@given(st.dates(date(2021, 6, 1), date(2028, 6, 1)), st.integers(1, CALM - 1), st.integers(1, 3))
@settings(max_examples=settings.default.max_examples // 3)  # each takes long
def test_so_they_are_in_any_weeks_of_any_estate(start, step, seed):
    estate = Estate("nhs", seed)
    known = {event.repository for event in estate.events(date(2013, 1, 1), start)}
    assert difference(estate, start, start + timedelta(step), known) == truth(estate, start, start + timedelta(step))


def test_two_years_have_events_of_every_kind(estate):
    kinds = Counter(event.kind for event in estate.events(THEN, DEFAULT_DATE))
    assert set(kinds) == {
        "appeared", "vanished", "reappeared", "renamed", "transferred", "archived", "unarchived", "relicensed",
    }  # fmt: skip
    relicensed = [event for event in estate.events(THEN, DEFAULT_DATE) if event.kind == "relicensed"]
    assert any(event.old is None for event in relicensed)
    assert any(event.new is None for event in relicensed)
    assert any(event.old and event.new for event in relicensed)


def test_events_come_in_order_and_in_half_open_spans(estate):
    whole = list(estate.events(THEN, DEFAULT_DATE))
    assert [event.date for event in whole] == sorted(event.date for event in whole)
    middle = whole[len(whole) // 2].date
    assert [*estate.events(THEN, middle), *estate.events(middle, DEFAULT_DATE)] == whole
    assert list(estate.events(THEN, THEN)) == []


def test_an_account_that_was_renamed_keeps_its_id(estate):
    def login(on: date) -> list[str]:
        return [each.login for each in estate.accounts(on) if each.name == "Pebble Connect"]

    assert login(date(2021, 5, 3)) == ["pebble-spine"]
    assert login(date(2021, 5, 4)) == ["pebble-connect"]
    renamed = next(each for each in estate.accounts(date(2021, 5, 4)) if each.login == "pebble-connect")
    assert estate.former_logins(date(2021, 5, 4)) == {"pebble-spine": renamed.id}


def test_starting_is_quick_and_drawing_lazy():
    estate = Estate("uk")
    account = estate.accounts(DEFAULT_DATE)[-3]
    estate.repositories(account, DEFAULT_DATE)
    assert len(estate._lives) <= 2
