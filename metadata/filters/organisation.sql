-- title: Organisation

select login from organisations where open_repositories > 0 order by login
