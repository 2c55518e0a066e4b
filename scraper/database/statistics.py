"""Compute, with pandas, the rows of `statistics_tables`, by organisation.

They count what exists today, forks left out. Series by creation date are continued to the date of the data, so that
every line ends where the data do. A value that is unknown is not counted as any other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from scraper.database import languages
from scraper.database.sql import Table
from scraper.database.statistics_tables import GROWTH, LANGUAGE_GROWTH, LICENSE_GROWTH, ORGANISATION_STATISTICS
from scraper.model.fields import Record

TEXTS = ["organisation", "created_at", "pushed_at", "language", "license"]
COUNTERS = ["stargazers_count", "forks_count", "open_issues_count"]
OFTEN_KNOWN = ["archived", "language", "license", "pushed_at"]
"""Columns that are counted and may be unknown."""


def statistics(repositories: Sequence[Record], observed_at: Mapping[str, str]) -> dict[str, list[Record]]:
    """The rows of each table of statistics.

    `observed_at` has the date of each observed organisation, in the order of the rows.
    """
    frame = _without_forks(repositories, observed_at)
    return {
        ORGANISATION_STATISTICS.name: list(_of_organisations(frame, repositories, observed_at)),
        GROWTH.name: _growth(frame, observed_at),
        LANGUAGE_GROWTH.name: _by_year(frame, "language", LANGUAGE_GROWTH, observed_at),
        LICENSE_GROWTH.name: _by_year(frame, "license", LICENSE_GROWTH, observed_at),
    }


def _without_forks(repositories: Iterable[Record], observed_at: Mapping[str, str]) -> pd.DataFrame:
    """Repositories by creation, with the most frequent values so far; `organisation` is an index in `observed_at`."""
    place = {login: number for number, login in enumerate(observed_at)}
    names = TEXTS + COUNTERS + ["archived", "unknown_fields"]
    frame = pd.DataFrame(
        [[repository[name] for name in names] for repository in repositories if not repository["fork"]],
        columns=names,
        dtype=object,
    )
    frame["organisation"] = frame["organisation"].map(place).astype("int64")
    frame = frame.sort_values(["organisation", "created_at"], kind="stable", ignore_index=True)
    unknown = frame.pop("unknown_fields").fillna("").astype("str")
    for name in OFTEN_KNOWN:
        frame[f"{name}_known"] = ~unknown.str.contains(f'"{name}"', regex=False)
    frame["created"] = 1
    frame["date"] = [time[:10] for time in frame["created_at"]]
    frame["created_year"] = pd.array([int(date[:4]) for date in frame["date"]], dtype="int64")
    frame["open_repositories"] = frame.groupby("organisation").cumcount() + 1
    frame["top_language"] = _most_frequent_so_far(frame, "language")
    frame["top_license"] = _most_frequent_so_far(frame, "license")
    return frame


def _most_frequent_so_far(frame: pd.DataFrame, column: str) -> pd.Series:
    """For each row, the most frequent value of its organisation up to that row; None while there is no value.

    A count and a rank make one number: the count times the number of values, minus the value's alphabetical rank.
    Counts only grow, so the highest number so far belongs to the most frequent value, and identifies it.
    """
    codes, values = pd.factorize(frame[column], sort=True)  # -1 for None
    counts = frame.groupby(["organisation", pd.Series(codes, frame.index)]).cumcount() + 1
    scores = (counts * len(values) - codes).where(codes >= 0, 0)
    highest = scores.groupby(frame["organisation"]).cummax()
    names = list(values)
    leading = [names[-score % len(names)] if score else None for score in highest.tolist()]
    return pd.Series(leading, frame.index, dtype=object)


def _of_organisations(
    frame: pd.DataFrame, repositories: Iterable[Record], observed_at: Mapping[str, str]
) -> Iterator[Record]:
    a_year_before = pd.Series([_a_year_before(date) for date in observed_at.values()], dtype=object)
    has_license, is_archived = frame["license"].notna(), frame["archived"].eq(True)
    is_recent = frame["pushed_at"].fillna("") >= frame["organisation"].map(a_year_before)
    counted = pd.DataFrame(
        {
            "open_repositories": frame["created"],
            **{name: pd.array(frame[name], dtype="Int64") for name in COUNTERS},
            "with_license": has_license,
            "without_license": ~has_license & frame["license_known"],
            "archived": is_archived,
            "not_archived": ~is_archived & frame["archived_known"],
            "pushed_last_year": is_recent,
            "not_pushed_last_year": ~is_recent & frame["pushed_at_known"],
        }
    )
    of_all = pd.Series([repository["organisation"] for repository in repositories], dtype=object).value_counts()
    sums = counted.groupby(frame["organisation"]).sum().reindex(range(len(observed_at)), fill_value=0)
    ends = frame.groupby("organisation")
    oldest, newest = (_by_place(rows) for rows in (ends.head(1), ends.tail(1)))
    for place, (login, row) in enumerate(zip(observed_at, sums.to_dict("records"), strict=True)):
        first, last = oldest.get(place, {}), newest.get(place, {})
        with_license, known = int(row["with_license"]), int(row["with_license"] + row["without_license"])
        yield {
            "organisation": login,
            "observed_at": observed_at[login],
            "repositories": int(of_all.get(login, 0)),
            **{name: int(number) for name, number in row.items()},
            "top_language": last.get("top_language"),
            "top_license": last.get("top_license"),
            "first_created_at": first.get("created_at"),
            "latest_created_at": last.get("created_at"),
            "license_share": round(with_license / known, 4) if known else None,
        }


def _by_place(rows: pd.DataFrame) -> dict[int, Record]:
    names = ("created_at", "top_language", "top_license")
    values = zip(*(rows[name].tolist() for name in names), strict=True)
    return {
        place: dict(zip(names, each, strict=True))
        for place, each in zip(rows["organisation"].tolist(), values, strict=True)
    }


def _a_year_before(time: str) -> str:
    return f"{np.datetime64(time[:10]) - 365}{time[10:]}"


def _growth(frame: pd.DataFrame, observed_at: Mapping[str, str]) -> list[Record]:
    """Counts at the end of each day on which a repository was created, and of the day of the data."""
    days = frame.drop_duplicates(["organisation", "date"], keep="last")
    created = frame.groupby(["organisation", "date"])["created"].transform("size")
    dates = pd.Series([time[:10] for time in observed_at.values()], dtype=object)
    rows = _carried_forward(days.assign(created=created), ["organisation"], "date", dates)
    without_any = dates.drop(days["organisation"].unique())
    empty = {"organisation": without_any.index, "date": without_any, "top_language": None, "top_license": None}
    numbers = {
        "created": np.zeros(len(without_any), "int64"),
        "open_repositories": np.zeros(len(without_any), "int64"),
    }
    rows = pd.concat([rows[list(GROWTH.column_names)], pd.DataFrame(empty | numbers)])
    return _rows(rows.sort_values(["organisation", "date"]), GROWTH, observed_at)


def _by_year(frame: pd.DataFrame, column: str, table: Table, observed_at: Mapping[str, str]) -> list[Record]:
    """Counts at the end of each year in which a repository with this value was created, and of the data's year."""
    frame = frame[frame[f"{column}_known"]]
    codes, values = pd.factorize(frame[column], sort=True)  # -1 for None
    keys = {
        "organisation": frame["organisation"],
        "code": codes,
        "created_year": frame["created_year"],
    }
    counts = pd.DataFrame(keys).groupby(list(keys)).size().rename("created").reset_index()
    counts["open_repositories"] = counts.groupby(["organisation", "code"])["created"].cumsum()
    years = pd.Series([int(time[:4]) for time in observed_at.values()], dtype="int64")
    rows = _carried_forward(counts, ["organisation", "code"], "created_year", years)
    rows = rows.sort_values(["organisation", "created_year", "code"])
    names = [*values, None]
    rows[column] = pd.Series([names[code] for code in rows["code"]], rows.index, dtype=object)
    if column == "language":
        groups = [languages.group(name) for name in rows[column]]
        rows["language_group"] = pd.Series(groups, rows.index, dtype=object)
    return _rows(rows, table, observed_at)


def _carried_forward(frame: pd.DataFrame, keys: list[str], moment: str, ends: pd.Series) -> pd.DataFrame:
    """Add a row to the end of each series that ends before its organisation's data do."""
    lasts = frame.drop_duplicates(keys, keep="last")
    until = lasts["organisation"].map(ends)
    return pd.concat([frame, lasts.assign(**{moment: until}, created=0)[lasts[moment] < until]], ignore_index=True)


def _rows(frame: pd.DataFrame, table: Table, observed_at: Mapping[str, str]) -> list[Record]:
    logins = list(observed_at)
    columns = {name: frame[name].tolist() for name in table.column_names}
    columns["organisation"] = [logins[place] for place in columns["organisation"]]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
