"""`oss-health`. For the half second that it takes to load, nothing else could catch an error or Ctrl-C."""

import sys

from scraper.errors import DeclarationError


def main() -> None:
    """Load the commands and run one."""
    try:
        from scraper.cli import main as commands
    except KeyboardInterrupt:
        sys.exit(130)
    except DeclarationError as error:
        sys.exit(f"Error: {error}")
    commands()


if __name__ == "__main__":
    main()
