"""A dataset from before health continues: becoming known is not an event, but a later change is."""

import pytest

from scraper.dataset.layout import DATABASE_FILE
from scraper.dataset.store import load, save
from tests.helpers.examples import asked
from tests.helpers.life import Life, date

pytestmark = pytest.mark.slow

HAD = {"readme": True, "workflows": True, "latest_release": "v1", "latest_release_at": "2019-05-01T00:00:00Z"}
HAS = HAD | {"readme": False, "support": True, "latest_release": "v2", "latest_release_at": "2020-01-04T00:00:00Z"}
COUNTED = {"issues_open": 3, "commits_count": 70, "language_bytes": {"Python": 9}}
NEWS = ("released", "gained", "lost")


def look(life: Life, values: dict[str, object], ids: set[int], lacks: str = "") -> None:
    """A run that lists all repositories, checks those with these ids, and keeps what is known about the others.

    Its version of this program does not have the field `lacks`.
    """
    before = load(life.data)
    after = life.observe()
    for key, account in after.items():
        known = {
            id_: record | before[key].by_id("activity")[id_] for id_, record in before[key].by_id("health").items()
        }
        after[key] = asked(account, known | dict.fromkeys(ids, values), date(life.day))
        dates = {id_: record["files_observed_at"] for id_, record in known.items() if id_ not in ids}
        for record in after[key].records["activity"]:
            day = dates.get(record["id"], date(life.day))
            record |= {name: day for name in record if name.endswith("_observed_at") and record[name]}
    save(life.data, after)
    for path in (life.data / "health").glob("*.json"):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not lacks or f'"{lacks}":' not in line))
    life.build()
    life.commit("asked")


def everything(life: Life) -> set[int]:
    return {id_ for owned in life.world.values() for id_ in owned}


@pytest.fixture(params=[False, True], ids=["all commits", "carried forward"])
def older(request, tmp_path) -> Life:
    """Three observations by a version of this program without the two collections."""
    life = Life(tmp_path / "repository", seed=4, shallow=request.param)
    for _ in range(3):
        life.run()
        life.turn()
    assert not (life.data / "health").exists()
    return life


def test_health_that_becomes_known_is_no_event_and_what_moves_then_is(older, ask, replayed):
    before = ask(older, "SELECT * FROM events")
    ids = everything(older)
    some = {id_ for id_ in ids if id_ % 2}

    look(older, HAD | COUNTED, some)
    look(older, HAD | COUNTED, ids)
    listed = "', '".join(NEWS)
    assert ask(older, f"SELECT count(*) FROM events WHERE kind IN ('{listed}') OR field IN ('languages')") == [(0,)]
    known = (
        "SELECT DISTINCT observed_at, issues_open, commits_count FROM metric_history WHERE issues_open IS NOT NULL"
    )
    assert ask(older, known) == [(date(4), 3, 70), (date(5), 3, 70)]

    look(older, HAS | COUNTED | {"commits_count": 71}, some)
    moved = f"SELECT kind, field, count(*) FROM events WHERE kind IN ('{listed}') GROUP BY 1, 2 ORDER BY 1"
    there = some & everything(older)
    assert ask(older, moved) == [
        ("gained", "support", len(there)),
        ("lost", "readme", len(there)),
        ("released", "latest_release", len(there)),
    ]
    assert ask(older, "SELECT count(*) FROM metric_history WHERE commits_count = 71") == [(len(there),)]
    assert ask(older, "SELECT * FROM events")[: len(before)] == before
    assert (older.carried >= 3) == older.shallow
    assert (older.data / DATABASE_FILE).read_bytes() == replayed(older.data)[0]


def test_a_field_of_health_that_a_version_brings_is_no_event(older, ask, replayed):
    ids = everything(older)
    look(older, HAD, ids, lacks="support")
    assert ask(older, "SELECT DISTINCT readme, support, unknown_fields LIKE '%support%' FROM repositories") == [
        (1, None, 1)
    ]
    look(older, HAS, ids)
    assert ask(older, "SELECT kind, field FROM events WHERE kind IN ('gained', 'lost') GROUP BY 1, 2") == [
        ("lost", "readme")
    ]
    assert (older.data / DATABASE_FILE).read_bytes() == replayed(older.data)[0]
