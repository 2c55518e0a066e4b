"""Tables that are computed rather than observed."""

from collections.abc import Iterable

import pandas as pd

from scraper.records import Record
from scraper.schema import GROWTH

NEEDED = ["organisation", "created_at", "language", "license"]


def growth(repositories: Iterable[Record]) -> list[Record]:
    """How each organisation's repositories grew, by their creation dates: the rows of `schema.GROWTH`.

    It counts what exists today, forks left out: a repository that is deleted tomorrow goes from the whole line.
    """
    frame = pd.DataFrame(
        [[repository[name] for name in NEEDED] for repository in repositories if not repository["fork"]],
        columns=NEEDED,
        dtype=object,
    ).sort_values(["organisation", "created_at"])
    frame["date"] = frame["created_at"].str[:10]
    frame["created"] = frame.groupby(["organisation", "date"])["date"].transform("size")
    frame["open_repositories"] = frame.groupby("organisation").cumcount() + 1
    frame["top_language"] = _most_frequent_so_far(frame, "language")
    frame["top_license"] = _most_frequent_so_far(frame, "license")
    ends_of_days = frame.drop_duplicates(["organisation", "date"], keep="last")
    rows = zip(*(ends_of_days[column].tolist() for column in GROWTH.column_names), strict=True)
    return [dict(zip(GROWTH.column_names, row, strict=True)) for row in rows]


def _most_frequent_so_far(frame: pd.DataFrame, column: str) -> pd.Series:
    """For each row the most frequent value of its organisation up to it, None while there is no value at all.

    A count and a rank make one number: the count times the number of values, less the value's place in the alphabet.
    Counts only grow, so the highest number so far belongs to the most frequent value, and tells which it is.
    """
    codes, values = pd.factorize(frame[column], sort=True)  # -1 for None
    counts = frame.groupby(["organisation", pd.Series(codes, frame.index)]).cumcount() + 1
    scores = (counts * len(values) - codes).where(codes >= 0, 0)
    highest = scores.groupby(frame["organisation"]).cummax()
    names = list(values)
    leading = [names[-score % len(names)] if score else None for score in highest.tolist()]
    return pd.Series(leading, frame.index, dtype=object)
