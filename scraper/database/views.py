"""Views on the history, for questions without a parameter. None needs a window over all rows."""

from scraper.database.check_views import WORK_VIEWS
from scraper.database.checks import CHECK_VIEWS
from scraper.database.development import DEVELOPMENT_VIEWS
from scraper.database.history_tables import LATEST_WHEREABOUTS
from scraper.database.sql import View

LIFE = View(
    "repository_timeline",
    {
        "repository_id": "The repository, by GitHub's numeric id",
        "observed_at": "When it was observed (UTC)",
        "event": "first observed, or the kind of event; if a field changed, its name",
        "full_name": "Owner and name as they were then; for first observed, today's",
        "old": "Value before, as text; null if there was none",
        "new": "Value after, as text; null if there is none",
    },
    """SELECT id AS repository_id, first_observed_at AS observed_at, 'first observed' AS event, full_name,
       NULL AS old, NULL AS new
FROM known_repositories
UNION ALL
SELECT repository_id, observed_at, CASE kind WHEN 'changed' THEN field || ' changed' ELSE kind END, full_name,
       old, new
FROM events""",
)

MONTHLY_EVENTS = View(
    "monthly_events",
    {
        "id": "Number of the event, in order of observation",
        "month": "Month of the observation (UTC)",
        "observed_at": "When it was observed (UTC)",
        "organisation": "Login of the account that owned the repository then, or that lost it",
        "kind": "What happened; changes to other fields are left out",
        "full_name": "Owner and name as they were then",
        "old": "Value before, as text; null if there was none",
        "new": "Value after, as text; null if there is none",
        "repository_id": "The repository, by GitHub's numeric id",
    },
    """SELECT id, substr(observed_at, 1, 7) AS month, observed_at, organisation, kind, full_name, old, new,
       repository_id
FROM events
WHERE kind <> 'changed'""",
)

LICENSES_LOST = View(
    "licenses_lost",
    {
        "id": "Number of the event, in order of observation",
        "observed_at": "The observation that first found no licence (UTC)",
        "organisation": "Login of the account that owned the repository then",
        "full_name": "Owner and name as they were then",
        "license": "SPDX identifier of the licence it had",
        "repository_id": "The repository, by GitHub's numeric id",
    },
    """SELECT id, observed_at, organisation, full_name, old AS license, repository_id
FROM events
WHERE kind = 'relicensed' AND new IS NULL""",
)

STARS_GAINED = View(
    "stars_since_first_observed",
    {
        "repository_id": "The repository, by GitHub's numeric id",
        "organisation": "Login of the account that owns it",
        "name": "Name of the repository",
        "fork": "1 if it is a fork of another repository",
        "first_observed_at": "The observation that first counted its stars (UTC)",
        "first_stargazers_count": "Number of stars then",
        "stargazers_count": "Number of stars now",
        "gained": "Stars gained since; negative if there are fewer",
        "html_url": "Address of the repository's page",
    },
    """SELECT repositories.id AS repository_id, organisation, name, fork, first_observed_at,
       first.stargazers_count AS first_stargazers_count, repositories.stargazers_count,
       repositories.stargazers_count - first.stargazers_count AS gained, html_url
FROM repositories
JOIN (
  SELECT repository_id, stargazers_count, min(observed_at) AS first_observed_at
  FROM metric_history
  GROUP BY repository_id
) AS first ON first.repository_id = repositories.id""",
)

OBSERVED_AND_CREATED = View(
    "observed_vs_created",
    {
        "observed_at": "The observation (UTC)",
        "organisation": "Login of the account as it was then",
        "as_observed": "Open repositories as counted then, whatever has become of them since",
        "by_creation_date": "Open repositories that exist today and had been created by the end of that day",
    },
    """SELECT observed_at, organisation, open_repositories AS as_observed, coalesce((
  SELECT growth.open_repositories
  FROM growth
  WHERE growth.organisation = organisation_history.organisation
    AND date <= substr(observed_at, 1, 10)
  ORDER BY date DESC
  LIMIT 1
), 0) AS by_creation_date
FROM organisation_history""",
)

NO_LONGER_PUBLIC = View(
    "no_longer_public",
    {
        "organisation": "Login of the last listed account that had it",
        "full_name": "Owner and name when last observed",
        "missing_at": "When it was first found missing (UTC); it disappeared between last_observed_at and then",
        "vanished_at": "When the loss was confirmed (UTC): later than missing_at if the whole account disappeared or"
        " nothing could be looked up, which takes several days to confirm",
        "whereabouts": "moved: GitHub has it under another owner or name; not_public: private or deleted, which"
        " GitHub does not distinguish; blocked: GitHub blocks access to it; unlisted: it is still there, but"
        " GitHub does not list it; unknown: not looked up yet",
        "moved_to": "Owner and name it was found under, if it moved",
        "blocked_for": "Kind of reason that GitHub gave for blocking it, such as dmca",
        "whereabouts_at": "When whereabouts was looked up (UTC); null: never",
        "description": "Its owners' description, when last observed; null: none, or unknown",
        "language": "Main programming language, when last observed; null: none, or unknown",
        "license": "SPDX identifier of the licence, when last observed; null: none found, or unknown",
        "stargazers_count": "Number of stars, when last observed",
        "forks_count": "Number of forks, when last observed",
        "fork": "1 if it was a fork of another repository",
        "archived": "1 if its owners had made it read-only",
        "homepage": "Address of its website, when last observed; null: none, or unknown",
        "created_at": "When it was created on GitHub (UTC)",
        "pushed_at": "When something was last pushed to it (UTC); null: never, or unknown",
        "first_observed_at": "When it was first observed (UTC)",
        "last_observed_at": "When it was last observed with this account (UTC)",
        "unknown_fields": "Columns of this row that are unknown, as a JSON list; null: none",
        "repository_id": "GitHub's numeric id of the repository",
    },
    f"""SELECT d.organisation, d.full_name, d.missing_at, k.vanished_at,
       coalesce(w.whereabouts, 'unknown') AS whereabouts,
       w.moved_to, w.blocked_for, w.checked_at AS whereabouts_at, d.description, d.language, d.license,
       d.stargazers_count, d.forks_count, d.fork, d.archived, d.homepage, d.created_at, d.pushed_at,
       k.first_observed_at, d.last_observed_at, d.unknown_fields, d.repository_id
FROM known_repositories AS k
JOIN departures AS d ON d.repository_id = k.id AND d.observed_at = k.vanished_at
{LATEST_WHEREABOUTS}
WHERE k.vanished_at IS NOT NULL AND k.excluded_at IS NULL""",  # noqa: S608 - our own names
)

UNKNOWN_VALUES = View(
    "unknown_values",
    {
        "repository_id": "The repository, by GitHub's numeric id",
        "field": "The column of repositories that is null because GitHub was asked and did not say",
    },
    "SELECT r.id AS repository_id, each.value AS field FROM repositories AS r, json_each(r.unknown_fields) AS each"
    " WHERE r.unknown_fields IS NOT NULL",
)

VIEWS = (
    UNKNOWN_VALUES,
    LIFE,
    MONTHLY_EVENTS,
    LICENSES_LOST,
    STARS_GAINED,
    OBSERVED_AND_CREATED,
    NO_LONGER_PUBLIC,
    *CHECK_VIEWS,
    *DEVELOPMENT_VIEWS,
    *WORK_VIEWS,
)
