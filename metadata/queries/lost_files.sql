-- title: Which repositories lost a recommended file?
-- description: In one year, newest first. there_again is 1 if the file is there now, and null if
--   the repository is gone. Leave year blank for the year of the last observation. Leave
--   organisation blank for all organisations.
-- parameters: year, organisation

select
  events.observed_at,
  events.organisation,
  events.full_name,
  events.field as file,
  case when repositories.id is not null then (
    select kind = 'gained'
    from events as later
    where later.repository_id = events.repository_id
      and later.field = events.field
      and later.kind in ('gained', 'lost')
    order by id desc
    limit 1
  ) end as there_again,
  events.repository_id
from events
left join repositories on repositories.id = events.repository_id
where events.kind = 'lost'
  and substr(events.observed_at, 1, 4) = case when :year = '' then (select substr(max(observed_at), 1, 4) from observations) else :year end
  and (:organisation = '' or events.organisation = :organisation)
order by events.id desc
