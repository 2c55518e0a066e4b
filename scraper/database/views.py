"""Views on history: what people ask without a parameter, in SQL once. None needs a window over all rows."""

from scraper.database.sql import View

LIFE = View(
    "repository_timeline",
    {
        "repository_id": "The repository, by GitHub's numeric id",
        "observed_at": "The observation that told of it (UTC)",
        "event": "first observed; or the kind of an event, with the field if it is no kind of its own",
        "full_name": "Owner and name as they were then; today's, if it was first observed",
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
        "id": "Number of the event, in the order of observation",
        "month": "Month of the observation (UTC)",
        "observed_at": "The observation that told of it (UTC)",
        "organisation": "Login of the account that owned the repository then; that lost it, if it vanished",
        "kind": "What happened; that any other field changed is left out",
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
        "id": "Number of the event, in the order of observation",
        "observed_at": "The observation that no longer found a licence (UTC)",
        "organisation": "Login of the account that owned the repository then",
        "full_name": "Owner and name as they were then",
        "license": "SPDX identifier of the licence that it had",
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
        "as_observed": "Open repositories as they were counted then, whatever has become of them",
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

VANISHED = View(
    "vanished_repositories",
    {
        "vanished_at": "The observation that no longer saw it (UTC)",
        "organisation": "Login of the account that owned it last",
        "full_name": "Owner and name, when last observed",
        "fork": "1 if it was a fork of another repository",
        "created_at": "When it was created on GitHub (UTC)",
        "first_observed_at": "The observation that first saw it (UTC)",
        "stargazers_count": "Number of stars when last observed",
        "repository_id": "GitHub's numeric id of the repository",
    },
    """SELECT vanished_at, organisation, full_name, fork, created_at, first_observed_at, last.stargazers_count,
       known_repositories.id AS repository_id
FROM known_repositories
LEFT JOIN (
  SELECT repository_id, stargazers_count, max(observed_at)
  FROM metric_history
  WHERE repository_id IN (SELECT id FROM known_repositories WHERE vanished_at IS NOT NULL)
  GROUP BY repository_id
) AS last ON last.repository_id = known_repositories.id
WHERE vanished_at IS NOT NULL""",
)

VIEWS = (LIFE, MONTHLY_EVENTS, LICENSES_LOST, STARS_GAINED, OBSERVED_AND_CREATED, VANISHED)
