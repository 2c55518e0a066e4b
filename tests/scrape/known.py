"""Whom the tests scrape, and how they look at the result."""

LARGE, PERSON, FULL_PAGE, NONE = "LanternInstitute", "fenland-notebooks", "plumstone-training", "WillowmarkSecurity"
"""Of the estate: one of three pages, a user account, one of exactly 100 repositories, one of none."""

TOKEN = "a-token-of-the-sandbox"


def files(folder):
    """Every file below a folder, by its path from there."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(account):
    """The full names by id that the dataset holds of an account."""
    return {record["id"]: record["full_name"] for record in account.repositories}
