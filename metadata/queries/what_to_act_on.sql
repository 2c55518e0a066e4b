-- title: What should an organisation act on this week?
-- description: At most ten things for each organisation: first losses in the 30 days before the
--   last observation, then exceptions that ended or will end within 30 days, then missing
--   security policies, licences and READMEs, of the repositories with the most stars first.
--   Archived repositories and forks are left out. Leave organisation blank for all organisations.
-- parameters: organisation

select organisation, place, because, subject, full_name, date, remedy, reason, html_url
from to_act_on
where place <= 10
  and (:organisation = '' or organisation = :organisation)
order by organisation, place
