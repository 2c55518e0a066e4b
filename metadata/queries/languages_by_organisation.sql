-- title: Which languages does each organisation use?
-- description: Main languages, each as a share of the organisation's repositories that have one.
--   Forks are left out. Leave organisation blank for all organisations.
-- parameters: organisation

select
  organisation,
  language,
  count(*) as open_repositories,
  round(100.0 * count(*) / sum(count(*)) over (partition by organisation), 1) as percent
from repositories
where fork = 0
  and language is not null
  and (:organisation = '' or organisation = :organisation)
group by organisation, language
order by open_repositories desc, organisation, language
