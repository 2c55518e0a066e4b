-- title: Checks: how many repositories pass each
-- description: Repositories that each check is about, forks left out, as bars: those that passed,
--   failed, were excepted, or were not asked yet, which is neither passed nor failed.

with counted as (
  select
    checks.title as check_title,
    checks.rowid as place,
    sum(passed) as passed,
    sum(failed) as failed,
    sum(excepted) as excepted,
    sum(not_asked) as not_asked
  from checks_by_organisation
  join checks on checks.name = check_name
  where true [[and organisation = :organisation]]
  group by checks.name
)
select check_title, place, 'passed' as result, 1 as part, passed as repositories from counted
union all
select check_title, place, 'failed', 2, failed from counted
union all
select check_title, place, 'excepted', 3, excepted from counted
union all
select check_title, place, 'not asked yet', 4, not_asked from counted
union all
select 'no repositories', 1, 'not asked yet', 4, 0
where not exists (select * from counted)
order by 2, 4
