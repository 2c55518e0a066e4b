-- title: How many repositories were created each year?
-- description: Counted are those that exist today; forks stand in a column of their own. Leave
--   organisation blank for all of them.
-- parameters: organisation

select
  created_year,
  sum(fork = 0) as open_repositories,
  sum(fork = 1) as forks
from repositories
where (:organisation = '' or organisation = :organisation)
group by created_year
order by created_year
