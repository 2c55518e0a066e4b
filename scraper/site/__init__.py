"""The published site, made only from the database."""
