"""The database: built from the dataset and its history, and read back."""
