"""The tables of statistics, computed from what exists today: declared as those of `tables` are.

All leave forks out. Those over time are by creation date, so deleting a repository also removes it from the past.
"""

from scraper.database.languages import MARKUP_AND_NOTEBOOKS
from scraper.database.sql import LOGIN, Column, Table

ORGANISATION = Column("organisation", LOGIN, "Login of the account", True, "organisations(login)")
LICENSES = "licenses(spdx_id)"
YEAR = "Year in which at least one such repository was created (UTC); the last is not before the data's year"

ORGANISATION_STATISTICS = Table(
    "organisation_statistics",
    (
        ORGANISATION,
        Column(
            "observed_at",
            "TEXT",
            "When its repositories were last observed completely (UTC): the date of the data",
            True,
        ),
        Column("repositories", "INTEGER", "Number of public repositories, forks included", True),
        Column("open_repositories", "INTEGER", "Number of public repositories without forks", True),
        Column("stargazers_count", "INTEGER", "Stars of those without forks; an unknown number adds none", True),
        Column("forks_count", "INTEGER", "Forks that others made of them; an unknown number adds none", True),
        Column(
            "open_issues_count",
            "INTEGER",
            "Their open issues and open pull requests together; an unknown number adds none",
            True,
        ),
        Column(
            "top_language",
            "TEXT",
            "Their most frequent main language, alphabetically first if tied; null if none has one",
        ),
        Column(
            "top_license",
            "TEXT",
            "Their most frequent licence, alphabetically first if tied; null if none has one",
            references=LICENSES,
        ),
        Column(
            "first_created_at", "TEXT", "When the oldest of them was created on GitHub (UTC); null if there is none"
        ),
        Column(
            "latest_created_at", "TEXT", "When the newest of them was created on GitHub (UTC); null if there is none"
        ),
        Column(
            "with_license",
            "INTEGER",
            "Number of them with a licence that GitHub found, even one it cannot identify (NOASSERTION)",
            True,
        ),
        Column(
            "without_license",
            "INTEGER",
            "Number of them in which GitHub found no licence; where it did not say, they are in neither count",
            True,
        ),
        Column(
            "license_share",
            "REAL",
            "with_license as a share of the two, from 0 to 1; null if there are none. The check license looks for an"
            " open-source licence",
        ),
        Column("archived", "INTEGER", "Number of them that were archived", True),
        Column(
            "not_archived",
            "INTEGER",
            "Number of them that were not archived; where GitHub did not say, they are in neither count",
            True,
        ),
        Column(
            "pushed_last_year",
            "INTEGER",
            "Number of them that were pushed to in the 365 days before observed_at, or since",
            True,
        ),
        Column(
            "not_pushed_last_year",
            "INTEGER",
            "Number that were not pushed to in that time; where GitHub did not say, they are in neither count",
            True,
        ),
    ),
    primary_key=("organisation",),
)

GROWTH = Table(
    "growth",
    (
        ORGANISATION,
        Column(
            "date",
            "TEXT",
            "Day on which one or more of its repositories were created (UTC); the last is not before the data's day",
            True,
        ),
        Column("created", "INTEGER", "Repositories without forks that were created on that day", True),
        Column(
            "open_repositories",
            "INTEGER",
            "Repositories without forks that exist today and had been created by the end of that day",
            True,
        ),
        Column(
            "top_language",
            "TEXT",
            "Most frequent main language among those so far, alphabetically first if tied; null if none has one",
        ),
        Column(
            "top_license",
            "TEXT",
            "Most frequent licence among those so far (today's licence of each), alphabetically first if tied;"
            " null if none has one",
            references=LICENSES,
        ),
    ),
    primary_key=("organisation", "date"),
)

LANGUAGE_GROWTH = Table(
    "language_growth",
    (
        ORGANISATION,
        Column("created_year", "INTEGER", YEAR, True),
        Column(
            "language",
            "TEXT",
            "Main programming language by bytes, as GitHub detects it today; null if none. Repositories for"
            " which GitHub did not say are left out",
        ),
        Column(
            "language_group",
            "TEXT",
            f"{MARKUP_AND_NOTEBOOKS}, if GitHub's Linguist types the language as markup (HTML, CSS, Jupyter Notebook,"
            " ...); otherwise the language",
        ),
        Column("created", "INTEGER", "Repositories with that language, without forks, created in that year", True),
        Column(
            "open_repositories",
            "INTEGER",
            "How many exist today and had been created by the end of that year",
            True,
        ),
    ),
    primary_key=(),  # a language can be null
    indexes=("organisation",),
)

LICENSE_GROWTH = Table(
    "license_growth",
    (
        ORGANISATION,
        Column("created_year", "INTEGER", YEAR, True),
        Column(
            "license",
            "TEXT",
            "SPDX identifier of today's licence; NOASSERTION: a licence GitHub cannot identify; null: none found."
            " Repositories for which GitHub did not say are left out",
            references=LICENSES,
        ),
        Column("created", "INTEGER", "Repositories with that licence, without forks, created in that year", True),
        Column(
            "open_repositories",
            "INTEGER",
            "How many exist today and had been created by the end of that year",
            True,
        ),
    ),
    primary_key=(),  # a licence can be null
    indexes=("organisation",),
)

STATISTICS = (ORGANISATION_STATISTICS, GROWTH, LANGUAGE_GROWTH, LICENSE_GROWTH)
"""The tables that are computed."""
