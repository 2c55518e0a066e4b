-- title: How much code is there in each language?
-- description: In bytes, as GitHub detects languages, in the repositories whose files were
--   checked; at most 20 languages for each repository, forks left out. Leave organisation blank
--   for all organisations.
-- parameters: organisation

select
  languages.language,
  sum(bytes) as bytes,
  round(100.0 * sum(bytes) / sum(sum(bytes)) over (), 1) as percent,
  count(*) as repositories,
  min(files_observed_at) as oldest_observed_at
from languages
join repositories on repositories.id = repository_id
where :organisation = '' or organisation = :organisation
group by languages.language
order by sum(bytes) desc, languages.language
