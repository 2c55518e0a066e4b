"""`oss-health`, which loads for half a second before anything can catch a Ctrl-C: here it is caught."""

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
