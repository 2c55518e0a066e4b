"""Random lives with faults: every closure is reported once, between the right dates, with what became of each
repository; and no outage is reported as a closure."""

import os
import random
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox import Closing, Closure, Estate, Fault, Sandbox
from scraper import clock
from scraper.config import ListedAccount
from scraper.database import sql
from scraper.database.closures import CLOSURES, closures
from scraper.database.history import by_table
from scraper.database.history_tables import HISTORY, KNOWN_REPOSITORIES
from scraper.dataset import store
from scraper.github.client import GitHubApi
from scraper.history.fold import Timeline, contents
from scraper.scrape import scrape
from scraper.threshold import DEFAULT

FIRST, DAYS, CALM = date(2024, 11, 1), 16, 5
DEAF = 10
"""More calm days, for lives without lookups by id, in which a loss is believed after a week."""
LOGINS = ("harbour-health", "heronsbrook-digital", "foxmoor-evidence", "Quarrydale-ICS")
LIVES, GROUPS = int(os.environ.get("LIVES", "8")), 4
NAMES = ("cut-list", "cut-list", "empty", "suspended", "server-error", "lost-id", "refused-id", None)
LONGEST_OUTAGE = 2
"""For so many consecutive days, not counting days without answers, a single account can seem not to exist."""
FATES = (("private",), ("moved",), ("private", "moved", "blocked"), ("blocked", "private"))


class Still:
    """A world of four organisations with up to thirty repositories, the same every day except for its closures."""

    def __init__(self):
        estate = Estate("nhs")
        self._accounts = [account for account in estate.accounts(FIRST) if account.login in LOGINS]
        self._records = {each.id: list(estate.repositories(each, FIRST))[:30] for each in self._accounts}
        self._places = {record["id"]: (each, record) for each in self._accounts for record in self._records[each.id]}
        self.write = estate.write

    def accounts(self, on):
        return self._accounts

    listed = accounts

    def former_logins(self, on):
        return {}

    def repositories(self, account, on):
        return self._records[account.id]

    def find(self, repository, on):
        return self._places.get(repository)

    def nothing(self, *asked):
        return None

    former_name = block = health = conversations = contributors = nothing


@pytest.fixture(scope="module")
def still():
    return Still()


def life(chance, deaf):
    """Closures of some organisations, and the faults of each day; there are none on the first day and the last ones.

    In a `deaf` life, lookups by id are always lost or refused.
    """
    happened = {}
    for login in chance.sample(LOGINS, chance.randint(0, 2)):
        since = FIRST + timedelta(days=chance.randint(1, DAYS - CALM - 5))
        kind = chance.choice(("part", "part", "whole", *(() if deaf else ("back",)), "ends", "renamed"))
        happened[login] = Closure(
            login,
            since,
            until=since + timedelta(days=6) if kind == "back" else date.max,
            share={"part": chance.uniform(0.1, 0.95), "renamed": 0}.get(kind, 1),
            fates=chance.choice(FATES),
            ends=kind == "ends",
            renamed="another-name" if kind == "renamed" else None,
            claimed=kind == "renamed" and chance.random() < 0.5,
        )
    faults, suspended = [], dict.fromkeys(LOGINS, 0)
    for _ in range(DAYS - CALM - 1):
        victim, name = chance.choice(LOGINS), chance.choice(NAMES)
        if name == "suspended" and suspended[victim] == LONGEST_OUTAGE:
            name = "server-error"
        # An organisation without faults today starts from zero; lost or refused ids leave that in doubt.
        well = {login for login in LOGINS if login != victim} if name not in ("lost-id", "refused-id") else set()
        suspended |= dict.fromkeys(well, 0)
        suspended[victim] += name == "suspended"
        today = {
            "cut-list": [Fault("cut-list", {"login": victim, "keep": str(chance.randint(0, 12))})],
            "empty": [Fault("cut-list", {"login": victim, "keep": "0"})],
            None: [],
        }.get(name) or ([Fault(name, {} if name and name.endswith("-id") else {"login": victim})] if name else [])
        if name == "cut-list" and chance.random() < 0.3:
            today.append(Fault("lost-id"))
        faults.append(today)
    every = [[], *faults, *[[]] * CALM]
    if deaf:
        every = [[*today, Fault(deaf)] for today in [*every, *[[]] * DEAF]]
    return list(happened.values()), every


