"""What an older version of this program did not record is unknown, and becoming known is not an event."""

import orjson
import pytest

from scraper.dataset.layout import DATABASE_FILE
from scraper.model import records
from scraper.model.collections import ALL
from scraper.model.fields import REPOSITORY
from tests.helpers.examples import LISTED
from tests.helpers.life import Life

FIELDS = tuple(field for each in LISTED for field in each.fields)
OPTIONAL = {field.name for field in FIELDS if not field.required}


def without(life: Life, fields: set[str]) -> None:
    """The files as an earlier version of this program, without these fields, would have written them."""
    for collection in ALL:
        for path in (life.data / collection.name).glob(f"*{collection.suffix}"):
            text = path.read_bytes()
            whole = collection.suffix == ".json"
            records = orjson.loads(text) if whole else map(orjson.loads, text.splitlines())
            older = [{name: value for name, value in each.items() if name not in fields} for each in records]
            path.write_bytes(orjson.dumps(older) if whole else b"".join(orjson.dumps(each) + b"\n" for each in older))


@pytest.fixture
def upgraded(tmp_path) -> Life:
    """Two observations without any optional fields, then one in which all of them are known."""
    life = Life(tmp_path / "repository", seed=3)
    for repositories in life.world.values():
        for record in repositories.values():
            record |= {field.name: EXAMPLES[field.kind] for field in FIELDS if field.name in OPTIONAL}
    for _ in range(2):
        life.observe()
        without(life, OPTIONAL)
        life.commit("an older version")
    life.run()
    return life


EXAMPLES = {
    "integer": 7,
    "text": "something",
    "boolean": True,
    "license": "MIT",
    "topics": ["a-topic"],
    "timestamp": "2021-01-01T00:00:00Z",
}
"""A value of each kind that an optional field may have; a field of a new kind needs one here."""


def test_no_field_that_becomes_known_makes_an_event(upgraded, ask):
    assert ask(upgraded, "SELECT count(*) FROM observations") == [(3,)]
    assert ask(upgraded, "SELECT * FROM events") == []


def test_what_is_known_from_then_on_makes_events_again(upgraded, ask):
    for repositories in upgraded.world.values():
        for record in repositories.values():
            record |= {"license": None, "archived": False, "description": "something else"}
    upgraded.run()

    count = sum(map(len, upgraded.world.values()))
    assert ask(upgraded, "SELECT kind, field, count(*) FROM events GROUP BY 1, 2 ORDER BY 1") == [
        ("changed", "description", count),
        ("relicensed", "license", count),
        ("unarchived", "archived", count),
    ]


@pytest.mark.slow
def test_unknown_fields_are_carried_forward_and_replayed_to_the_same_bytes(tmp_path, replayed, replays):
    life = Life(tmp_path / "repository", seed=5, shallow=True)
    life.run()
    life.run()
    replays.clear()
    for _ in range(3):
        life.turn()
        life.observe()
        without(life, {life.chance.choice(sorted(OPTIONAL)) for _ in range(4)})
        life.build()
        life.commit("some fields were not reported")
        assert replays == []
        assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]
        replays.clear()
    life.run()
    assert (life.data / DATABASE_FILE).read_bytes() == replayed(life.data)[0]


def test_the_database_names_what_is_unknown(upgraded, ask):
    assert ask(upgraded, "SELECT DISTINCT unknown_fields FROM repositories") == [(None,)]
    upgraded.observe()
    without(upgraded, {"license", "size"})
    upgraded.build()
    assert ask(upgraded, "SELECT DISTINCT license, size, unknown_fields FROM repositories") == [
        (None, None, '["license","size"]')
    ]


def test_a_record_with_unknown_fields_is_read_once_while_it_stays_the_same(tmp_path, monkeypatch, replayed):
    life = Life(tmp_path / "repository")
    for stars in range(4):
        for repositories in life.world.values():
            for repository in repositories.values():
                repository["stargazers_count"] = stars
        life.observe()
        without(life, {"license", "size"})
        life.commit("two fields were not reported")
    read = []
    monkeypatch.setattr(
        "scraper.history.files.read", lambda fields, raw: read.append(fields) or records.read(fields, raw)
    )

    replayed(life.data)

    assert read.count(REPOSITORY) == sum(map(len, life.world.values()))
