-- title: Where are most licences missing?
-- description: Repositories in which GitHub could not find a licence, as a number and as a share
--   of those for which it is known. Forks are left out.

select
  organisation,
  open_repositories,
  without_license,
  round(100.0 * without_license / nullif(with_license + without_license, 0), 1) as percent
from organisation_statistics
where open_repositories > 0
order by without_license desc, organisation
