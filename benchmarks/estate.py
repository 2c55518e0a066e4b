"""An invented estate as large as the UK public sector's, with its health."""

import random
from dataclasses import replace

from scraper.model.accounts import Account, Dataset
from scraper.model.fields import METRICS, ORGANISATION, REPOSITORY, Field, Record
from scraper.model.health import ACTIVITY, FAMILY_NAMES, HEALTH, observed_at
from scraper.model.kinds import UNKNOWN
from scraper.model.records import read

ORGANISATIONS, REPOSITORIES = 186, 24_500
LANGUAGES = ("Python", "JavaScript", "R", "HTML", "Ruby", "Java", "TypeScript", "Go", "C#", None)
LICENSES = ("MIT", "Apache-2.0", "GPL-3.0", "NOASSERTION", "BSD-3-Clause", None, None)
WORDS = ("care", "data", "service", "open", "health", "frontend", "platform", "test", "map", "river", "lantern")


def estate(chance: random.Random, total: int = REPOSITORIES) -> Dataset:
    """The estate as listed, without health."""
    raw: list[list[dict[str, object]]] = [[] for _ in range(ORGANISATIONS)]
    for identity in range(1_000_000, 1_000_000 + total):
        number = int(ORGANISATIONS * chance.random() ** 3)  # a few large organisations, many small ones
        raw[number].append(_repository(chance, f"organisation-{number}", identity))
    dataset: Dataset = {}
    for number, repositories in enumerate(raw):
        login = f"organisation-{number}"
        record = {"id": number, "login": login, "name": login.title(), "type": "Organization"}
        record |= {"repositories": len(repositories), "status": "ok", "observed_at": "2026-01-31T12:00:00Z"}
        dataset[login] = Account(
            login,
            read(ORGANISATION, record),
            {
                "repositories": [read(REPOSITORY, each) for each in repositories],
                "metrics": [read(METRICS, each) for each in repositories],
            },
        )
    return dataset


def _repository(chance: random.Random, login: str, identity: int) -> dict[str, object]:
    name = "-".join(chance.sample(WORDS, 3))
    year, month, day = chance.randint(2014, 2025), chance.randint(1, 12), chance.randint(1, 28)
    flags = ("archived", "disabled", "is_template", "has_issues", "has_projects", "has_wiki", "has_pages")
    counters = ("stargazers_count", "forks_count", "open_issues_count", "size")
    return {
        "id": identity,
        "name": name,
        "full_name": f"{login}/{name}",
        "html_url": f"https://github.com/{login}/{name}",
        "description": " ".join(chance.choices(WORDS, k=8)).capitalize(),
        "language": chance.choice(LANGUAGES),
        "license": chance.choice(LICENSES),
        "topics": chance.sample(WORDS, chance.randint(0, 4)),
        "fork": chance.random() < 0.1,
        "default_branch": "main",
        "created_at": f"{year}-{month:02}-{day:02}T09:30:00Z",
        "pushed_at": f"2025-{month:02}-{day:02}T17:45:00Z",
        **{flag: chance.random() < 0.2 for flag in flags},
        **{counter: int(chance.paretovariate(1)) for counter in counters},
    }


def healthy(dataset: Dataset, chance: random.Random, asked_at: str = "2026-01-31T12:00:00Z") -> Dataset:
    """The same, after the default families were asked for all repositories except forks."""
    result: Dataset = {}
    for key, account in dataset.items():
        own = [facts for facts in account.records["repositories"] if facts["fork"] is False]
        made = {
            name: [_asked(fields, facts, chance, asked_at) for facts in own]
            for name, fields in (("health", HEALTH), ("activity", ACTIVITY))
        }
        result[key] = replace(account, records={**account.records, **(made if own else {})})
    return result


def _asked(fields: tuple[Field, ...], facts: Record, chance: random.Random, asked_at: str) -> Record:
    record: Record = {field.name: _value(field, chance) for field in fields}
    record |= {"id": facts["id"], "name": facts["name"]}
    return record | {name: asked_at for name in map(observed_at, FAMILY_NAMES) if name in record}


def _value(field: Field, chance: random.Random) -> object:
    if field.source not in FAMILY_NAMES:
        return UNKNOWN
    match field.kind:
        case "boolean":
            return chance.random() < 0.3
        case "integer":
            return int(chance.paretovariate(1))
        case "timestamp":
            return f"{chance.randint(2018, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T10:00:00Z"
        case "names":
            return ["HTML", "Python"]
        case "bytes":
            return {name: int(1_000 * chance.paretovariate(1)) for name in ("HTML", "Python")}
    return f"v{chance.randint(1, 9)}.{chance.randint(0, 30)}"
