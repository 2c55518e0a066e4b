-- title: Which organisations stopped pushing?
-- description: By the last push to any of their repositories, longest silence first. Forks are
--   left out, and so are organisations with a repository whose last push is unknown.

select
  organisations.login,
  organisations.name,
  max(repositories.pushed_at) as pushed_at,
  count(*) as open_repositories,
  organisations.observed_at
from organisations
join repositories on repositories.organisation = organisations.login
where fork = 0
  and login not in (
    select organisation from organisation_statistics where pushed_last_year + not_pushed_last_year < open_repositories
  )
group by organisations.login
order by max(repositories.pushed_at), organisations.login
