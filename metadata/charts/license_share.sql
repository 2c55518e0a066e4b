-- title: With any licence

select coalesce(cast(round(100.0 * sum(with_license) / sum(open_repositories)) as integer) || '%', '-') as figure
from organisation_statistics
where true [[and organisation = :organisation]]
