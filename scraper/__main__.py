"""`oss-health`: it loads for half a second before anything else could catch a Ctrl-C, so that is caught here."""

import sys


def main() -> None:
    """Load the commands and run one."""
    try:
        from scraper.cli import main as commands
    except KeyboardInterrupt:
        sys.exit(130)
    commands()


if __name__ == "__main__":
    main()
