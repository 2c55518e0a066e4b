-- title: Which repositories vanished?
-- description: Private or deleted, which GitHub does not tell apart, or moved to an owner who is not
--   in the list, and not back; with the stars they had when last observed. Newest first, forks left
--   out. Leave organisation blank for all of them.
-- parameters: organisation

select vanished_at, organisation, full_name, created_at, first_observed_at, stargazers_count, repository_id
from vanished_repositories
where fork = 0
  and (:organisation = '' or organisation = :organisation)
order by vanished_at desc, repository_id
