"""The database in Datasette, and the site, on this machine."""
