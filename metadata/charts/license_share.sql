-- title: With any licence

select coalesce(cast(round(100.0 * sum(with_license) / sum(with_license + without_license)) as integer) || '%', '-') as figure
from organisation_statistics
where true [[and organisation = :organisation]]
