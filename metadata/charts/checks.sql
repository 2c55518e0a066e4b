-- title: Checks: how many repositories pass each
-- description: Repositories that each check applies to, forks left out: those that passed, failed
--   or were excepted, and those for which it is unknown, which is neither passed nor failed.

with counted as (
  select
    checks.title as check_title,
    checks.rowid as place,
    sum(passed) as passed,
    sum(failed) as failed,
    sum(excepted) as excepted,
    sum(unknown) as unknown
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
select check_title, place, 'unknown', 4, unknown from counted
union all
select 'no repositories', 1, 'unknown', 4, 0
where not exists (select * from counted)
order by 2, 4
