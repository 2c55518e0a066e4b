"""Regenerate data/README.md and metadata.json from the declarations, or say which declaration is wrong."""

import sys
from pathlib import Path

from scraper.errors import OssHealthError


def main() -> None:
    """Write both files, or neither."""
    from scraper.database import describe  # a wrong declaration is noticed as soon as it is read
    from scraper.dataset import atomic, readme

    metadata, dictionary = describe.rendered(describe.compose(Path("metadata"))), readme.readme()
    atomic.replace(Path("metadata.json"), metadata.encode())
    atomic.replace(Path("data/README.md"), dictionary.encode())


if __name__ == "__main__":
    try:
        main()
    except OssHealthError as error:
        sys.exit(str(error))
