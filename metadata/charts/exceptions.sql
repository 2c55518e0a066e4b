-- title: Exceptions that hold

select printf('%,d', coalesce(sum(excepted), 0)) as figure
from checks_by_organisation
where true [[and organisation = :organisation]]
