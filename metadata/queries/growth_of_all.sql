-- title: How has open source grown across all organisations?
-- description: By month: how many repositories were created, and how many there were at the end
--   of the month. Only repositories that exist today count; forks are left out.

select
  substr(date, 1, 7) as month,
  sum(created) as created,
  sum(sum(created)) over (order by substr(date, 1, 7)) as open_repositories
from growth
group by month
order by month desc
