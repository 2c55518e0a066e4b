"""Views on the checks: what each organisation should act on first, and how the numbers changed."""

from scraper.database.checks import ANSWER, OBSERVED_AT
from scraper.database.sql import View
from scraper.model.collections import FACTS
from scraper.model.news import field_name

LATELY = 30
"""For so many days a loss is recent; so many days before it ends, the end of an exception is near."""

URGENT = ("security_policy", "license", "readme")
"""The checks of a worklist, in this order: where to report weaknesses, what is allowed, what this is."""

_LACKS = " ".join(f"WHEN '{field.name}' THEN r.{field.name}" for field in FACTS if field.is_file)
_FILE = " ".join(f"WHEN '{field.name}' THEN '{field_name(field.name)}'" for field in FACTS if field.is_file)
_CHECK_OF = "CASE e.field WHEN 'license_file' THEN 'license' WHEN 'workflows' THEN 'ci' ELSE e.field END"
_URGENT = ", ".join(f"'{name}'" for name in URGENT)
_ORDER = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(URGENT))

TO_ACT_ON = View(
    "to_act_on",
    {
        "organisation": "Login of the account that owns the repository",
        "place": "Position in the organisation's list: first losses in the 30 days before the last observation, then"
        " exceptions that ended or will end within 30 days, then missing security policies, licences and READMEs,"
        " of the repositories with the most stars first; archived repositories and forks are left out",
        "because": "lost lately, exception ended, exception ends soon, or fails",
        "subject": "Title of the check, or the file that was lost",
        "full_name": "Owner and name",
        "date": "When the loss or failure was observed (UTC), or the last day of the exception",
        "remedy": "What to do",
        "reason": "Why it was excepted",
        "stargazers_count": "Number of stars",
        "repository_id": "The repository, by GitHub's numeric id",
        "html_url": "Address of the repository's page",
    },
    f"""WITH now AS (SELECT max(observed_at) AS moment FROM observations),
recent AS (
  SELECT kind, field, new, repository_id, observed_at AS date
  FROM events
  WHERE kind IN ('lost', 'relicensed') AND observed_at >= (
    SELECT strftime('%Y-%m-%dT%H:%M:%SZ', moment, '-{LATELY} days') FROM now
  )
),
found AS (
  SELECT repository_id AS id, 1 AS urgency, 'lost lately' AS because, coalesce(c.name, e.field) AS name, e.date,
    NULL AS reason
  FROM recent AS e
  JOIN repositories AS r ON r.id = e.repository_id
  LEFT JOIN checks AS c ON c.name = {_CHECK_OF}
  WHERE e.kind = 'lost' AND CASE e.field {_LACKS} END = 0
  UNION ALL
  SELECT repository_id, 1, 'lost lately', 'license', date, NULL
  FROM recent
  WHERE kind = 'relicensed' AND new IS NULL
  UNION ALL
  SELECT repository_id, 2, CASE WHEN expired THEN 'exception ended' ELSE 'exception ends soon' END, check_name, until,
    reason
  FROM check_exceptions
  WHERE until <= (SELECT date(moment, '+{LATELY} days') FROM now)
  UNION ALL
  SELECT a.repository_id, 3, 'fails', c.name,
    {OBSERVED_AT}, NULL
  FROM repository_checks AS a
  JOIN repositories AS r ON r.id = a.repository_id
  JOIN organisations AS o ON o.login = r.organisation
  JOIN checks AS c ON c.name IN ({_URGENT})
  WHERE {ANSWER} = 0 AND r.archived IS NOT 1
),
first AS (
  SELECT *, row_number() OVER (PARTITION BY id, name ORDER BY urgency, date DESC) AS number FROM found
)
SELECT r.organisation, row_number() OVER (
    PARTITION BY r.organisation ORDER BY f.urgency, CASE f.urgency WHEN 1 THEN f.date END DESC,
      CASE f.urgency WHEN 2 THEN f.date END, r.stargazers_count IS NULL, r.stargazers_count DESC, r.full_name,
      CASE f.name {_ORDER} ELSE {len(URGENT)} END, f.name
  ) AS place, f.because, coalesce(c.title, CASE f.name {_FILE} END) AS subject, r.full_name, f.date,
  coalesce(c.remedy, 'Find out why it was lost, and restore it if nothing replaces it.') AS remedy, f.reason,
  r.stargazers_count, r.id AS repository_id, r.html_url
FROM first AS f
JOIN repositories AS r ON r.id = f.id
JOIN repository_checks AS a ON a.repository_id = f.id
LEFT JOIN checks AS c ON c.name = f.name
LEFT JOIN check_exceptions AS e ON e.repository_id = f.id AND e.check_name = f.name AND NOT e.expired
WHERE f.number = 1 AND r.archived IS NOT 1 AND CASE
    WHEN c.name IS NULL THEN 1
    WHEN f.urgency = 2 AND e.reason IS NOT NULL THEN {ANSWER} IS NOT 1
    ELSE e.reason IS NULL AND {ANSWER} = 0
  END""",  # noqa: S608 - our own names
)

CHECK_CHANGES = View(
    "check_changes",
    {
        "observed_at": "The observation (UTC)",
        "organisation": "Login of the account as it was then",
        "check_name": "The check, by its name in checks",
        "passed": "Change in the number of its repositories that passed, since the observation before",
        "failed": "Change in the number of those that failed",
        "unknown": "Change in the number of those for which it was unknown",
    },
    """WITH following AS (
  SELECT observed_at, lead(observed_at) OVER (ORDER BY observed_at) AS next FROM observations
),
counted AS (
  SELECT observed_at, organisation, check_name, passed, failed, unknown FROM check_history
  UNION ALL
  SELECT following.next, h.organisation, checks.name, 0, 0, 0
  FROM organisation_history AS h
  JOIN following ON following.observed_at = h.observed_at
  JOIN checks
  WHERE following.next IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM organisation_history AS later
    WHERE later.observed_at = following.next AND later.organisation = h.organisation
  )
)
SELECT observed_at, organisation, check_name, passed - lag(passed, 1, 0) OVER earlier AS passed,
  failed - lag(failed, 1, 0) OVER earlier AS failed, unknown - lag(unknown, 1, 0) OVER earlier AS unknown
FROM counted
WINDOW earlier AS (PARTITION BY organisation, check_name ORDER BY observed_at)""",
)

WORK_VIEWS = (TO_ACT_ON, CHECK_CHANGES)
