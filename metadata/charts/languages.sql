-- title: Main languages
-- description: Open repositories by main language, forks left out.

with counted as (
  select
    language,
    sum(created) as open_repositories,
    row_number() over (order by language is null, sum(created) desc, language) as place
  from language_growth
  where true [[and organisation = :organisation]]
  group by language
  having sum(created) > 0
)
select
  case when language is null then 'none found' when place <= 10 then language else 'all others' end as language,
  case when language is null then 12 else min(place, 11) end as place,
  sum(open_repositories) as open_repositories
from counted
group by 2
union all
select 'no repositories', 1, 0
where not exists (select * from counted)
order by 2
