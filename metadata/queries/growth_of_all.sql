-- title: How did open source grow in all organisations together?
-- description: By month: repositories created, and how many there were by its end. Counted are
--   those that exist today, forks left out.

select
  substr(date, 1, 7) as month,
  sum(created) as created,
  sum(sum(created)) over (order by substr(date, 1, 7)) as open_repositories
from growth
group by month
order by month desc
