-- title: How often is something released?
-- description: Releases published in a period, from our own counts: from the last count up to the
--   end of the day in since (or the first of all) to the last one up to the end of the day in
--   until, written as 2026-01-31. Leave since blank for a year before the last observation, until
--   blank for that, and organisation blank for all of them. This is the Release Frequency of
--   CHAOSS; forks are left out.
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
select
  organisation,
  full_name,
  one.counts_observed_at as since,
  two.counts_observed_at as until,
  two.releases_count - one.releases_count as releases,
  latest_release,
  latest_release_at,
  ends.repository_id
from ends
join repositories on repositories.id = ends.repository_id
join metric_history as one on one.observed_at = first and one.repository_id = ends.repository_id
join metric_history as two on two.observed_at = last and two.repository_id = ends.repository_id
where first < last
  and two.releases_count > one.releases_count
  and (:organisation = '' or organisation = :organisation)
order by releases desc, ends.repository_id
