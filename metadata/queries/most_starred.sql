-- title: Which repositories have the most stars?
-- description: The top hundred, forks left out. Leave organisation blank for all organisations.
-- parameters: organisation

select organisation, name, stargazers_count, forks_count, language, license, description, html_url
from repositories
where fork = 0
  and (:organisation = '' or organisation = :organisation)
order by stargazers_count desc, id
limit 100
