"""The checks in SQL: their declarations, the result for each repository, and the exceptions that owners recorded."""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

from scraper.database.sql import Column, Table, View
from scraper.dataset.exceptions import FILE, Excepted
from scraper.errors import DeclarationError
from scraper.history.fold import latest
from scraper.model.accounts import Dataset, owners
from scraper.model.checks import CHECKS, LISTING, NAMES, Check, is_about, results
from scraper.model.collections import UNKNOWN_COUNTERS
from scraper.model.fields import Record
from scraper.model.health import COMMITS, FILES

Row = tuple[Any, ...]

DEFINITIONS = Table(
    "checks",
    (
        Column("name", "TEXT", "Name of the check", True),
        Column("title", "TEXT", "What it looks for", True),
        Column("question", "TEXT", "The question it asks about each repository", True),
        Column("standard", "TEXT", "The standard it comes from", True),
        Column("standard_url", "TEXT", "Where to read that standard", True),
        Column("remedy", "TEXT", "What to do if it fails", True),
        Column("source", "TEXT", "Where the answer comes from: the listing, files or commits", True),
        Column("of_archived", "INTEGER", "1 if it also applies to archived repositories", True),
    ),
    primary_key=("name",),
)

ANSWERS = Table(
    "repository_checks",
    (
        Column("repository_id", "INTEGER", "The repository; forks are left out", True, "repositories(id)"),
        *(Column(check.name, "INTEGER", f"{check.title}: 1 passed, 0 failed; null: unknown") for check in CHECKS),
    ),
    primary_key=("repository_id",),
)

EXCEPTIONS = Table(
    "check_exceptions",
    (
        Column("full_name", "TEXT", "Owner and name of the repository, as in exceptions.yml", True),
        Column("check_name", "TEXT", "The check, by its name in checks", True, "checks(name)"),
        Column("reason", "TEXT", "Why the repository need not pass it, according to its owners", True),
        Column("until", "TEXT", "The last day on which the exception holds", True),
        Column("expired", "INTEGER", "1 if that day was before the date of the data", True),
        Column("repository_id", "INTEGER", "The repository", True, "repositories(id)"),
    ),
    primary_key=("full_name", "check_name"),
)

CHECK_TABLES = (DEFINITIONS, ANSWERS, EXCEPTIONS)

ANSWER = "CASE c.name " + " ".join(f"WHEN '{name}' THEN a.{name}" for name in NAMES) + " END"
"""The answer of a check `c` for the repository in a row `a` of ANSWERS."""
_SOURCES = {
    FILES: "r.files_observed_at",
    COMMITS: "coalesce(min(r.commits_observed_at, r.counts_observed_at), r.commits_observed_at)",
    LISTING: "o.observed_at",
}
"""The column that says when the source of a check was observed."""
if strange := [check for check in CHECKS if check.source not in _SOURCES]:
    raise DeclarationError(
        f"scraper/database/checks.py: the check {strange[0].name} has the source {strange[0].source!r}, but _SOURCES"
        " does not say when that was observed: add the column there."
    )
OBSERVED_AT = (
    "CASE c.source " + " ".join(f"WHEN '{source}' THEN {date}" for source, date in _SOURCES.items()) + " END"
)
"""When the answer of a check `c` was observed, for a repository `r` of an organisation `o`."""


def _counts(check: Check) -> str:
    """Columns that count a check's answers side by side; a row for each check would take five times as long."""
    about = "" if check.of_archived else " AND r.archived IS NOT 1"
    name, date = check.name, _SOURCES[check.source]
    return (
        f"sum(a.{name} IS 1{about}) AS {name}_passed, sum(a.{name} IS 0{about}) AS {name}_failed,"
        f" min(CASE WHEN TRUE{about} THEN {date} END) AS {name}_at"
    )


def _count_of(what: str) -> str:
    """The column of that kind that belongs to the check `c`."""
    return "CASE c.name " + " ".join(f"WHEN '{name}' THEN {name}_{what}" for name in NAMES) + " END"


RESULTS = View(
    "check_results",
    {
        "repository_id": "The repository, by GitHub's numeric id; forks are left out",
        "organisation": "Login of the account that owns it",
        "full_name": "Owner and name",
        "archived": "1 if its owners made it read-only; most checks then do not apply",
        "check_name": "The check, by its name in checks",
        "result": "passed; failed; excepted: it does not pass, but an exception holds; unknown: GitHub was not asked"
        " yet (observed_at is null), or did not say",
        "observed_at": "When the answer was observed (UTC); null: never",
        "remedy": "What to do, if it failed; null if nothing helps: archived repositories count as not maintained",
        "reason": "Why it is excepted",
        "until": "The last day on which the exception holds",
        "html_url": "Address of the repository's page",
    },
    f"""SELECT r.id AS repository_id, r.organisation, r.full_name, r.archived, c.name AS check_name,
  CASE {ANSWER} WHEN 1 THEN 'passed' ELSE
    CASE WHEN e.reason IS NOT NULL THEN 'excepted' WHEN {ANSWER} = 0 THEN 'failed' ELSE 'unknown' END
  END AS result,
  {OBSERVED_AT} AS observed_at,
  CASE WHEN {ANSWER} = 0 AND e.reason IS NULL AND (r.archived IS NOT 1 OR c.name = 'license')
    THEN c.remedy END AS remedy, e.reason, e.until, r.html_url
FROM repository_checks AS a
JOIN repositories AS r ON r.id = a.repository_id
JOIN organisations AS o ON o.login = r.organisation
JOIN checks AS c ON c.of_archived OR r.archived IS NOT 1
LEFT JOIN check_exceptions AS e ON e.repository_id = r.id AND e.check_name = c.name AND NOT e.expired""",  # noqa: S608 - our own names
)

