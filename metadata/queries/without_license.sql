-- title: Which repositories have no licence?
-- description: Without one, nobody may reuse the code. Most starred first, forks left out, and what
--   GitHub said nothing about. Leave organisation blank for all of them.
-- parameters: organisation

select organisation, name, stargazers_count, description, created_at, pushed_at, html_url
from repositories
where license is null
  and id not in (select repository_id from unknown_values where field = 'license')
  and fork = 0
  and (:organisation = '' or organisation = :organisation)
order by stargazers_count desc, id
