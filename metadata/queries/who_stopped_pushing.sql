-- title: Which organisations stopped pushing?
-- description: By the last push to any of their repositories, longest silence first; forks are left
--   out.

select
  organisations.login,
  organisations.name,
  max(repositories.pushed_at) as pushed_at,
  count(*) as open_repositories,
  organisations.observed_at
from organisations
join repositories on repositories.organisation = organisations.login
where fork = 0
group by organisations.login
order by max(repositories.pushed_at), organisations.login
