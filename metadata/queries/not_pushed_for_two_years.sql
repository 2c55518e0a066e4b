-- title: Which repositories have had no push for two years?
-- description: Only repositories that are not archived. The two years end at the date of the
--   data, not today. Longest silence first, forks left out. Leave organisation blank for all
--   organisations.
-- parameters: organisation

select organisation, name, pushed_at, stargazers_count, open_issues_count, description, html_url
from repositories
where pushed_at < (
    select strftime('%Y-%m-%dT%H:%M:%SZ', max(observed_at), '-2 years') from organisations
  )
  and archived = 0
  and fork = 0
  and (:organisation = '' or organisation = :organisation)
order by pushed_at, id
