"""The issues and pull requests of an invented repository: when each is opened, and when it is resolved.

The number of open ones in the lists grows by a step each period until it drops back to its minimum. So a step's worth
is opened each period, and whenever the number drops, all above the minimum are resolved.
"""

from dataclasses import dataclass

from sandbox.lifecycle import PERIOD, Lifecycle, open_issues


@dataclass(frozen=True, slots=True)
class Tracker:
    """The issues and pull requests of one life, by number from 0. Days are ordinals.

    Merged pull requests are not included: they are opened and merged with a push.
    """

    born: int
    bottom: int
    step: int
    top: int
    requests: int  # of a hundred

    def opened(self, day: int) -> int:
        return self.bottom + self.step * ((day - self.born) // PERIOD)

    def opened_on(self, number: int) -> int:
        if number < self.bottom:
            return self.born
        return self.born + ((number - self.bottom) // self.step + 1) * PERIOD

    def resolved_on(self, number: int) -> int | None:
        """None: never."""
        if not self.step:
            return None
        needed = (number // self.top + 1) * self.top
        return self.born + -(-(needed - self.bottom) // self.step) * PERIOD

    def requests_among(self, number: int) -> int:
        """How many of the first `number` are pull requests."""
        return number * self.requests // 100

    def is_request(self, number: int) -> bool:
        return self.requests_among(number + 1) > self.requests_among(number)


def tracker(life: Lifecycle, requests: int) -> Tracker:
    top = int(life.fame * 0.6) + 2
    return Tracker(life.born, open_issues(life, life.born), 3 % top, top, requests)
