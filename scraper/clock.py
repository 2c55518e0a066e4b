"""This machine's clock, read in one place, and how far ahead of it a date may be and still be believed.

The sandbox's GitHub lives on days of its own, so it sets the clock along with them, in OSS_HEALTH_CLOCK.
"""

import os
from datetime import UTC, datetime, timedelta

from scraper.errors import ConfigurationError
from scraper.model.kinds import TIMESTAMP, written

SETTING = "OSS_HEALTH_CLOCK"
TOLERANCE = timedelta(days=1)
"""No clock that is looked after is further off, and no time zone mistaken for UTC."""


def now() -> datetime:
    """The time on this machine, UTC."""
    setting = os.environ.get(SETTING)
    if not setting:
        return datetime.now(UTC)
    if not TIMESTAMP.fullmatch(setting):
        raise ConfigurationError(f"{SETTING}: {setting[:40]!r} is not a time such as 2026-01-31T12:00:00Z.")
    return datetime.fromisoformat(setting)


def latest_credible(moment: datetime) -> str:
    """The latest date, as the dataset writes dates, that something known at this moment can bear."""
    return written(moment + TOLERANCE)
