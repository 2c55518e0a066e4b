-- title: How many repositories were created each year?
-- description: Counts the repositories that exist today; forks are in a separate column. Leave
--   organisation blank for all organisations.
-- parameters: organisation

select
  created_year,
  sum(fork = 0) as open_repositories,
  sum(fork = 1) as forks
from repositories
where (:organisation = '' or organisation = :organisation)
group by created_year
order by created_year