def reported(github, still, happened, faults, folder, token, lookups, monkeypatch):
    """What is reported about a life that is observed every day."""
    world = Closing(still, *happened)
    github._service.world = world
    state = Timeline()
    with closing(sqlite3.connect(":memory:")) as rows:
        for table in HISTORY:
            rows.execute(sql.create(table))
        for number, today in enumerate(faults):
            github.date, github.faults = FIRST + timedelta(days=number), today
            noon = datetime.combine(github.date, datetime.min.time(), UTC) + timedelta(hours=12)
            monkeypatch.setattr(clock, "now", lambda noon=noon: noon)
            api = GitHubApi(github.url, token, workers=2, timeout=5, backoff=0.0001)
            listed = [ListedAccount(login, login) for login in LOGINS]
            scrape(api, listed, folder, whole_list=True, workers=2, progress=lambda outcome: None, lookups=lookups)
            dataset = store.load(folder)
            records = {key: account.record for key, account in dataset.items()}
            if state.is_before(records, clock.latest_credible(noon)):
                for name, added in by_table(state.observe(records, contents(dataset))).items():
                    table = next(table for table in HISTORY if table.name == name)
                    sql.insert(rows, table, added)
        lifetimes = [(id_, *lived) for id_, lived in sorted(state.lifetimes.items())]
        sql.insert(rows, KNOWN_REPOSITORIES, lifetimes)
        found = [dict(zip(CLOSURES.column_names, row, strict=True)) for row in closures(rows, DEFAULT)]
        events = rows.execute("SELECT repository_id, kind FROM events").fetchall()
    return world, found, events


def truth(world, still, closure):
    """How many are gone, and what became of them in the end; None if it is not a closure."""
    account = next(each for each in still.accounts(FIRST) if each.login == closure.login)
    gone = world.chosen(closure)
    if not DEFAULT.reached(len(gone), len(still.repositories(account, FIRST))):
        return None
    end = FIRST + timedelta(days=DAYS - 1)
    fates = [world.whereabouts(id_, end) for id_ in gone]
    moved = sum(bool(fate.full_name) and not fate.full_name.startswith(f"{closure.login}/") for fate in fates)
    blocked = sum(bool(fate.blocked) for fate in fates)
    returned = sum(bool(fate.full_name) for fate in fates) - moved
    return len(gone), moved, blocked, returned, len(gone) - moved - blocked - returned


def earliest(closure, faults):
    """A repository that nobody could find on the days before it went was gone by then, as far as anyone knows."""

    def looks_gone(today):
        of_it = {
            fault.name: fault.options.get("keep") for fault in today if fault.options.get("login") == closure.login
        }
        nothing_found = any(fault.name.endswith("-id") for fault in today)
        return (closure.ends and "suspended" in of_it) or (
            closure.share == 1 and of_it.get("cut-list") == "0" and nothing_found
        )

    since = closure.since
    while looks_gone(faults[(since - FIRST).days - 1]):
        since -= timedelta(days=1)
    return since


def latest(closure, faults, deaf):
    """The first day on which it could be seen, with no fault except failing lookups.

    If lookups always fail, the first day after which there was no other fault: the loss must be the same for a week.
    """
    well = [all(fault.name.endswith("-id") for fault in today) for today in faults]
    day = (closure.since - FIRST).days
    while not (all(well[day:]) if deaf else well[day]):
        day += 1
    return FIRST + timedelta(days=day)


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_closure_is_reported_once_and_no_outage_is(still, tmp_path, monkeypatch, group):
    with Sandbox(still, on=FIRST) as github:
        for seed in range(group, LIVES, GROUPS):
            chance = random.Random(seed)
            deaf = chance.choice(("lost-id", "refused-id")) if seed % 8 == 3 else None
            happened, faults = life(chance, deaf)
            token = f"token-{seed}" if chance.random() < 0.8 else None
            lookups = 300 if token and chance.random() < 0.7 else 0
            world, found, events = reported(
                github, still, happened, faults, tmp_path / str(seed), token, lookups, monkeypatch
            )
            expected = {
                closure.login: (closure, true) for closure in happened if (true := truth(world, still, closure))
            }
            assert sorted(row["organisation"] for row in found) == sorted(expected), (seed, happened)
            for row in found:
                closure, true = expected[row["organisation"]]
                names = ("gone", "moved", "blocked", "returned", "not_public")
                if lookups and not deaf:
                    assert tuple(row[name] for name in names) == true, (seed, closure)
                    assert row["unknown"] == 0
                assert row["gone"] == true[0], (seed, closure)
                since = earliest(closure, faults)
                assert row["last_seen_at"][:10] < str(closure.since), (seed, closure)
                assert str(since) <= row["first_missing_at"][:10] <= str(latest(closure, faults, deaf)), (
                    seed,
                    closure,
                )
            taken = {id_ for closure in happened for id_ in world.chosen(closure)}
            assert {id_ for id_, kind in events if kind == "vanished"} <= taken, (seed, happened)
