-- title: What happened to one repository?
-- description: All that was ever observed of it, by any of its names as owner/name. Leave
--   repository blank for the one with the last event.
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
