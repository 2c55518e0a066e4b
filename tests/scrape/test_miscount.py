"""A count that never matches the list is believed once it was the same on several days; an outage never is."""

import datetime
import json
import time

import pytest

from scraper.github.miscount import DAYS
from scraper.model.fields import ORGANISATION
from scraper.model.records import read
from tests.helpers.estate import LARGE, NONE, PERSON, TOKEN, files, names

BEFORE, AFTER = datetime.date(2026, 6, 1), datetime.date(2026, 11, 1)
BOTH = pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "anonymous"])


@pytest.fixture
def on(github, monkeypatch):
    """Let so many days pass without changes, then start these faults."""

    def on(day, *faults):
        monkeypatch.setattr("sandbox.clock.time", lambda: time.time() + day * 86_400)
        github.faults = faults

    return on


def counted(number):
    """Make GitHub count so many, whatever it lists."""
    return f"odd-count:value={number},login={LARGE}"


@pytest.fixture
def doubted(on, run, truth):
    """Scrape with a token until a count of one more than GitHub lists is believed; return that count."""
    count = len(truth(LARGE, AFTER)) + 1
    for day in range(DAYS):
        on(day, counted(count))
        assert run(LARGE, PERSON).exit_code == 3
    return count


@BOTH
def test_the_same_answer_on_several_days_is_believed_and_both_numbers_are_named(doubted, on, run, held, truth, token):
    assert held(LARGE).record["status"] == "pending"
    assert held(LARGE).record["reason"] == f"GitHub counts {doubted} public repositories, but lists {doubted - 1}."
    assert len(held(LARGE).record["mismatch"]["days"]) == DAYS
    on(DAYS, counted(doubted))
    report = run(LARGE, PERSON, token=token)
    assert report.exit_code == 0
    assert names(held(LARGE)) == truth(LARGE, AFTER)
    assert (held(LARGE).record["unlisted"], held(LARGE).record["mismatch"]) == (1, None)
    [warning] = report.outcomes[0].warnings
    assert f"counts {doubted} public repositories and lists {doubted - 1}" in warning


@BOTH
def test_until_then_a_run_without_a_token_doubts_it_too(on, run, held, truth, token):
    count = len(truth(LARGE, AFTER)) + 1
    on(0, counted(count))
    run(LARGE, PERSON)
    on(1, counted(count))
    assert run(LARGE, PERSON, token=token).exit_code == 3
    assert len(held(LARGE).record["mismatch"]["days"]) == 2


def test_a_day_counts_once_and_the_second_run_of_a_day_writes_nothing(on, run, held, truth, tmp_path):
    on(0, counted(len(truth(LARGE, AFTER)) + 1))
    run(LARGE, PERSON)
    before = files(tmp_path / "data")
    for _ in range(DAYS):
        assert run(LARGE, PERSON).exit_code == 3
    assert files(tmp_path / "data") == before


@BOTH
def test_what_is_believed_stays_so_while_life_goes_on(github, on, run, held, truth, token):
    github.date = BEFORE
    for day in range(DAYS + 1):
        on(day, counted(len(truth(LARGE, BEFORE)) + 1))
        run(LARGE, PERSON)
    assert names(held(LARGE)) == truth(LARGE, BEFORE)
    github.date = AFTER
    on(0, counted(len(truth(LARGE, AFTER)) + 1))
    assert run(LARGE, PERSON, token=token).exit_code == 0
    assert names(held(LARGE)) == truth(LARGE, AFTER)
    github.faults = [counted(len(truth(LARGE, AFTER)) + 1), f"short:login={LARGE},page=1"]
    assert run(LARGE, PERSON, token=token).exit_code == 3
    assert names(held(LARGE)) == truth(LARGE, AFTER)


@BOTH
def test_once_it_fits_it_has_to_fit(doubted, on, run, held, token):
    on(DAYS, counted(doubted))
    run(LARGE, PERSON, token=token)
    on(DAYS + 1)
    report = run(LARGE, PERSON, token=token)
    assert held(LARGE).record["unlisted"] is None
    assert report.outcomes[0].warnings == ()
    on(DAYS + 2, counted(doubted))
    assert run(LARGE, PERSON).exit_code == 3


