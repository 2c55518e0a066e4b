"""Charts as plain dictionaries in Plotly's format, without colours, which come from the page in light and dark mode.

A trace's `meta` is the number of its colour in the style sheet: 1 to 9, 0 for "others", -1 for missing values, -2 for
what others counted. A variant's `marks` are annotated days.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from scraper.site.queries import Row
from scraper.text import count

Chart = dict[str, Any]

TOP = 9
"""As many colours as people can distinguish, colour-blind or not; the rest share one band."""

WEEK = 7
BACK = (("5 years before", 5 * 365), ("3 years before", 3 * 365), ("1 year before", 365), ("6 months before", 182))
"""The days in the table beside the growth chart."""


def largest(listed: Sequence[Row]) -> dict[str, str]:
    """The organisations that charts show separately, by login, with their names: those with the most repositories."""
    return {each["login"]: each["name"] for each in listed[:TOP] if each["open_repositories"]}


MARKS = 8
"""How many closures a chart names: more names would overlap."""

DASHES = ("dash", "dashdot", "longdash", "longdashdot")

Before = Mapping[str, Sequence[Row]]
"""What each source counted before our own observations began."""


def growth(
    created: Sequence[Row],
    observed: Sequence[Row],
    listed: Sequence[Row],
    until: str,
    before: Before = MappingProxyType({}),
    closures: Sequence[Row] = (),
) -> Chart:
    """Open repositories over time as bands, one for each of the largest organisations and one for all others.

    In the variant as observed, dashed lines show what others counted `before`, and closures are marked.
    """
    names, others = _names(listed)
    as_observed = _banded(*_as_observed(observed), names, others)
    as_observed["data"] += _dashed(before)
    variants = {
        "created": _banded(*_by_creation(created, until), names, others),
        "observed": as_observed | {"marks": _marks(closures, named=True)},
    }
    return {"until": until, "variants": variants}


def growth_table(created: Sequence[Row], listed: Sequence[Row], until: str) -> dict[str, Any]:
    """The growth chart in numbers: its bands and their sum on a few days."""
    names, others = _names(listed)
    days = [*((label, (_day(until) - timedelta(days)).isoformat()) for label, days in BACK), ("now", until)]
    counts: dict[str, list[int]] = {login: [0] * len(days) for login in [*names, ""]}
    for row in created:
        band = counts[row["organisation"] if row["organisation"] in names else ""]
        for place, (_, day) in enumerate(days):
            band[place] += row["created"] * (row["date"] <= day or place == len(days) - 1)
    lines = [(names[login], counts[login]) for login in names] + ([(others, counts[""])] if others else [])
    total = [sum(band) for band in zip(*(numbers for _, numbers in lines), strict=True)]
    return {"days": days, "lines": lines, "total": total}


def organisation_growth(
    created: Sequence[Row],
    observed: Sequence[Row],
    until: str,
    before: Before = MappingProxyType({}),
    closures: Sequence[Row] = (),
) -> Chart:
    """One organisation's open repositories: as counted by us and by others, and by creation date."""
    so_far, total = [], 0
    for row in created:
        total += row["created"]
        so_far.append((min(row["date"], until), total))
    if so_far and so_far[-1][0] < until:
        so_far.append((until, total))
    lines = [
        ("By creation date", so_far),
        ("As observed", [(row["date"], row["open_repositories"]) for row in observed]),
    ]
    data = [
        {
            **_line(name, colour),
            "x": [day for day, _ in points],
            "y": [number for _, number in points],
        }
        for colour, (name, points) in enumerate(lines, start=1)
        if len(points) > 1 or (colour == 1 and points)  # one point makes no line
    ]
    variant = {"data": data + _dashed(before), "layout": _layout(), "marks": _marks(closures, named=False)}
    return {"until": until, "variants": {"created": variant}}


def by_year(found: Sequence[Row], nothing: str, until: str, *, so_far: bool) -> Chart:
    """Repositories by year of creation as stacked bars, by `value`; None is `nothing`. `so_far` adds up the years."""
    totals: Counter[str | None] = Counter()
    created: Counter[tuple[int, str | None]] = Counter()
    for row in found:
        totals[row["value"]] += row["created"]
        created[row["created_year"], row["value"]] += row["created"]
    ranked = sorted((value for value in totals if value is not None), key=lambda value: (-totals[value], value))
    shown, rest = ranked[:TOP], ranked[TOP:]
    bars: list[tuple[str, int, list[str | None]]] = [(value, n, [value]) for n, value in enumerate(shown, start=1)]
    if rest:
        bars.append((count(len(rest), "other"), 0, list(rest)))
    if totals[None]:
        bars.append((nothing, -1, [None]))
    years = _years(created, until)
    data = []
    for name, colour, values in bars:
        numbers = [sum(created[year, value] for value in values) for year in years]
        if so_far:
            numbers = [sum(numbers[: place + 1]) for place in range(len(numbers))]
        data.append({"type": "bar", "name": name, "meta": colour, "x": years, "y": numbers})
    layout = {"barmode": "stack", "bargap": 0.25, "xaxis": {"type": "category"}, **_layout()}
    return {"until": until, "variants": {"created": {"data": data, "layout": layout}}}


