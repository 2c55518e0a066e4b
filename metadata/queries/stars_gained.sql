-- title: Which repositories gained the most stars?
-- description: The top hundred, as observed, forks left out. Counting begins with the first
--   observation on or after the day in since (or when the repository appeared, if that was
--   later); write it as 2026-01-31. Leave since blank for a year before the last observation.
--   Leave organisation blank for all organisations.
-- parameters: since, organisation

with span as (
  select case when :since = '' then date(max(observed_at), '-1 year') else :since end as since from observations
),
begun as (
  select repository_id, stargazers_count, max(observed_at) as observed_at
  from metric_history, span
  where observed_at <= coalesce((select min(observed_at) from observations where observed_at >= since), since)
  group by repository_id
)
select
  organisation,
  name,
  stars.stargazers_count - coalesce(begun.stargazers_count, first_stargazers_count) as gained,
  stars.stargazers_count,
  html_url
from stars_since_first_observed as stars
left join begun on begun.repository_id = stars.repository_id
where fork = 0
  and stars.stargazers_count > coalesce(begun.stargazers_count, first_stargazers_count)
  and (:organisation = '' or organisation = :organisation)
order by stars.stargazers_count - coalesce(begun.stargazers_count, first_stargazers_count) desc, stars.repository_id
limit 100
