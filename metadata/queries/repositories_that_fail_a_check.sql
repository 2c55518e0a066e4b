-- title: Which repositories fail a check?
-- description: Those with the most stars first, with the date of the observation and what to do.
--   Archived repositories are checked only for a licence and for maintenance, forks not at all.
--   Give check by its name in the table checks, or leave it blank for security_policy. Leave
--   organisation blank for all organisations.
-- parameters: check, organisation

select check_results.organisation, full_name, check_name, observed_at, stargazers_count, remedy, check_results.html_url
from check_results
join (select id, stargazers_count from repositories) as stars on stars.id = repository_id
where check_name = case when :check = '' then 'security_policy' else :check end
  and result = 'failed'
  and (:organisation = '' or check_results.organisation = :organisation)
order by stargazers_count is null, stargazers_count desc, repository_id
