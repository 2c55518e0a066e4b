-- title: What happened this month?
-- description: What appeared, vanished, or was renamed, transferred, archived or relicensed,
--   newest first, forks included. Write month as 2026-01, or leave it blank for the month of the
--   last observation. Leave organisation blank for all organisations.
-- parameters: month, organisation

select observed_at, organisation, kind, full_name, old, new, repository_id
from monthly_events
where month = case when :month = '' then (select substr(max(observed_at), 1, 7) from observations) else :month end
  and (:organisation = '' or organisation = :organisation)
order by id desc
