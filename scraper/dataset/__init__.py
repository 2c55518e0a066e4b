"""data/ on disk: which files it has, reading, writing and merging them. No SQL."""
