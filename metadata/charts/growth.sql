-- title: How open source grew: repositories that exist today, by creation date
-- description: Open repositories over time, forks left out, stacked by organisation; the nine
--   largest have separate bands.

with sizes as (
  select organisation, row_number() over (order by sum(created) desc, organisation) as place
  from growth
  where true [[and organisation = :organisation]]
  group by organisation
  having sum(created) > 0
),
bands as (
  select organisation, min(place, 10) as place, case when place < 10 then organisation else 'all others' end as band
  from sizes
),
months as (
  select distinct substr(date, 1, 7) as month from growth where organisation in (select organisation from sizes)
),
created as (
  select place, substr(date, 1, 7) as month, sum(created) as created
  from growth
  join bands on bands.organisation = growth.organisation
  group by place, month
)
select
  min(date(months.month || '-01', '+1 month', '-1 day'), (select max(date) from growth)) as date,
  band as organisation,
  each.place as place,
  sum(coalesce(created.created, 0)) over (partition by each.place order by months.month) as open_repositories
from months
join (select distinct place, band from bands) as each
left join created on created.place = each.place and created.month = months.month
union all
select coalesce((select substr(max(observed_at), 1, 10) from organisations), '2008-01-01'), 'no repositories', 1, 0
where not exists (select * from sizes)
order by place, date
