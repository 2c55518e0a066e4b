"""The queries of metadata.json, answered again in plain Python from the records: slowly, but independently."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from scraper.model.accounts import Dataset
from scraper.model.collections import COLLECTIONS
from scraper.model.kinds import UNKNOWN

Row = dict[str, Any]


def repositories(dataset: Dataset, organisation: str = "", forks: bool = False) -> Iterator[Row]:
    """Each repository with its counters; in these datasets, no repository is in two organisations."""
    for account in dataset.values():
        login = str(account.record["login"])
        others = [(each.unknown, account.by_id(each.name)) for each in COLLECTIONS]
        for facts in account.repositories:
            if (forks or not facts["fork"]) and organisation.casefold() in ("", login.casefold()):
                row: Row = {"organisation": login}
                for unknown, records in others:
                    row |= records.get(facts["id"], unknown)
                row["name"] = facts["name"]
                unknown_names = sorted(name for name, value in row.items() if value is UNKNOWN)
                known = {name: None if value is UNKNOWN else value for name, value in row.items()}
                yield known | {"unknown_fields": json.dumps(unknown_names)}


def is_known(row: Row, name: str) -> bool:
    return name not in json.loads(row["unknown_fields"] or "[]")


def growth(rows: Iterable[Row], observed_at: Mapping[str, str]) -> list[Row]:
    """The growth table: for each organisation and day, look at everything that existed by then."""
    result = []
    for login, owned in _by_organisation(rows, observed_at).items():
        days = {row["created_at"][:10] for row in owned}
        for date in sorted(days | {max([observed_at[login][:10], *days])}):
            so_far = [row for row in owned if row["created_at"][:10] <= date]
            result.append(
                {
                    "organisation": login,
                    "date": date,
                    "created": sum(row["created_at"][:10] == date for row in owned),
                    "open_repositories": len(so_far),
                    "top_language": most_frequent(row["language"] for row in so_far),
                    "top_license": most_frequent(row["license"] for row in so_far),
                }
            )
    return result


def growth_by_year(rows: Iterable[Row], observed_at: Mapping[str, str], name: str) -> list[Row]:
    """The basis of language_growth and license_growth: for each value and year, look at everything by then."""
    result = []
    for login, owned in _by_organisation(rows, observed_at).items():
        owned = [row for row in owned if is_known(row, name)]
        for value in {row[name] for row in owned}:
            created = [int(row["created_at"][:4]) for row in owned if row[name] == value]
            for year in {*created, max([int(observed_at[login][:4]), *created])}:
                result.append(
                    {
                        "organisation": login,
                        "created_year": year,
                        name: value,
                        "created": created.count(year),
                        "open_repositories": sum(each <= year for each in created),
                    }
                )
    places = list(observed_at)
    result.sort(key=lambda row: (row[name] is not None, row[name] or ""))
    return sorted(result, key=lambda row: (places.index(row["organisation"]), row["created_year"]))


def organisation_statistics(rows: Sequence[Row], observed_at: Mapping[str, str]) -> list[Row]:
    result = []
    for login, own in _by_organisation(rows, observed_at).items():
        dates = sorted(row["created_at"] for row in own)
        licenses = [row["license"] is not None for row in own if is_known(row, "license")]
        with_license = sum(licenses)
        year = datetime.fromisoformat(observed_at[login]) - timedelta(days=365)
        pushes = [row["pushed_at"] for row in own if is_known(row, "pushed_at")]
        pushed_last_year = sum(datetime.fromisoformat(date) >= year for date in pushes if date)
        archived = [row["archived"] is True for row in own if is_known(row, "archived")]
        result.append(
            {
                "organisation": login,
                "observed_at": observed_at[login],
                "repositories": sum(row["organisation"] == login for row in rows),
                "open_repositories": len(own),
                "stargazers_count": sum(row["stargazers_count"] or 0 for row in own),
                "forks_count": sum(row["forks_count"] or 0 for row in own),
                "open_issues_count": sum(row["open_issues_count"] or 0 for row in own),
                "top_language": most_frequent(row["language"] for row in own),
                "top_license": most_frequent(row["license"] for row in own),
                "first_created_at": dates[0] if own else None,
                "latest_created_at": dates[-1] if own else None,
                "with_license": with_license,
                "without_license": len(licenses) - with_license,
                "license_share": round(with_license / len(licenses), 4) if licenses else None,
                "archived": sum(archived),
                "not_archived": len(archived) - sum(archived),
                "pushed_last_year": pushed_last_year,
                "not_pushed_last_year": len(pushes) - pushed_last_year,
            }
        )
    return result


def _by_organisation(rows: Iterable[Row], observed_at: Mapping[str, str]) -> dict[str, list[Row]]:
    own = [row for row in rows if not row["fork"]]
    return {login: [row for row in own if row["organisation"] == login] for login in observed_at}


def most_frequent(values: Iterable[str | None]) -> str | None:
    counts = Counter(value for value in values if value is not None)
    return min(counts, key=lambda value: (-counts[value], value), default=None)


def observed_at(dataset: Dataset) -> dict[str, str]:
    """When each organisation was observed, by login."""
    records = [dataset[key].record for key in sorted(dataset)]
    return {str(record["login"]): str(record["observed_at"]) for record in records if record["observed_at"]}


def growth_of_all(dataset: Dataset, organisation: str) -> list[Row]:
    created = Counter(row["created_at"][:7] for row in repositories(dataset))
    months = sorted({*created, *(date[:7] for date in observed_at(dataset).values())})
    totals = accumulate(created[month] for month in months)
    rows = [
        {"month": month, "created": created[month], "open_repositories": total}
        for month, total in zip(months, totals, strict=True)
    ]
    return rows[::-1]


def growth_of_one_organisation(dataset: Dataset, organisation: str) -> list[Row]:
    if not organisation:
        counts = Counter(row["organisation"] for row in repositories(dataset))
        organisation = min(counts, key=lambda login: (-counts[login], login.casefold()))
    dates = {
        login: date for login, date in observed_at(dataset).items() if login.casefold() == organisation.casefold()
    }
    return growth(repositories(dataset, organisation), dates)[::-1]


def created_per_year(dataset: Dataset, organisation: str) -> list[Row]:
    rows = list(repositories(dataset, organisation, forks=True))
    counts = Counter((int(row["created_at"][:4]), bool(row["fork"])) for row in rows)
    years = sorted({year for year, _ in counts})
    return [
        {"created_year": year, "open_repositories": counts[year, False], "forks": counts[year, True]}
        for year in years
    ]


def most_starred(dataset: Dataset, organisation: str) -> list[Row]:
    rows = sorted(repositories(dataset, organisation), key=lambda row: (-_or(row["stargazers_count"], -1), row["id"]))
    names = (
        "organisation",
        "name",
        "stargazers_count",
        "forks_count",
        "language",
        "license",
        "description",
        "html_url",
    )
    return _only(rows[:100], *names)


def languages_by_organisation(dataset: Dataset, organisation: str) -> list[Row]:
    pairs = [(row["organisation"], row["language"]) for row in repositories(dataset, organisation) if row["language"]]
    counts, totals = Counter(pairs), Counter(login for login, _ in pairs)
    rows = [
        {
            "organisation": login,
            "language": language,
            "open_repositories": count,
            "percent": _percent(count, totals[login]),
        }
        for (login, language), count in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row["open_repositories"], row["organisation"].casefold(), row["language"]))


def licenses_in_use(dataset: Dataset, organisation: str) -> list[Row]:
    counts = Counter(row["license"] for row in repositories(dataset, organisation) if is_known(row, "license"))
    rows = [
        {"license": license, "open_repositories": count, "percent": _percent(count, counts.total())}
        for license, count in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row["open_repositories"], row["license"] or ""))


def without_license_by_organisation(dataset: Dataset, organisation: str) -> list[Row]:
    owned = Counter(row["organisation"] for row in repositories(dataset))
    known = [row for row in repositories(dataset) if is_known(row, "license")]
    asked = Counter(row["organisation"] for row in known)
    without = Counter(row["organisation"] for row in known if row["license"] is None)
    rows = [
        {
            "organisation": login,
            "open_repositories": count,
            "without_license": without[login],
            "percent": _percent(without[login], asked[login]) if asked[login] else None,
        }
        for login, count in owned.items()
    ]
    return sorted(rows, key=lambda row: (-row["without_license"], row["organisation"].casefold()))


def without_license(dataset: Dataset, organisation: str) -> list[Row]:
    rows = [row for row in repositories(dataset, organisation) if row["license"] is None and is_known(row, "license")]
    rows.sort(key=lambda row: (-_or(row["stargazers_count"], -1), row["id"]))
    return _only(
        rows, "organisation", "name", "stargazers_count", "description", "created_at", "pushed_at", "html_url"
    )


def not_pushed_for_two_years(dataset: Dataset, organisation: str) -> list[Row]:
    date = max(str(account.record["observed_at"] or "") for account in dataset.values())
    limit = f"{int(date[:4]) - 2}{date[4:]}"
    rows = [
        row
        for row in repositories(dataset, organisation)
        if row["pushed_at"] and row["pushed_at"] < limit and row["archived"] is False
    ]
    rows.sort(key=lambda row: (row["pushed_at"], row["id"]))
    return _only(
        rows, "organisation", "name", "pushed_at", "stargazers_count", "open_issues_count", "description", "html_url"
    )


def topics_in_use(dataset: Dataset, organisation: str) -> list[Row]:
    pairs = [
        (topic, row["organisation"]) for row in repositories(dataset, organisation) for topic in row["topics"] or []
    ]
    counts = Counter(topic for topic, _ in pairs)
    rows = [
        {
            "topic": topic,
            "open_repositories": count,
            "organisations": len({login for other, login in pairs if other == topic}),
        }
        for topic, count in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row["open_repositories"], row["topic"]))


def could_not_be_observed(dataset: Dataset, organisation: str) -> list[Row]:
    records = [account.record for account in dataset.values() if account.record["status"] not in ("ok", "gone")]
    records.sort(key=lambda record: (record["status"], str(record["login"]).casefold()))
    return _only(records, "login", "name", "status", "reason", "observed_at")


def search(dataset: Dataset, words: str) -> set[str]:
    """The names of repositories that contain every word literally, which is right for words without other forms."""
    found = set()
    for row in repositories(dataset, forks=True):
        text = " ".join([row["name"], row["description"] or "", *(row["topics"] or [])]).casefold()
        if set(words.casefold().split()) <= set(re.findall(r"[^\W_]+", text)):
            found.add(row["name"])
    return found


ANSWERS: dict[str, Callable[[Dataset, str], list[Row]]] = {
    function.__name__: function
    for function in (
        growth_of_all,
        growth_of_one_organisation,
        created_per_year,
        most_starred,
        languages_by_organisation,
        licenses_in_use,
        without_license_by_organisation,
        without_license,
        not_pushed_for_two_years,
        topics_in_use,
        could_not_be_observed,
    )
}


def _percent(part: int, whole: int) -> float:
    """Round to one decimal, with halves upwards, as SQLite does."""
    return (2000 * part + whole) // (2 * whole) / 10


def _or(number: int | None, unknown: int) -> int:
    return unknown if number is None else number


def _only(rows: Iterable[Row], *names: str) -> list[Row]:
    return [{name: row[name] for name in names} for row in rows]
