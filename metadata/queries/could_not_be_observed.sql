-- title: Which organisations could not be observed?
-- description: With the reason, and the date of the last good data, if there are any. Empty if
--   all organisations were observed.

select login, name, status, reason, observed_at
from organisations
where status not in ('ok', 'gone')
order by status, login
