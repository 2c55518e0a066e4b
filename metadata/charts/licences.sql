-- title: Licences
-- description: Open repositories by licence, forks left out. Another licence: one that GitHub
--   cannot identify (NOASSERTION). None found: nobody may reuse the code.

with counted as (
  select
    license,
    sum(created) as open_repositories,
    row_number() over (order by license is null, license = 'NOASSERTION', sum(created) desc, license) as place
  from license_growth
  where true [[and organisation = :organisation]]
  group by license
  having sum(created) > 0
)
select
  case
    when license is null then 'none found'
    when license = 'NOASSERTION' then 'another licence'
    when place <= 9 then license
    else 'all others'
  end as license,
  case when license is null then 12 when license = 'NOASSERTION' then 11 else min(place, 10) end as place,
  sum(open_repositories) as open_repositories
from counted
group by 2
union all
select 'no repositories', 1, 0
where not exists (select * from counted)
order by 2
