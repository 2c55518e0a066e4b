-- title: How many pull requests are merged or closed for each that is opened?
-- description: In a period, from our own counts: from the last count up to the end of the day in
--   since (or the first of all) to the last one up to the end of the day in until, written as
--   2026-01-31. Leave since blank for a year before the last observation, until blank for that, and
--   organisation blank for all of them. This is the Change Request Closure Ratio of CHAOSS; forks
--   are left out.
-- parameters: organisation, since, until

with span as (
  select
    case when :since = '' then date(max(observed_at), '-365 days') else substr(:since, 1, 10) end || 'T23:59:59Z' as since,
    case when :until = '' then date(max(observed_at)) else substr(:until, 1, 10) end || 'T23:59:59Z' as until
  from observations
),
ends as (
  select
    repository_id,
    coalesce(max(case when observed_at <= since then observed_at end), min(observed_at)) as first,
    max(case when observed_at <= until then observed_at end) as last
  from metric_history, span
  where counts_observed_at is not null
  group by repository_id
)
select *, round(1.0 * pull_requests_ended / pull_requests_opened, 4) as closure_ratio
from (
  select
    organisation,
    full_name,
    one.counts_observed_at as since,
    two.counts_observed_at as until,
    two.pull_requests_open + two.pull_requests_merged + two.pull_requests_closed
      - one.pull_requests_open - one.pull_requests_merged - one.pull_requests_closed as pull_requests_opened,
    two.pull_requests_merged + two.pull_requests_closed
      - one.pull_requests_merged - one.pull_requests_closed as pull_requests_ended,
    ends.repository_id
  from ends
  join repositories on repositories.id = ends.repository_id
  join metric_history as one on one.observed_at = first and one.repository_id = ends.repository_id
  join metric_history as two on two.observed_at = last and two.repository_id = ends.repository_id
  where first < last and (:organisation = '' or organisation = :organisation)
)
where pull_requests_opened > 0
order by pull_requests_opened desc, repository_id
