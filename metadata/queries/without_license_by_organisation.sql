-- title: Where are most licences missing?
-- description: Repositories without a licence that GitHub could find, as a number and as a share of
--   each organisation's. Forks are left out.

select
  organisation,
  open_repositories,
  open_repositories - with_license as without_license,
  round(100.0 * (open_repositories - with_license) / open_repositories, 1) as percent
from organisation_statistics
where open_repositories > 0
order by without_license desc, organisation
