"""The published site, made of the database alone."""
