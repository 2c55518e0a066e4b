-- title: Which repositories has nobody pushed to for two years?
-- description: Those that are not archived nevertheless. The two years end at the date of the data,
--   not today. Longest silence first, forks left out. Leave organisation blank for all of them.
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
