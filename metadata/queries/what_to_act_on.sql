-- title: What can an organisation act on this week?
-- description: At most ten things for each: first what was lost in the 30 days before the last
--   observation, then exceptions that ended or end within 30 days, then what the most starred
--   repositories fail of security policy, licence and README. Archived repositories and forks are
--   left out. Leave organisation blank for all of them.
-- parameters: organisation

select organisation, place, because, subject, full_name, date, remedy, reason, html_url
from to_act_on
where place <= 10
  and (:organisation = '' or organisation = :organisation)
order by organisation, place
