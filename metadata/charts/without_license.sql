-- title: Where most licences are missing
-- description: Open repositories in which GitHub could not find a licence, forks left out: the
--   fifteen organisations with the most.

with gaps as (
  select
    organisation,
    without_license as open_repositories,
    row_number() over (order by without_license desc, organisation) as place
  from organisation_statistics
  where without_license > 0 [[and organisation = :organisation]]
)
select organisation, open_repositories, place from gaps where place <= 15
union all
select 'nowhere', 0, 1
where not exists (select * from gaps)
order by place
