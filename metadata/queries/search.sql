-- title: Search repositories by name, description and topic
-- description: Finds every form of each word in names, descriptions and topics (test finds
--   testing). Forks are included.
-- parameters: words

select
  repositories.organisation,
  repositories.name,
  repositories.description,
  repositories.topics,
  repositories.stargazers_count,
  repositories.html_url
from repositories_fts
join repositories on repositories.id = repositories_fts.rowid
where repositories_fts match coalesce(nullif(escape_fts(:words), ''), '""')
order by repositories_fts.rank, repositories.id
