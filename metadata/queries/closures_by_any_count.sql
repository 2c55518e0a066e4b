-- title: Which organisations lost many repositories at once?
-- description: Closures, newest first, and what became of the repositories. For closures that are
--   known only from counts that somebody else published, according_to names the source. Leave
--   organisation blank for all organisations.
-- parameters: organisation

select organisation, substr(last_seen_at, 1, 10) as last_seen, substr(last_missing_at, 1, 10) as last_missing,
       repositories_before, repositories_after, gone, share,
       not_public, moved, blocked, returned, null as according_to
from closures
where :organisation = '' or organisation = :organisation
union all
select organisation, last_counted_on, last_missing_on, repositories_before, repositories_after, gone, share, null,
       null, null, null, source
from earlier_closures
where :organisation = '' or organisation = :organisation
order by last_missing desc, organisation, according_to
