-- title: What is no longer public?
-- description: Repositories that vanished and are not back, as last known, and what became of
--   each; newest first, forks included. "not_public" means private or deleted: GitHub does not
--   say which. since and until limit missing_at; write them as 2026, 2026-05 or 2026-05-31. Leave
--   a field blank to set no limit.
-- parameters: organisation, since, until

select missing_at, organisation, full_name, whereabouts, moved_to, description, language, license,
       stargazers_count, first_observed_at, last_observed_at, vanished_at, repository_id
from no_longer_public
where (:organisation = '' or organisation = :organisation)
  and missing_at >= :since
  and (:until = '' or substr(missing_at, 1, length(:until)) <= :until)
order by missing_at desc, repository_id
