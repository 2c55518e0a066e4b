"""The history of the dataset, from the commits of git. No SQL."""
