-- title: Which topics are in use?
-- description: With the number of repositories and organisations that use each. Forks are left
--   out. Leave organisation blank for all organisations.
-- parameters: organisation

select
  topic,
  count(*) as open_repositories,
  count(distinct organisation) as organisations
from topics
join repositories on repositories.id = topics.repository_id
where fork = 0
  and (:organisation = '' or organisation = :organisation)
group by topic
order by open_repositories desc, topic
