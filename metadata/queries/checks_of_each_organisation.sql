-- title: How many repositories pass each check?
-- description: By organisation and check, with the denominators; percent is the share of those
--   that are known and not excepted. Whatever was not asked yet, or not answered, is unknown:
--   neither passed nor failed. Leave organisation blank for all organisations.
-- parameters: organisation

select
  organisation,
  checks.title as check_title,
  passed,
  failed,
  excepted,
  unknown,
  repositories,
  round(100.0 * passed / nullif(passed + failed, 0), 1) as percent,
  oldest_observed_at
from checks_by_organisation
join checks on checks.name = check_name
where :organisation = '' or organisation = :organisation
order by organisation, checks.rowid
