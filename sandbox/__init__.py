"""A simulated GitHub that runs on your laptop, for the demo, the tests and the benchmarks."""

from sandbox.closing import Closing, Closure
from sandbox.estate import Estate
from sandbox.faults import FAULTS, Fault
from sandbox.health import Health
from sandbox.lifecycle import Event
from sandbox.limits import Limits
from sandbox.recordings import Recordings
from sandbox.server import Sandbox
from sandbox.service import Request
from sandbox.world import Account, World

__all__ = [
    "FAULTS",
    "Account",
    "Closing",
    "Closure",
    "Estate",
    "Event",
    "Fault",
    "Health",
    "Limits",
    "Recordings",
    "Request",
    "Sandbox",
    "World",
]