def created_per_year(found: Sequence[Row], listed: Sequence[Row], until: str) -> Chart:
    """Repositories by year of creation, by organisation: the bands of the growth chart as bars."""
    names, others = _names(listed)
    created: Counter[tuple[int, str]] = Counter()
    for row in found:
        created[row["created_year"], row["organisation"] if row["organisation"] in names else ""] += row["created"]
    years = _years(created, until)
    data = [
        {"type": "bar", "name": name, "meta": colour, "x": years, "y": [created[year, login] for year in years]}
        for colour, (login, name) in _coloured(names, others)
    ]
    layout = {"barmode": "stack", "bargap": 0.25, "xaxis": {"type": "category"}, **_layout()}
    return {"until": until, "variants": {"created": {"data": data, "layout": layout}}}


def _names(listed: Sequence[Row]) -> tuple[dict[str, str], str]:
    """The names of the largest by login, and the name for all others, empty if there are none."""
    names = largest(listed)
    rest = sum(1 for each in listed if each["open_repositories"]) - len(names)
    return names, count(rest, "other") if rest > 0 else ""


def _coloured(names: dict[str, str], others: str) -> list[tuple[int, tuple[str, str]]]:
    return [*enumerate(names.items(), start=1), *([(0, ("", others))] if others else [])]


def _banded(x: Row, counts: dict[str, list[int]], names: dict[str, str], others: str) -> Chart:
    length = max(map(len, counts.values()), default=0)
    gathered = [0] * length
    for login, numbers in counts.items():
        if login not in names:
            gathered = [one + other for one, other in zip(gathered, numbers, strict=True)]
    if not others and any(gathered):
        others = "No longer listed"
    data = []
    for colour, (login, name) in _coloured(names, others):
        y = counts.get(login, [0] * length) if login else gathered
        data.append({**_line(name, colour), "stackgroup": "all", **x, "y": y})
    return {"data": data, "layout": _layout()}


def _by_creation(created: Sequence[Row], until: str) -> tuple[Row, dict[str, list[int]]]:
    """Counts by week up to the date of the data, so that eleven years of 186 organisations stay small."""
    end = _day(until)
    first = min([_day(row["date"]) for row in created] + [end])
    weeks = -(-(end - first).days // WEEK) + 1
    start = end - timedelta(WEEK * weeks)
    counts: dict[str, list[int]] = {}
    for row in created:
        numbers = counts.setdefault(row["organisation"], [0] * (weeks + 1))
        numbers[min(-(-(_day(row["date"]) - start).days // WEEK), weeks)] += row["created"]
    for numbers in counts.values():
        for place in range(1, len(numbers)):
            numbers[place] += numbers[place - 1]
    return {"x0": start.isoformat(), "dx": WEEK * 24 * 60 * 60 * 1000}, counts


def _as_observed(observed: Iterable[Row]) -> tuple[Row, dict[str, list[int]]]:
    """The last count of each day or, in a long history, of each week."""
    days: dict[str, dict[str, int]] = {}
    for row in observed:
        days.setdefault(row["date"], {})[row["organisation"]] = row["open_repositories"]
    if len(days) > 400:
        last = {_day(day).isocalendar()[:2]: day for day in days}
        days = {day: days[day] for day in last.values()}
    logins = sorted({login for counts in days.values() for login in counts})
    return {"x": list(days)}, {login: [counts.get(login, 0) for counts in days.values()] for login in logins}


def _dashed(before: Before) -> list[Row]:
    """A line for each source, with a point wherever its count changed."""
    lines = []
    for place, (source, rows) in enumerate(before.items()):
        points = [
            row
            for number, row in enumerate(rows)
            if number in (0, len(rows) - 1) or row["open_repositories"] != rows[number - 1]["open_repositories"]
        ]
        line = _line(f"According to {source}", -2)
        line["line"]["dash"] = DASHES[place % len(DASHES)]
        line |= {"x": [row["date"] for row in points], "y": [row["open_repositories"] for row in points]}
        lines.append(line)
    return lines


def _marks(closures: Sequence[Row], *, named: bool) -> list[Row]:
    """The largest closures by day, each on the day when the last of its repositories was found missing."""
    largest = sorted(closures, key=lambda each: -each["gone"])[:MARKS]
    return [
        {"x": each["last_missing"], "name": each["name"] if named else "Closure", "gone": each["gone"]}
        for each in sorted(largest, key=lambda each: (each["last_missing"], each["name"]))
    ]


def _years(created: Counter[Any], until: str) -> list[int]:
    years = [year for year, _ in created]
    return list(range(min(years), max(*years, int(until[:4])) + 1)) if years else []


def _line(name: str, colour: int) -> Row:
    return {"type": "scatter", "mode": "lines", "name": name, "meta": colour, "line": {"shape": "hv"}}


def _layout() -> Row:
    return {"yaxis": {"rangemode": "tozero"}, "hovermode": "x unified"}


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])
