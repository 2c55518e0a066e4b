"""How repositories are developed, by CHAOSS's measures, from our own counts of releases, pull requests and issues.

Counts are cumulative, so what happened in a period is the difference between those at the ends of its first and last
days.
"""

from scraper.database.sql import View

DAYS = 365

COUNTS = View(
    "development_counts",
    {
        "repository_id": "The repository, by GitHub's numeric id; forks are left out",
        "observed_at": "The observation (UTC); one that found nothing new has no row",
        "day": "The day of the observation",
        "counts_observed_at": "When these were counted (UTC)",
        "releases": "Releases so far",
        "pull_requests_opened": "Pull requests opened so far",
        "pull_requests_ended": "Pull requests merged or closed so far; falls if some are reopened",
        "issues_opened": "Issues opened so far",
        "issues_ended": "Issues closed so far; falls if some are reopened",
    },
    """SELECT repository_id, observed_at, substr(observed_at, 1, 10) AS day, counts_observed_at,
  releases_count AS releases,
  pull_requests_open + pull_requests_merged + pull_requests_closed AS pull_requests_opened,
  pull_requests_merged + pull_requests_closed AS pull_requests_ended,
  issues_open + issues_closed AS issues_opened, issues_closed AS issues_ended
FROM metric_history
WHERE counts_observed_at IS NOT NULL""",
)

DEVELOPMENT = View(
    "development",
    {
        "repository_id": "The repository, by GitHub's numeric id; forks are left out",
        "organisation": "Login of the account that owns it",
        "full_name": "Owner and name",
        "since": "When the counters for the beginning of the period were read (UTC): the last time by the end of the"
        " day 365 days before the last observation, or else the first time of all",
        "until": "When they were last read (UTC)",
        "pull_requests_opened": "Pull requests opened in between",
        "pull_requests_ended": "Pull requests merged or closed in between",
        "closure_ratio": "Closed divided by opened (CHAOSS: Change Request Closure Ratio); null if none was opened;"
        " negative if more were reopened than closed",
        "releases": "Releases published in between (CHAOSS: Release Frequency); negative if more were deleted",
        "issues_opened": "Issues opened in between",
        "issues_ended": "Issues closed in between; negative if more were reopened",
    },
    f"""WITH ends AS (
  SELECT repository_id, coalesce(max(CASE WHEN day <= since THEN observed_at END), min(observed_at)) AS first,
    max(observed_at) AS last
  FROM development_counts, (SELECT date(max(observed_at), '-{DAYS} days') AS since FROM observations)
  GROUP BY repository_id
)
SELECT r.id AS repository_id, r.organisation, r.full_name, one.counts_observed_at AS since,
  r.counts_observed_at AS until, two.pull_requests_opened - one.pull_requests_opened AS pull_requests_opened,
  two.pull_requests_ended - one.pull_requests_ended AS pull_requests_ended,
  CASE WHEN two.pull_requests_opened > one.pull_requests_opened THEN round(
    1.0 * (two.pull_requests_ended - one.pull_requests_ended)
      / (two.pull_requests_opened - one.pull_requests_opened), 4
  ) END AS closure_ratio, two.releases - one.releases AS releases,
  two.issues_opened - one.issues_opened AS issues_opened, two.issues_ended - one.issues_ended AS issues_ended
FROM ends
JOIN repositories AS r ON r.id = ends.repository_id
JOIN development_counts AS one ON one.repository_id = r.id AND one.observed_at = first
JOIN development_counts AS two ON two.repository_id = r.id AND two.observed_at = last
WHERE r.counts_observed_at > one.counts_observed_at""",  # noqa: S608 - our own text
)

DEVELOPMENT_VIEWS = (COUNTS, DEVELOPMENT)