BY_ORGANISATION = View(
    "checks_by_organisation",
    {
        "organisation": "Login of the account",
        "check_name": "The check, by its name in checks",
        "repositories": "Number of repositories it applies to: no forks and, for most checks, no archived ones",
        "passed": "Number of those that passed it",
        "failed": "Number of those that failed it",
        "excepted": "Number of those that are excepted",
        "unknown": "Number of those for which it is unknown: GitHub was not asked yet, or did not say",
        "share": "Passed as a share of passed and failed, from 0 to 1; null if there are none",
        "oldest_observed_at": "When the oldest of the answers was observed (UTC)",
    },
    f"""WITH counted AS (
  SELECT r.organisation, count(*) AS every, sum(r.archived IS NOT 1) AS unarchived, {", ".join(map(_counts, CHECKS))}
  FROM repository_checks AS a
  JOIN repositories AS r ON r.id = a.repository_id
  JOIN organisations AS o ON o.login = r.organisation
  GROUP BY r.organisation
),
of_checks AS (
  SELECT organisation, c.name AS check_name, CASE WHEN c.of_archived THEN every ELSE unarchived END AS repositories,
    {_count_of("passed")} AS passed, {_count_of("failed")} AS failed, {_count_of("at")} AS observed_at
  FROM counted CROSS JOIN checks AS c
),
held AS (
  SELECT r.organisation, c.name AS check_name, sum({ANSWER} IS 0) AS failed, sum({ANSWER} IS NULL) AS unknown
  FROM check_exceptions AS e
  JOIN checks AS c ON c.name = e.check_name
  JOIN repository_checks AS a ON a.repository_id = e.repository_id
  JOIN repositories AS r ON r.id = a.repository_id AND (c.of_archived OR r.archived IS NOT 1)
  WHERE NOT e.expired AND {ANSWER} IS NOT 1
  GROUP BY r.organisation, c.name
)
SELECT a.organisation, a.check_name, a.repositories, a.passed, a.failed - coalesce(h.failed, 0) AS failed,
  coalesce(h.failed + h.unknown, 0) AS excepted,
  a.repositories - a.passed - a.failed - coalesce(h.unknown, 0) AS unknown,
  round(1.0 * a.passed / nullif(a.passed + a.failed - coalesce(h.failed, 0), 0), 4) AS share,
  a.observed_at AS oldest_observed_at
FROM of_checks AS a
LEFT JOIN held AS h ON h.organisation = a.organisation AND h.check_name = a.check_name
WHERE a.repositories > 0""",  # noqa: S608 - our own names
)

CHECK_VIEWS = (RESULTS, BY_ORGANISATION)


def check_rows(dataset: Dataset, exceptions: Iterable[Excepted]) -> dict[str, Iterable[Row]]:
    """The rows of CHECK_TABLES, without exceptions for what is not in the dataset: it may have been forgotten."""
    held = sorted(owners(dataset).items(), key=itemgetter(0))
    date = _date(dataset)
    ids = {name: facts["id"] for name, facts in _by_name(dataset).items()}
    return {
        DEFINITIONS.name: [
            (
                each.name,
                each.title,
                each.question,
                each.standard,
                each.standard_url,
                each.remedy,
                each.source,
                each.of_archived,
            )
            for each in CHECKS
        ],
        ANSWERS.name: [
            (id_, *results(facts, account.counters.get(id_, UNKNOWN_COUNTERS)))
            for id_, (account, facts) in held
            if facts["fork"] is False
        ],
        EXCEPTIONS.name: [
            (*each, each.until < date, ids[name])
            for each in exceptions
            if (name := each.repository.casefold()) in ids
        ],
    }


def doubts(dataset: Dataset, exceptions: Iterable[Excepted]) -> Iterator[str]:
    """Messages about exceptions that have no effect, or no longer have one."""
    date, by_name = _date(dataset), _by_name(dataset)
    for name, check, _, until in exceptions:
        facts = by_name.get(name.casefold())
        if facts is None:
            yield (
                f"{FILE}: {name} is not in the dataset, so its exception is left out: correct its name, or remove the"
                " exception."
            )
        elif facts["fork"] is not False:
            yield f"{FILE}: {name} is a fork, to which no check applies: remove the exception from {check}."
        elif not is_about(CHECKS[NAMES.index(check)], facts):
            yield f"{FILE}: {name} is archived, so {check} does not apply to it: remove the exception."
        elif until < date:
            yield f"{FILE}: the exception from {check} for {name} ended on {until}: renew or remove it."


def _date(dataset: Dataset) -> str:
    """The day of the data."""
    return (latest({key: account.record for key, account in dataset.items()}) or "")[:10]


def _by_name(dataset: Dataset) -> dict[str, Record]:
    """The facts of each repository by its full name, in lower case."""
    return {str(facts["full_name"]).casefold(): facts for _, facts in owners(dataset).values()}
