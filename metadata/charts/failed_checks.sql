-- title: Checks failed

select printf('%,d', coalesce(sum(failed), 0)) as figure
from checks_by_organisation
where true [[and organisation = :organisation]]
