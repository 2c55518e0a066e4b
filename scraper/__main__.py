"""`oss-health`: what happens while it loads, for half a second, nothing else could catch, so it is caught here."""

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
