-- title: Checks over time, as observed
-- description: Of the repositories for which it was known, the share that passed each check, at
--   the last observation of each month in the last five years. Exceptions are not considered.

with lasts as (
  select substr(observed_at, 1, 7) as month, max(observed_at) as observed_at
  from observations
  group by month
),
changed as (
  select check_name, substr(observed_at, 1, 7) as month, sum(passed) as passed, sum(failed) as failed
  from check_changes
  where true [[and organisation = :organisation]]
  group by check_name, month
),
counted as (
  select
    checks.title as check_title,
    lasts.observed_at,
    sum(coalesce(passed, 0)) over so_far as passed,
    sum(coalesce(failed, 0)) over so_far as failed
  from lasts
  join checks
  left join changed on changed.month = lasts.month and changed.check_name = checks.name
  window so_far as (partition by checks.name order by lasts.month)
)
select substr(observed_at, 1, 10) as date, check_title, passed, passed + failed as known, 1.0 * passed / (passed + failed) as share
from counted
where passed + failed > 0 and observed_at >= (select date(max(observed_at), '-5 years') from observations)
union all
select coalesce((select substr(max(observed_at), 1, 10) from observations), '2008-01-01'), 'unknown', 0, 0, 0
where not exists (select * from counted where passed + failed > 0)
order by check_title, date
