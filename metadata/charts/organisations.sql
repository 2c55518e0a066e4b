-- title: Organisations observed

select printf('%,d', count(*)) as figure
from organisation_statistics
where true [[and organisation = :organisation]]
