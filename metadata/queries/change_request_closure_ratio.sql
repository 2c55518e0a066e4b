-- title: How many pull requests are merged or closed for each that is opened?
-- description: In a period, from our own counts. The period begins with the last count up to the
--   end of the day in since (or the first count of all), and ends with the last one up to the end
--   of the day in until; write days as 2026-01-31. Leave since blank for a year before the last
--   observation, and until blank for the last observation. Leave organisation blank for all
--   organisations. This is CHAOSS's Change Request Closure Ratio; forks are left out.
-- parameters: organisation, since, until

with span as (
  select
    case when :since = '' then date(max(observed_at), '-365 days') else substr(:since, 1, 10) end as since,
    case when :until = '' then date(max(observed_at)) else substr(:until, 1, 10) end as until
  from observations
),
ends as (
  select
    repository_id,
    coalesce(max(case when day <= since then observed_at end), min(observed_at)) as first,
    max(case when day <= until then observed_at end) as last
  from development_counts, span
  group by repository_id
)
select
  organisation,
  full_name,
  one.counts_observed_at as since,
  case when :until = '' then repositories.counts_observed_at else two.counts_observed_at end as until,
  two.pull_requests_opened - one.pull_requests_opened as pull_requests_opened,
  two.pull_requests_ended - one.pull_requests_ended as pull_requests_ended,
  id as repository_id,
  round(
    1.0 * (two.pull_requests_ended - one.pull_requests_ended) / (two.pull_requests_opened - one.pull_requests_opened), 4
  ) as closure_ratio
from ends
join repositories on id = ends.repository_id
join development_counts as one on one.repository_id = id and one.observed_at = first
join development_counts as two on two.repository_id = id and two.observed_at = last
where first < last
  and two.pull_requests_opened > one.pull_requests_opened
  and (:organisation = '' or organisation = :organisation)
order by two.pull_requests_opened - one.pull_requests_opened desc, id
