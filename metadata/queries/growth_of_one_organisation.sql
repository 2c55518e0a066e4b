-- title: How has one organisation grown?
-- description: Each day on which it created a repository, newest first. Only repositories that
--   exist today count; forks are left out. Leave organisation blank for the one with the most
--   repositories.
-- parameters: organisation

select organisation, date, created, open_repositories, top_language, top_license
from growth
where organisation = case
  when :organisation = '' then (
    select login from organisations order by open_repositories desc, login limit 1
  )
  else :organisation
end
order by date desc
