-- title: What is no longer public?
-- description: Repositories that vanished and are not back, as they were last known, and what became of
--   each; forks included, newest first. "not_public" means private or deleted: GitHub does not say
--   which. Leave organisation and year blank for all of them.
-- parameters: organisation, year

select missing_at, organisation, full_name, whereabouts, moved_to, description, language, license,
       stargazers_count, first_observed_at, last_observed_at, repository_id
from no_longer_public
where (:organisation = '' or organisation = :organisation)
  and (:year = '' or substr(missing_at, 1, 4) = :year)
order by missing_at desc, repository_id
