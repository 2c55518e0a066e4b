-- title: As observed, and by creation date
-- description: Open repositories at the last observation of each month: as counted then, and by
--   the creation dates of those that exist today.

with lasts as (
  select max(observed_at) as observed_at
  from organisation_history
  where true [[and organisation = :organisation]]
  group by substr(observed_at, 1, 7)
),
observed as (
  select observed_at, sum(open_repositories) as open_repositories
  from organisation_history
  where observed_at in (select observed_at from lasts) [[and organisation = :organisation]]
  group by observed_at
)
select substr(observed_at, 1, 10) as date, 'as observed' as counted, open_repositories
from observed
union all
select
  substr(observed_at, 1, 10),
  'by creation date',
  (select coalesce(sum(created), 0) from growth where date <= substr(observed_at, 1, 10) [[and organisation = :organisation]])
from observed
union all
select coalesce((select substr(max(observed_at), 1, 10) from organisations), '2008-01-01'), 'as observed', 0
where not exists (select * from observed)
order by counted, date
