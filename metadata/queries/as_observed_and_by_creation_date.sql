-- title: Repositories over time: as observed and by creation date
-- description: By month: the last count as observed, and beside it the number of repositories in
--   the same organisations that exist today and had been created by then. The first includes
--   repositories that have since gone; the second changes whenever one disappears or is added.
--   Forks are left out. Leave organisation blank for all organisations.
-- parameters: organisation

with lasts as (
  select max(observed_at) as observed_at from organisation_history
  where (:organisation = '' or organisation = :organisation)
  group by substr(observed_at, 1, 7)
)
select
  substr(observed_at, 1, 7) as month,
  sum(as_observed) as as_observed,
  sum(by_creation_date) as by_creation_date
from observed_vs_created
where observed_at in (select observed_at from lasts)
  and (:organisation = '' or organisation = :organisation)
group by observed_at
order by observed_at desc
