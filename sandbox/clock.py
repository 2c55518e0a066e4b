"""The sandbox's clock: the day on which the world is seen, at this machine's time of day."""

from datetime import UTC, date, datetime
from time import time


def now(on: date) -> float:
    """Seconds since 1970, as if today were `on`."""
    return time() + (on - datetime.now(UTC).date()).days * 86_400
