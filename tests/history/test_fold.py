"""The fold: it adds what comparing whole states gives, however little of them it is shown."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.history.files import File
from scraper.history.fold import Timeline, contents
from scraper.model.accounts import Dataset, owners
from scraper.model.events import compare
from tests.helpers.examples import make_account, repository

LOGINS = ("alder", "birch", "cedar")
# Few ids and many observations, so that repositories often are in two organisations, come back, or are transferred.
repositories = st.dictionaries(
    st.integers(1, 6), st.fixed_dictionaries({"name": st.sampled_from("xy"), "stargazers_count": st.integers(0, 2)})
)
observations = st.lists(
    st.dictionaries(st.sampled_from(LOGINS), st.tuples(repositories, st.booleans()), min_size=1),
    min_size=2,
    max_size=7,
)


def lived(observations) -> list[Dataset]:
    """The states of a dataset; organisations that are not observed keep their data."""
    states: list[Dataset] = []
    for day, observed in enumerate(observations, 1):
        before = states[-1] if states else {}
        state: Dataset = {}
        for login, (owned, succeeds) in observed.items():
            if succeeds or login not in before:
                raw = [repository(id_, **changes) for id_, changes in sorted(owned.items())]
                state[login] = make_account(login, *raw, id=ord(login[0]), observed_at=f"2024-01-{day:02}T00:00:00Z")
            else:
                state[login] = before[login]
        states.append(state)
    return [state for n, state in enumerate(states) if date(state) > max(map(date, states[:n]), default="")]


def date(state: Dataset) -> str:
    return max(str(account.record["observed_at"]) for account in state.values())


def folded(states: list[Dataset], *, sparing: bool) -> tuple[list[dict], Timeline]:
    """The rows of each observation; `sparing` leaves out unchanged contents, as a replay does."""
    state, result = Timeline(), []
    for dataset in states:
        fresh = {key: content._replace(files=(File(repr(content)),)) for key, content in contents(dataset).items()}
        if sparing:
            last = {key: account.content.sources for key, account in state.accounts.items()}
            fresh = {key: content for key, content in fresh.items() if last.get(key) != content.sources}
        result.append(state.observe({key: account.record for key, account in dataset.items()}, fresh))
    return result, state


@given(observations)
def test_what_is_left_out_makes_no_difference(observations):
    states = lived(observations)

    (spared, one), (full, other) = folded(states, sparing=True), folded(states, sparing=False)

    assert spared == full
    assert one.lifetimes == other.lifetimes
    for key, account in one.accounts.items():
        assert (account.record, account.tally) == (other.accounts[key].record, other.accounts[key].tally)
        assert account.content.facts == other.accounts[key].content.facts


@given(observations)
def test_events_and_counters_are_those_of_whole_states(observations):
    states = lived(observations)
    rows, state = folded(states, sparing=True)
    gone: dict[int, str] = {}
    for (before, after), added in zip(pairwise([{}, *states]), rows, strict=True):
        events = compare(before, after, gone)
        gone |= {event.repository_id: event.organisation for event in events if event.kind == "vanished"}
        gone = {id_: login for id_, login in gone.items() if id_ not in owners(after)}
        expected = [(event.kind, event.organisation, event.repository_id, event.full_name) for event in events]
        assert [row[2:6] for row in added.events] == expected
        was, now = counters(before), counters(after)
        moved = [(date(after), id_, *now[id_]) for id_ in sorted(now) if was.get(id_) != now[id_]]
        assert added.metric_history == moved
    assert {id_ for id_, life in state.lifetimes.items() if life.vanished_at} == gone.keys()


def counters(state: Dataset) -> dict[int, tuple]:
    return {id_: account.counters[id_] for id_, (account, _) in owners(state).items()}


def test_an_observation_is_newer_than_all_before():
    account = make_account("alder", repository(1), observed_at="2024-01-02T00:00:00Z")
    state = Timeline()
    records = {"alder": account.record}

    assert state.is_before(records, "2024-01-02T00:00:00Z")
    assert not state.is_before(records, "2024-01-01T23:59:59Z")
    state.observe(records, contents({"alder": account}))

    assert not state.is_before(records, "2999-01-01T00:00:00Z")
    for date in ("2024-01-01T00:00:00Z", None):
        assert not state.is_before({"alder": account.record | {"observed_at": date}}, "2999-01-01T00:00:00Z")
    assert not state.is_before({}, "2999-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "change", [{"observed_at": "2024-01-01T00:00:00Z"}, {"status": "kept"}, {"observed_at": None}]
)
def test_organisations_that_were_not_observed_again_do_not_count(change):
    alder = make_account("alder", repository(1), repository(2), id=1, observed_at="2024-01-02T00:00:00Z")
    birch = make_account("birch", id=2, observed_at="2024-01-02T00:00:00Z")
    state = Timeline()
    state.observe({"alder": alder.record, "birch": birch.record}, contents({"alder": alder, "birch": birch}))

    poorer = make_account("alder", repository(2, archived=True), id=1, observed_at="2024-01-02T00:00:00Z")
    later = {"alder": poorer.record | change, "birch": birch.record | {"observed_at": "2024-01-03T00:00:00Z"}}
    added = state.observe(later, contents({"alder": poorer}))

    assert added.events == added.metric_history == []
    assert added.organisation_history[0] == (
        "2024-01-03T00:00:00Z", "alder", "2024-01-02T00:00:00Z", 2, 2, 0, 2, 3
    )  # fmt: skip


def test_an_observation_counts_all_that_was_observed_since_the_one_before():
    first = [make_account(login, id=n, observed_at="2024-01-01T00:00:00Z") for n, login in enumerate("abc", 1)]
    later = [make_account("a", id=1, observed_at="2024-01-02T00:00:00Z")]
    later += [make_account("b", id=2, observed_at="2024-01-02T00:00:07Z"), first[2]]
    state = Timeline()

    rows = []
    for accounts in (first, later):
        dataset = {account.listed_login: account for account in accounts}
        records = {key: account.record for key, account in dataset.items()}
        rows += state.observe(records, contents(dataset)).observations

    assert [row[:4] for row in rows] == [("2024-01-01T00:00:00Z", 3, 3, 0), ("2024-01-02T00:00:07Z", 3, 2, 1)]
