-- title: Which repositories lost their licence?
-- description: In one year, newest first, forks included, and also repositories that have a
--   licence again. Leave year blank for the year of the last observation. Leave organisation
--   blank for all organisations.
-- parameters: year, organisation

select observed_at, organisation, full_name, license, repository_id
from licenses_lost
where substr(observed_at, 1, 4) = case when :year = '' then (select substr(max(observed_at), 1, 4) from observations) else :year end
  and (:organisation = '' or organisation = :organisation)
order by id desc
