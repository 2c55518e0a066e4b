-- title: Which repositories have no licence?
-- description: Without a licence, nobody may reuse the code. Those with the most stars first.
--   Forks are left out, and so are repositories for which GitHub did not say. Leave organisation
--   blank for all organisations.
-- parameters: organisation

select organisation, name, stargazers_count, description, created_at, pushed_at, html_url
from repositories
where license is null
  and id not in (select repository_id from unknown_values where field = 'license')
  and fork = 0
  and (:organisation = '' or organisation = :organisation)
order by stargazers_count desc, id
