"""Closures: what counts as one, between which dates, and what they say about the lost repositories."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner

from scraper import cli
from scraper.database import closures, sql
from scraper.database.build import build
from scraper.database.closures import CLOSURES
from scraper.database.history import by_table
from scraper.database.history_tables import HISTORY, KNOWN_REPOSITORIES
from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import save
from scraper.history.fold import Timeline, contents
from scraper.model.closures import Closure
from scraper.threshold import DEFAULT, Threshold, parse_threshold
from tests.helpers.examples import make_account, repository, whereabouts
from tests.helpers.life import Life

pytestmark = pytest.mark.slow


def day(number):
    return f"2024-01-{number:02}T12:00:00Z"


def account(login, owned, number):
    """An account with repositories, by id or as records; given as (them, a day), it was last observed on that day."""
    owned, number = owned if isinstance(owned, tuple) else (owned, number)
    raw = (repository(each) if isinstance(each, int) else each for each in owned)
    return make_account(login, *raw, id=ord(login[0]), observed_at=day(number))


@pytest.fixture
def closures_of():
    """The closures in a series of days; each day has what each login has."""

    def closures_of(*days, threshold=DEFAULT):
        state = Timeline()
        with closing(sqlite3.connect(":memory:")) as store:
            for table in HISTORY:
                store.execute(sql.create(table))
            for number, seen in enumerate(days, 1):
                dataset = {login: account(login, owned, number) for login, owned in seen.items()}
                records = {key: account.record for key, account in dataset.items()}
                for name, rows in by_table(state.observe(records, contents(dataset))).items():
                    table = next(table for table in HISTORY if table.name == name)
                    sql.insert(store, table, rows)
            known = [(id_, *life) for id_, life in sorted(state.lifetimes.items())]
            sql.insert(store, KNOWN_REPOSITORIES, known)
            found = closures.closures(store, threshold)
        return [dict(zip(CLOSURES.column_names, row, strict=True)) for row in found]

    return closures_of


def brief(rows):
    return [
        (row["last_seen_at"][8:10], row["first_missing_at"][8:10], row["last_missing_at"][8:10], row["gone"])
        for row in rows
    ]


def test_a_night_in_which_most_disappeared_is_one_closure_with_all_that_is_known(closures_of):
    went = [
        repository(1, license="MIT", stargazers_count=10, forks_count=3),
        repository(2, license="MIT", stargazers_count=5),
        repository(3, fork=True, license="Apache-2.0", stargazers_count=0),
        repository(4, archived=True, license=None, stargazers_count=1),
        repository(5, license="MIT", stargazers_count=0),
    ]
    [row] = closures_of({"alder": [*went, 6, 7]}, {"alder": [6, 7]})

    assert row | {"licenses": json.loads(row["licenses"])} == {
        "organisation": "alder",
        "last_seen_at": day(1),
        "first_missing_at": day(2),
        "last_missing_at": day(2),
        "observed_at": day(2),
        "repositories_before": 7,
        "repositories_after": 2,
        "gone": 5,
        "share": 0.7143,
        "moved": 0,
        "moved_to": None,
        "returned": 0,
        "blocked": 0,
        "not_public": 0,
        "unknown": 5,
        "forks": 1,
        "archived": 1,
        "stargazers_count": 16,
        "forks_count": 3,
        "without_license": 1,
        "licenses": {"MIT": 3, "Apache-2.0": 1},
    }


@pytest.mark.parametrize(
    "left, expected",
    [
        (range(1, 97), []),  # 4 of 100
        (range(1, 82), []),  # 19 of 100: many, but not a large share
        (range(1, 81), [("01", "02", "02", 20)]),
    ],
)
def test_it_accepts_a_number_and_a_share(closures_of, left, expected):
    assert brief(closures_of({"alder": range(1, 101)}, {"alder": left})) == expected


def test_losing_all_of_a_few_repositories_is_a_closure_only_with_a_lower_threshold(closures_of):
    days = {"alder": range(1, 5)}, {"alder": []}
    assert closures_of(*days) == []
    assert brief(closures_of(*days, threshold=Threshold(repositories=3))) == [("01", "02", "02", 4)]


def test_losses_on_consecutive_days_are_reported_as_one(closures_of):
    days = [range(1, 21), range(1, 18), range(1, 18), range(1, 16), range(1, 16)]  # 3, then 2, within three days
    assert brief(closures_of(*({"alder": each} for each in days))) == [("01", "02", "04", 5)]


def test_a_slow_trickle_of_losses_is_no_closure(closures_of):
    """One repository every third day, in the end nearly all of them."""
    days = [range(1, 21 - number // 3) for number in range(30)]
    assert closures_of(*({"alder": each} for each in days)) == []


def test_a_loss_some_days_earlier_does_not_change_the_date(closures_of):
    days = [range(1, 41), range(1, 40), range(1, 40), range(1, 10), range(1, 10)]
    assert brief(closures_of(*({"alder": each} for each in days))) == [("03", "04", "04", 30)]


def test_two_closures_far_apart_are_two(closures_of):
    days = [range(1, 41), *[range(1, 31)] * 4, range(1, 11)]
    assert brief(closures_of(*({"alder": each} for each in days))) == [("01", "02", "02", 10), ("05", "06", "06", 20)]


def test_observations_of_others_do_not_count(closures_of):
    """Others were observed while it could not be; its own observations are still consecutive."""
    kept = (range(1, 18), 2)
    days = [
        {"alder": range(1, 21), "birch": [90]},
        {"alder": range(1, 18), "birch": [91]},
        *[{"alder": kept, "birch": [91, 92 + n]} for n in range(5)],
        {"alder": range(1, 16), "birch": [91]},
    ]
    assert brief(closures_of(*days)) == [("01", "02", "08", 5)]


def test_between_the_dates_means_since_it_was_last_observed(closures_of):
    kept = (range(1, 21), 1)
    days = [{"alder": range(1, 21), "birch": [90]}, {"alder": kept, "birch": [91]}, {"alder": [], "birch": [91]}]
    assert brief(closures_of(*days)) == [("01", "03", "03", 20)]


def test_what_a_listed_organisation_took_over_has_moved_and_what_came_back_has_returned(closures_of):
    days = [
        {"alder": range(1, 11), "birch": [90]},
        {"alder": [1], "birch": [2, 3, 4, 90]},
        {"alder": [1, 5], "birch": [2, 3, 4, 6, 90]},
    ]
    [row] = closures_of(*days)
    names = ("gone", "moved", "returned", "unknown", "repositories_before", "repositories_after")
    assert [row[name] for name in names] == [9, 4, 1, 4, 10, 1]
    assert json.loads(row["moved_to"]) == {"somebody": 4}


def test_a_repository_that_flaps_counts_once(closures_of):
    days = [range(1, 11), range(1, 6), range(1, 8), range(1, 6)]
    [row] = closures_of(*({"alder": each} for each in days))
    assert (row["gone"], row["share"]) == (5, 0.5)


def test_what_was_answered_last_about_each_is_its_whereabouts(tmp_path):
    life = Life(tmp_path / "repository")
    owned = [*map(repository, range(1, 9))]
    fates = {1: "moved", 2: "not_public", 3: "blocked", 4: "unlisted", 5: None}
    later = fates | {2: "moved", 5: "not_public", 3: None}
    steps = [
        (owned, {}),
        (owned[5:], fates),
        (owned[5:], later),
        ([owned[0], *owned[5:]], {n: later[n] for n in range(2, 6)}),
    ]
    kinds = []
    for number, (raw, found) in enumerate(steps, 1):
        held = make_account("alder", *raw, id=1, observed_at=day(number))
        answers = [whereabouts(id_, fate, checked_at=fate and day(number)) for id_, fate in found.items()]
        records = {**held.records, **({"whereabouts": answers} if answers else {})}
        save(life.data, {"alder": replace(held, records=records)})
        life.build()
        life.commit()
        with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
            kinds.append(
                connection.execute(
                    "SELECT repository_id, kind, new FROM events WHERE observed_at = ? ORDER BY id", (day(number),)
                ).fetchall()
            )
            known = connection.execute(
                "SELECT repository_id, whereabouts, moved_to, blocked_for, whereabouts_at FROM no_longer_public"
            ).fetchall()
            closed = connection.execute(
                "SELECT gone, moved, moved_to, returned, blocked, not_public, unknown FROM closures"
            ).fetchall()
        build(life.data, tmp_path / "replayed.db", from_git=True)
        assert (tmp_path / "replayed.db").read_bytes() == (life.data / DATABASE_FILE).read_bytes()
        if number == 2:
            assert sorted(known) == [
                (1, "moved", "elsewhere/repository-1", None, day(2)),
                (2, "not_public", None, None, day(2)),
                (3, "blocked", None, "dmca", day(2)),
                (4, "unlisted", None, None, day(2)),
                (5, "unknown", None, None, None),
            ]
            assert closed == [(5, 1, '{"elsewhere":1}', 1, 1, 1, 1)]
    assert kinds[1] == [
        (1, "vanished", "moved: elsewhere/repository-1"),
        (2, "vanished", "not_public"),
        (3, "vanished", "blocked: dmca"),
        (4, "vanished", "unlisted"),
        (5, "vanished", None),
    ]
    assert kinds[2:] == [
        [(2, "traced", "moved: elsewhere/repository-2"), (5, "traced", "not_public")],
        [(1, "reappeared", None)],
    ]
    assert [row[:2] for row in sorted(known)] == [
        (2, "moved"),
        (3, "blocked"),
        (4, "unlisted"),
        (5, "not_public"),
    ]


@pytest.mark.parametrize("shallow", [False, True])
def test_what_vanished_and_is_excluded_later_is_left_out_and_its_history_stays(tmp_path, shallow):
    life = Life(tmp_path / "repository", shallow=shallow)
    steps = [({1, 2, 3}, {}), ({3}, {1, 2}), ({3}, {2}), ({3, 1}, {2})]
    known, kinds = [], []
    for number, (owned, missed) in enumerate(steps, 1):
        held = make_account("alder", *map(repository, sorted(owned)), id=100, observed_at=day(number))
        answers = [whereabouts(id_, "not_public") for id_ in sorted(missed)]
        save(
            life.data, {"alder": replace(held, records=held.records | ({"whereabouts": answers} if answers else {}))}
        )
        life.build()
        life.commit()
        build(life.data, tmp_path / "replayed.db", from_git=True)
        assert (tmp_path / "replayed.db").read_bytes() == (life.data / DATABASE_FILE).read_bytes()
        with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
            known.append(connection.execute("SELECT repository_id FROM no_longer_public ORDER BY 1").fetchall())
            kinds.append(connection.execute("SELECT repository_id, kind FROM events ORDER BY id").fetchall())
            departed = connection.execute("SELECT repository_id FROM departures").fetchall()
    assert known == [[], [(1,), (2,)], [(2,)], [(2,)]]
    assert kinds[2] == kinds[1] == [(1, "vanished"), (2, "vanished")]
    assert departed == [(1,), (2,)]
    assert life.carried == (4 if shallow else 0)


def test_the_database_has_them_and_what_is_no_longer_public_is_known_as_it_was_last(tmp_path):
    life = Life(tmp_path / "repository")
    raw = [repository(n, description=f"Number {n}", language="R", license="MIT") for n in range(1, 11)]
    raw[2].pop("license")
    for owned, date in ((raw, day(1)), (raw[9:], day(2))):
        save(life.data, {"alder": make_account("alder", *owned, id=1, observed_at=date)})
        life.build()
        life.commit()
    with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
        connection.row_factory = sqlite3.Row
        assert [tuple(row) for row in connection.execute("SELECT organisation, gone, share FROM closures")] == [
            ("alder", 9, 0.9)
        ]
        assert [tuple(row) for row in connection.execute("SELECT * FROM closure_threshold")] == [(5, 0.2, 3)]
        rows = {row["repository_id"]: dict(row) for row in connection.execute("SELECT * FROM no_longer_public")}
    assert sorted(rows) == list(range(1, 10))
    assert rows[1]["description"] == "Number 1"
    assert rows[3]["unknown_fields"] == '["license"]'
    assert (rows[1]["first_observed_at"], rows[1]["last_observed_at"], rows[1]["missing_at"]) == (
        day(1),
        day(1),
        day(2),
    )
    assert rows[1]["whereabouts"] == "unknown"


def test_the_threshold_of_the_list_applies_to_all_of_the_past_whichever_way_it_is_built(tmp_path):
    life = Life(tmp_path / "repository", shallow=True)
    options, found = ["--data", str(life.data), "--database", str(tmp_path / "replayed.db")], []
    for number, (owned, threshold) in enumerate(((range(1, 5), "5, 20%"), ([], "5, 20%"), ([], "2, 50%")), 1):
        save(life.data, {"alder": make_account("alder", *map(repository, owned), id=100, observed_at=day(number))})
        (life.folder / "organisations.yml").write_text(f"organisations: [alder]\nclosure-threshold: {threshold}\n")
        life.commit("another threshold")
        life.build(threshold=parse_threshold(threshold, ""))
        life.commit()
        assert CliRunner().invoke(cli.main, ["build", "--from-git", *options]).exit_code == 0
        assert (tmp_path / "replayed.db").read_bytes() == (life.data / DATABASE_FILE).read_bytes()
        with closing(sqlite3.connect(life.data / DATABASE_FILE)) as connection:
            found.append(connection.execute("SELECT gone FROM closures").fetchall())
            [[minimum]] = connection.execute("SELECT repositories FROM closure_threshold").fetchall()
    assert found == [[], [], [(4,)]]
    assert minimum == 2
    assert life.carried
    result = CliRunner().invoke(cli.main, ["verify", "--data", str(life.data)])
    assert "agrees with git, with closures from 2, 50%." in result.output
    (life.folder / "organisations.yml").write_text("closure-threshold: 5, 20%\n")
    assert "closures: 1 row" in CliRunner().invoke(cli.main, ["verify", "--data", str(life.data)]).output


def test_the_threshold_is_an_option_of_build_and_verify(tmp_path):
    life = Life(tmp_path / "repository")
    for owned, date in ((range(1, 5), day(1)), ([], day(2))):
        save(life.data, {"alder": make_account("alder", *map(repository, owned), id=1, observed_at=date)})
        life.commit()

    def oss_health(*arguments):
        return CliRunner().invoke(cli.main, [*arguments, "--data", str(life.data)])

    assert oss_health("build", "--closure-threshold", "2, 50%").exit_code == 0
    assert oss_health("verify", "--closure-threshold", "2, 50%").exit_code == 0
    assert "closures: 1 row" in oss_health("verify", "--closure-threshold", "5, 20%").output
    assert "  + 2, 0.5, 3" in oss_health("verify").output  # its own name may contain the word; nothing else does
    assert oss_health("build", "--closure-threshold", "few").exit_code == 2


def test_a_second_loss_does_not_replace_the_reported_closure(closures_of):
    """Its dates, and the id of its entry in the feed, are those of the first time."""
    all_of_it, half = range(1, 11), range(1, 6)
    [first] = closures_of({"alder": all_of_it}, {"alder": half})
    [again] = closures_of(*({"alder": each} for each in (all_of_it, half, all_of_it, half)))
    assert (first["last_seen_at"], first["first_missing_at"]) == (day(1), day(2))
    assert (again["last_seen_at"], again["first_missing_at"], again["gone"]) == (day(1), day(2), 5)


@pytest.mark.parametrize("percent", range(1, 101))
def test_a_share_is_reached_exactly(percent):
    threshold = Threshold(1, percent / 100)
    for before in range(1, 300):
        enough = -(-percent * before // 100)
        assert threshold.reached(enough, before)
        assert not threshold.reached(enough - 1, before)


def test_nearly_all_is_not_reported_as_all(closures_of):
    [row] = closures_of({"alder": range(1, 401)}, {"alder": [1]})
    closure = Closure(**row | {"moved_to": {}, "licenses": {}})
    assert "399 of 400 repositories gone (99%)" in closure.sentence
