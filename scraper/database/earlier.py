"""What others counted before us, in separate tables: none of our own figures is ever computed from it.

Closures are found with the same threshold as in our own data, although only numbers are known here. Published series
contain mistakes, so a fall from which the next counts recover is not a closure.
"""

from collections.abc import Iterator, Sequence

from scraper.database.sql import LOGIN, Column, Table
from scraper.dataset.earlier import EarlierCount, Placed
from scraper.threshold import Threshold

Row = tuple[object, ...]

SOURCE = Column("source", "TEXT", "Who published it", True)

EARLIER_COUNTS = Table(
    "earlier_counts",
    (
        Column(
            "id",
            "INTEGER",
            "Number of the count, by day; if an organisation has several on one day, the last one counts",
            True,
        ),
        Column("observed_on", "TEXT", "Day on which it was published (UTC)", True),
        Column("organisation", LOGIN, "Login of the account, listed or not; HOST/NAME if not on GitHub", True),
        Column("open_repositories", "INTEGER", "Number of its repositories, as the source counted them", True),
        SOURCE,
        Column("source_commit", "TEXT", "The commit in which the source published it; null: none"),
    ),
    primary_key=("id",),
)

EARLIER_CLOSURES = Table(
    "earlier_closures",
    (
        SOURCE,
        Column("organisation", LOGIN, "Login of the account whose count fell; HOST/NAME if not on GitHub", True),
        Column("last_counted_on", "TEXT", "Day of the last count before it fell (UTC)", True),
        Column(
            "first_missing_on",
            "TEXT",
            "Day of the first count that was lower (UTC); repositories disappeared in between",
            True,
        ),
        Column("last_missing_on", "TEXT", "Day of the count to which it fell (UTC)", True),
        Column("repositories_before", "INTEGER", "The source's count before", True),
        Column("repositories_after", "INTEGER", "The source's count after", True),
        Column("gone", "INTEGER", "By how many it fell; more may have disappeared, if others were added", True),
        Column("share", "REAL", "The fall as a share of the count before, from 0 to 1", True),
        Column("source_commit", "TEXT", "The commit with the count to which it fell; null: none"),
    ),
    primary_key=("source", "organisation", "first_missing_on"),
    clustered=True,
)

EARLIER_TABLES = (EARLIER_COUNTS, EARLIER_CLOSURES)


def earlier_rows(found: Sequence[Placed], threshold: Threshold) -> dict[str, list[Row]]:
    """The rows of each table, by its name."""
    counts = [placed.said for placed in found]
    return {
        EARLIER_COUNTS.name: [(number, *count) for number, count in enumerate(counts, 1)],
        EARLIER_CLOSURES.name: closures(counts, threshold),
    }


def closures(counts: Sequence[EarlierCount], threshold: Threshold) -> list[Row]:
    """The closures in a source's counts; of each day, only the last count is used."""
    series: dict[tuple[str, str], dict[str, EarlierCount]] = {}
    for count in counts:
        days = series.setdefault((count.source, count.organisation.casefold()), {})
        days[count.observed_on] = count
    found = [row for _, days in sorted(series.items()) for row in _falls(list(days.values()), threshold)]
    return sorted(found, key=lambda row: (str(row[0]), str(row[1]).casefold(), str(row[3])))


def _falls(days: Sequence[EarlierCount], threshold: Threshold) -> Iterator[Row]:
    numbers = [count.open_repositories for count in days]
    place = 1
    while place < len(days):
        end = _end(numbers, place, threshold)
        if end is None:
            place += 1
            continue
        before, after = days[place - 1], days[end]
        gone = before.open_repositories - after.open_repositories
        yield (
            before.source,
            after.organisation,
            before.observed_on,
            days[place].observed_on,
            after.observed_on,
            before.open_repositories,
            after.open_repositories,
            gone,
            round(gone / before.open_repositories, 4),
            after.source_commit,
        )
        place = end + 1


def _end(numbers: Sequence[int], first: int, threshold: Threshold) -> int | None:
    """The index of the lowest count in a closure that begins at the index `first`; None if none begins there."""
    before = numbers[first - 1]
    if numbers[first] >= before:
        return None
    window = range(first, min(first + threshold.observations, len(numbers)))
    end = min(window, key=lambda place: (numbers[place], place))
    later = numbers[end : end + 1 + threshold.observations]
    return end if threshold.reached(before - max(later), before) else None
