-- title: Open repositories

select printf('%,d', coalesce(sum(open_repositories), 0)) as figure
from organisation_statistics
where true [[and organisation = :organisation]]
