-- title: Pushed to in the last year

select printf('%,d', coalesce(sum(pushed_last_year), 0)) as figure
from organisation_statistics
where true [[and organisation = :organisation]]
