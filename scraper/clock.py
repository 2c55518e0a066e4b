"""This machine's clock, and how far ahead of it a date may be and still be believed.

The sandbox's GitHub has its own dates, so it sets the clock to match, in OSS_HEALTH_CLOCK.
"""

import os
from datetime import UTC, datetime, timedelta

from scraper.errors import ConfigurationError
from scraper.model.kinds import TIMESTAMP, written

SETTING = "OSS_HEALTH_CLOCK"
TOLERANCE = timedelta(days=1)
"""No well-kept clock is further off, nor is a local time mistaken for UTC."""


def now() -> datetime:
    """The time on this machine, UTC."""
    setting = os.environ.get(SETTING)
    if not setting:
        return datetime.now(UTC)
    if not TIMESTAMP.fullmatch(setting):
        raise ConfigurationError(f"{SETTING}: {setting[:40]!r} is not a time such as 2026-01-31T12:00:00Z.")
    return datetime.fromisoformat(setting)


def latest_credible(moment: datetime) -> str:
    """The latest date, as the dataset writes dates, that anything known at this moment can have."""
    return written(moment + TOLERANCE)
