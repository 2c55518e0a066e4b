"""Open-source health statistics: GitHub's public repositories, kept in git and published as SQL."""

__version__ = "0.1.0"
