-- title: Archived

select printf('%,d', coalesce(sum(archived), 0)) as figure
from organisation_statistics
where true [[and organisation = :organisation]]
