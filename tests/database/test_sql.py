import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from scraper.database import sql

TABLE = sql.Table(
    "things",
    (
        sql.Column("id", "INTEGER", "Number of the thing", True),
        *(sql.Column(name, "TEXT", "May be null") for name in ("first", "second", "third")),
    ),
    primary_key=("id",),
)
texts = st.none() | st.sampled_from(("", "0", "null"))


@given(st.lists(st.tuples(texts, texts, texts)))
def test_rows_are_inserted_as_they_are_wherever_the_nulls_are(values: list[tuple[str | None, ...]]) -> None:
    rows: list[tuple[object, ...]] = [(n, *each) for n, each in enumerate(values)]
    assert stored(rows) == rows


def test_a_column_may_be_null_in_one_batch_and_not_in_the_next() -> None:
    rows: list[tuple[object, ...]] = [
        (n, None, None if n < sql.BATCH else "new", "old") for n in range(2 * sql.BATCH)
    ]
    assert stored(rows) == rows


def stored(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """What the table has after these rows were inserted."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(sql.create(TABLE))
        sql.insert(connection, TABLE, iter(rows))
        return connection.execute("SELECT * FROM things ORDER BY id").fetchall()
