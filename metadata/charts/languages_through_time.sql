-- title: Main languages over time, by creation date
-- description: Open repositories at the end of each year, forks left out, by their main language
--   today. Markup, such as HTML and CSS, and notebooks share a band.

with sizes as (
  select
    language_group as language,
    row_number() over (order by language_group is null, sum(created) desc, language_group) as place
  from language_growth
  where true [[and organisation = :organisation]]
  group by language_group
),
bands as (
  select
    language,
    case when place < 10 and language is not null then place else 10 end as place,
    case when place < 10 and language is not null then language else 'others, or none' end as band
  from sizes
),
years as (
  select distinct created_year from language_growth where true [[and organisation = :organisation]]
),
created as (
  select place, created_year, sum(created) as created
  from language_growth
  join bands on bands.language is language_growth.language_group
  where true [[and organisation = :organisation]]
  group by place, created_year
)
select
  years.created_year as year,
  band as language,
  each.place as place,
  sum(coalesce(created.created, 0)) over (partition by each.place order by years.created_year) as open_repositories
from years
join (select distinct place, band from bands) as each
left join created on created.place = each.place and created.created_year = years.created_year
union all
select cast(substr(coalesce((select substr(max(observed_at), 1, 10) from organisations), '2008-01-01'), 1, 4) as integer), 'no repositories', 1, 0
where not exists (select * from sizes)
order by place, year
