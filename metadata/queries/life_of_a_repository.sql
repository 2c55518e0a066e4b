-- title: What happened to one repository?
-- description: Everything ever observed about it. Give any of its names as owner/name, or leave
--   repository blank for the one with the latest event.
-- parameters: repository

with chosen as (
  select id from known_repositories where full_name = :repository
  union
  select repository_id from events where full_name = :repository
  union
  select repository_id from (select repository_id from events where :repository = '' order by id desc limit 1)
)
select observed_at, event, full_name, old, new, repository_id
from repository_timeline
where repository_id in chosen
order by repository_id, observed_at, event
