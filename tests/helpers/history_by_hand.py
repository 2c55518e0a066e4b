"""The history queries of metadata.json, answered again in plain Python from all states of a dataset."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from scraper.model.accounts import Dataset, owners
from scraper.model.events import Event, compare
from tests.helpers.by_hand import repositories

Row = dict[str, Any]
States = list[Dataset]


def date(state: Dataset) -> str:
    return max(str(account.record["observed_at"]) for account in state.values())


def events(states: States) -> list[tuple[str, Event]]:
    """The events, with the dates of their observations."""
    gone: dict[int, str] = {}
    found = []
    for before, after in pairwise(states):
        happened = compare(before, after, gone)
        gone |= {event.repository_id: event.organisation for event in happened if event.kind == "vanished"}
        found += [(date(after), event) for event in happened]
    return found


def _is(login: str, organisation: str) -> bool:
    return organisation.casefold() in ("", login.casefold())


def _text(value: object) -> object:
    return str(int(value)) if isinstance(value, bool) else value


def this_months_events(states: States, organisation: str = "", month: str = "") -> list[Row]:
    rows = [
        {
            "observed_at": when,
            "organisation": event.organisation,
            "kind": event.kind,
            "full_name": event.full_name,
            "old": _text(event.old),
            "new": _text(event.new),
            "repository_id": event.repository_id,
        }
        for when, event in events(states)
        if event.kind != "changed"
        and when.startswith(month or date(states[-1])[:7])
        and _is(event.organisation, organisation)
    ]
    return rows[::-1]


def life_of_a_repository(states: States, repository: str = "") -> list[Row]:
    happened = events(states)
    if not repository and not happened:
        return []
    names: dict[int, set[str]] = {}
    for state in states:
        for id_, (_, record) in owners(state).items():
            names.setdefault(id_, set()).add(str(record["full_name"]))
    chosen = (
        sorted(id_ for id_, known in names.items() if repository in known)
        if repository
        else [happened[-1][1].repository_id]
    )
    rows = []
    for id_ in chosen:
        first = next(date(state) for state in states if id_ in owners(state))
        own = [{"observed_at": first, "event": "first observed", "repository_id": id_}]
        own += [
            {
                "observed_at": when,
                "event": f"{event.field} changed" if event.kind == "changed" else event.kind,
                "repository_id": id_,
            }
            for when, event in happened
            if event.repository_id == id_
        ]
        rows += sorted(own, key=lambda row: (row["observed_at"], row["event"]))
    return rows


def stars_gained(states: States, organisation: str = "", since: str = "") -> list[Row]:
    now = date(states[-1])
    since = since or f"{int(now[:4]) - 1}{now[4:10]}"
    counted: dict[int, list[tuple[str, int]]] = {}
    for state in states:
        for row in repositories(state, forks=True):
            counted.setdefault(row["id"], []).append((date(state), row["stargazers_count"]))
    begin = min((date(state) for state in states if date(state) >= since), default=since)
    rows = []
    for row in repositories(states[-1], organisation):
        earlier = [stars for when, stars in counted[row["id"]] if when <= begin] or [counted[row["id"]][0][1]]
        if row["stargazers_count"] is not None and row["stargazers_count"] - earlier[-1] > 0:
            gained = row["stargazers_count"] - earlier[-1]
            rows.append(
                {"name": row["name"], "gained": gained, "stargazers_count": row["stargazers_count"], "id": row["id"]}
            )
    rows.sort(key=lambda row: (-row["gained"], row["id"]))
    return [{name: row[name] for name in ("name", "gained", "stargazers_count")} for row in rows[:100]]


def lost_licenses(states: States, organisation: str = "", year: str = "") -> list[Row]:
    rows = [
        {
            "observed_at": when,
            "organisation": event.organisation,
            "full_name": event.full_name,
            "license": event.old,
            "repository_id": event.repository_id,
        }
        for when, event in events(states)
        if event.kind == "relicensed"
        and event.new is None
        and when.startswith(year or date(states[-1])[:4])
        and _is(event.organisation, organisation)
    ]
    return rows[::-1]


def as_observed_and_by_creation_date(states: States, organisation: str = "") -> list[Row]:
    rows = {}
    for state in states:
        if any(_is(str(a.record["login"]), organisation) and a.record["observed_at"] for a in state.values()):
            known = {str(a.record["login"]).casefold() for a in state.values() if a.record["observed_at"]}
            created = [
                row
                for row in repositories(states[-1], organisation)
                if row["created_at"][:10] <= date(state)[:10] and row["organisation"].casefold() in known
            ]
            rows[date(state)[:7]] = {
                "month": date(state)[:7],
                "as_observed": len(list(repositories(state, organisation))),
                "by_creation_date": len(created),
            }
    return list(rows.values())[::-1]


def gone_from_public_view(states: States, organisation: str = "", since: str = "", until: str = "") -> list[Row]:
    when = {event.repository_id: (day, event) for day, event in events(states) if event.kind == "vanished"}
    seen: dict[int, list[str]] = {}
    known: dict[int, Row] = {}
    for state in states:
        for row in repositories(state, forks=True):
            seen.setdefault(row["id"], []).append(date(state))
            known[row["id"]] = row
    looked_up = [{id_ for account in state.values() for id_ in account.whereabouts} for state in states]
    excluded = {
        id_
        for before, now, state in zip(looked_up, looked_up[1:], states[1:], strict=False)
        for id_ in before - now - owners(state).keys()
        if id_ in when and when[id_][0] < date(state)
    }
    rows = [
        {
            "organisation": event.organisation,
            "full_name": event.full_name,
            "license": known[id_]["license"],
            "stargazers_count": known[id_]["stargazers_count"],
            "first_observed_at": seen[id_][0],
            "repository_id": id_,
        }
        for id_, (day, event) in sorted(when.items(), key=lambda each: each[0])
        if id_ not in owners(states[-1]) and id_ not in excluded
        if _is(event.organisation, organisation) and since <= day and (not until or day[: len(until)] <= until)
    ]
    return sorted(rows, key=lambda row: when[row["repository_id"]][0], reverse=True)


def who_stopped_pushing(states: States, organisation: str = "") -> list[Row]:
    by_login: dict[str, list[str]] = {}
    for row in repositories(states[-1]):
        by_login.setdefault(row["organisation"], []).append(row["pushed_at"])
    rows = [
        {"login": login, "pushed_at": max(dates), "open_repositories": len(dates)}
        for login, dates in by_login.items()
    ]
    return sorted(rows, key=lambda row: (row["pushed_at"], row["login"].casefold()))


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    function.__name__: function
    for function in (
        this_months_events,
        life_of_a_repository,
        stars_gained,
        lost_licenses,
        as_observed_and_by_creation_date,
        gone_from_public_view,
        who_stopped_pushing,
    )
}
