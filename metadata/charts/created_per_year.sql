-- title: Repositories created each year
-- description: Repositories that exist today by year of creation, forks left out.

with years as (
  select cast(substr(date, 1, 4) as integer) as year, sum(created) as created
  from growth
  where created > 0 [[and organisation = :organisation]]
  group by year
)
select year, created from years
union all
select cast(substr(coalesce((select substr(max(observed_at), 1, 10) from organisations), '2008-01-01'), 1, 4) as integer), 0
where not exists (select * from years)
order by year
