-- title: What is no longer public?
-- description: Repositories that are no longer where they were observed, as they were last known, and
--   what is known of their whereabouts; forks included, newest first. Not public means private or
--   deleted, which GitHub does not tell apart. Leave organisation and year blank for all of them.
-- parameters: organisation, year

select missing_at, organisation, full_name, whereabouts, moved_to, description, language, license,
       stargazers_count, first_observed_at, last_observed_at, repository_id
from no_longer_public
where (:organisation = '' or organisation = :organisation)
  and (:year = '' or substr(missing_at, 1, 4) = :year)
order by missing_at desc, repository_id
