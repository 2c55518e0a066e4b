-- title: Stars

select printf('%,d', coalesce(sum(stargazers_count), 0)) as figure
from organisation_statistics
where true [[and organisation = :organisation]]
