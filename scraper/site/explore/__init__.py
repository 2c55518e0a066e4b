"""Datasette in the browser."""
