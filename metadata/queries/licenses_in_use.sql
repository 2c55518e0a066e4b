-- title: Which licences are in use?
-- description: NOASSERTION is a licence that GitHub cannot identify; an empty license means that
--   none was found. Forks are left out, and so are repositories for which GitHub did not say.
--   Leave organisation blank for all organisations.
-- parameters: organisation

select
  repositories.license,
  licenses.name,
  licenses.osi_approved,
  count(*) as open_repositories,
  round(100.0 * count(*) / sum(count(*)) over (), 1) as percent
from repositories
left join licenses on licenses.spdx_id = repositories.license
where fork = 0
  and id not in (select repository_id from unknown_values where field = 'license')
  and (:organisation = '' or organisation = :organisation)
group by repositories.license
order by open_repositories desc, repositories.license
