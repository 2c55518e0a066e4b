-- title: Repositories checked

select printf('%,d', count(files_observed_at)) as figure
from repositories
where fork = 0 [[and organisation = :organisation]]