@pytest.mark.parametrize("change", ["another count", "other repositories"])
def test_a_changed_mismatch_is_doubted_from_the_first_day_again(doubted, on, run, held, change):
    on(DAYS, *([counted(doubted + 1)] if change == "another count" else [f"short:login={LARGE},page=1"]))
    assert run(LARGE, PERSON).exit_code == 3
    assert len(held(LARGE).record["mismatch"]["days"]) == 1


@BOTH
@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_half_answer_is_never_believed_however_long_it_lasts(on, run, held, truth, token, page):
    on(0)
    run(LARGE, PERSON, token=token)
    for day in range(1, DAYS + 2):
        on(day, f"empty-list:login={LARGE},page={page}")
        assert run(LARGE, PERSON, token=token).exit_code == 3
    assert names(held(LARGE)) == truth(LARGE, AFTER)


@pytest.mark.parametrize("others", ["fail", "do not fit either"])
def test_a_day_on_which_the_others_fail_proves_nothing(on, run, held, truth, others):
    count = len(truth(LARGE, AFTER)) + 1
    fault = f"server-error:status=502,login={PERSON}" if others == "fail" else f"odd-count:value=99999,login={PERSON}"
    for day in range(DAYS + 2):
        on(day, counted(count), fault)
        run(LARGE, PERSON)
    assert held(LARGE).record["mismatch"] is None
    assert held(LARGE).record["status"] == "pending"


def test_an_outage_neither_counts_nor_begins_it_again(on, run, held, truth):
    count = len(truth(LARGE, AFTER)) + 1
    on(0, counted(count))
    run(LARGE, PERSON)
    on(1, f"server-error:status=502,login={LARGE}")
    run(LARGE, PERSON)
    assert held(LARGE).record["mismatch"]["days"] == ["2026-11-01"]
    on(2, counted(count))
    run(LARGE, PERSON)
    assert held(LARGE).record["mismatch"]["days"] == ["2026-11-01", "2026-11-03"]


def test_a_single_listed_organisation_gets_there_too(on, run, held, truth):
    for day in range(DAYS + 1):
        on(day, counted(len(truth(LARGE, AFTER)) + 1))
        run(LARGE)
    assert held(LARGE).record["status"] == "ok"


def test_days_to_come_count_for_nothing(on, run, held, truth, tmp_path):
    on(0, counted(len(truth(LARGE, AFTER)) + 1))
    run(LARGE, NONE)
    edit(tmp_path / "data", days=["2026-11-01", "2099-01-01", "2099-01-02"])
    on(1, counted(len(truth(LARGE, AFTER)) + 1))
    assert run(LARGE, NONE).exit_code == 3
    assert held(LARGE).record["mismatch"]["days"] == ["2026-11-01", "2026-11-02"]


def edit(folder, **changes):
    """Change what the dataset says about a mismatch."""
    path = folder / "organisations.json"
    records = json.loads(path.read_text())
    for record in records:
        if record["mismatch"]:
            record["mismatch"] |= changes
    path.write_text(json.dumps(records))


@pytest.mark.parametrize(
    "changes",
    [
        {"counted": -1},
        {"counted": 2},
        {"ids": "x"},
        {"days": "2026"},
        {"days": ["2026-01-02", "2026-01-01"]},
        {"days": ["2026-13-01"]},
        {"x": 1},
    ],
)
def test_an_invalid_mismatch_is_refused(changes):
    record = {"login": "x", "name": "x", "status": "pending"}
    fine = {"counted": 3, "listed": 2, "ids": "0123456789abcdef", "days": ["2026-01-01"]}
    assert read(ORGANISATION, record | {"mismatch": fine})["mismatch"] == fine
    with pytest.raises(ValueError, match="mismatch is"):
        read(ORGANISATION, record | {"mismatch": fine | changes})


def test_a_forged_number_of_unlisted_repositories_lets_no_half_answer_in(on, run, held, truth, tmp_path):
    on(0)
    run(LARGE, PERSON)
    path = tmp_path / "data" / "organisations.json"
    path.write_text(path.read_text().replace('"unlisted": null', '"unlisted": 100000'))
    on(1, f"empty-list:login={LARGE},page=3")
    assert run(LARGE, PERSON).exit_code == 3
    assert names(held(LARGE)) == truth(LARGE, AFTER)
