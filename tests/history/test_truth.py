"""A year of the sandbox's estate, or two with LIVES, in which every change is known: the events are exactly true."""

import datetime
import os
import random
from dataclasses import replace

import pytest

from sandbox import Estate
from sandbox.lifecycle import Event
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import load, save
from scraper.model.accounts import Account
from scraper.model.events import KINDS
from scraper.model.fields import METRICS, REPOSITORY
from scraper.model.records import pending, read
from tests.helpers.life import Life

pytestmark = pytest.mark.slow

# The sandbox promises 28 days between two changes of a repository: if you look more often, you see each separately.
SINCE, OBSERVATIONS, DAYS = datetime.date(2024, 10, 2), 28 if "LIVES" in os.environ else 14, 27


@pytest.fixture(scope="module")
def estate():
    return Estate("nhs")


def observed(estate: Estate, on: datetime.date, logins: set[str]) -> dict[str, Account]:
    """A perfect observation on a day."""
    accounts = {}
    for account in estate.accounts(on):
        if account.login in logins:
            raw = [estate.write(record, account) for record in estate.repositories(account, on)]
            record = pending(account.login, account.name) | {"id": account.id, "type": account.type}
            record |= {"status": "ok", "reason": None, "observed_at": f"{on}T12:00:00Z", "repositories": len(raw)}
            facts, metrics = ([read(fields, each) for each in raw] for fields in (REPOSITORY, METRICS))
            accounts[account.login.casefold()] = Account(
                account.login, record, {"repositories": facts, "metrics": metrics}
            )
    return accounts


def calm(turns: list[Event], login: str, since: datetime.date, until: datetime.date) -> bool:
    """Whether an organisation may fail once in between without anything being lost or misread.

    Two changes of one repository would be seen as one; and a repository that moves to an organisation which cannot be
    observed has vanished, as far as anyone can know.
    """
    span = [turn for turn in turns if since < turn.date <= until]
    own = [turn.repository for turn in span if turn.organisation == login]
    return len(own) == len(set(own)) > 0 and not any(
        turn.kind == "transferred" and login in (turn.old, turn.new) for turn in span
    )


def test_events_are_what_truly_happened(tmp_path, ask, replayed, estate):
    life, chance = Life(tmp_path / "repository"), random.Random(1)
    logins = {account.login for account in estate.accounts(SINCE)}
    days = [SINCE + datetime.timedelta(days=DAYS * n) for n in range(OBSERVATIONS)]
    turns = list(estate.events(SINCE, days[-1]))
    failed = 0
    for last, day, following in zip([None, *days], days, [*days[1:], None], strict=False):
        now = observed(estate, day, logins)
        if last and following and chance.random() < 0.5:
            before = load(life.data)
            # GitHub refuses an organisation: what happens to it is reported when it is observed again.
            able = sorted(
                key
                for key in now
                if calm(turns, now[key].listed_login, last, following) and before[key].record["status"] == "ok"
            )
            for key in chance.sample(able, min(2, len(able))):
                now[key] = replace(before[key], record=before[key].record | {"status": "kept", "reason": "refused"})
                failed += 1
        save(life.data, now)
        life.commit(str(day))
    content, said = replayed(life.data)
    (life.data / DATABASE_FILE).write_bytes(content)

    found = ask(life, "SELECT kind, repository_id, organisation FROM events WHERE kind <> 'changed'")
    # What was gone before the first observation was never seen, so it appears rather than reappears.
    gone = {event.repository for event in estate.events(datetime.date(2014, 1, 1), SINCE) if event.kind == "vanished"}
    gone -= {
        id_
        for (id_,) in ask(
            life,
            "SELECT id FROM known_repositories WHERE first_observed_at = (SELECT min(observed_at) FROM observations)",
        )
    }
    truth = [
        (
            "appeared" if turn.kind == "reappeared" and turn.repository in gone else turn.kind,
            turn.repository,
            turn.organisation,
        )
        for turn in turns
    ]
    assert said == []
    assert failed > OBSERVATIONS / 3
    assert sorted(found) == sorted(truth)
    assert len(truth) > 18 * OBSERVATIONS
    assert {kind for kind, *_ in truth} == set(KINDS) - {"changed", "traced", "released", "gained", "lost"}
