"""The limiter: how many requests at once, how long it pauses, and when the budget is used up."""

import threading
import time

import pytest

from scraper.errors import RateLimited
from scraper.github.rate_limits import Cancelled, Limiter


def at_most(limiter, tasks):
    """How many of `tasks` threads were inside a slot at once."""
    inside = most = 0
    lock = threading.Lock()

    def work():
        nonlocal inside, most
        with limiter.slot():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work, daemon=True) for _ in range(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return most


def test_a_secondary_limit_halves_the_workers_down_to_one():
    limiter = Limiter(workers=4, max_wait=10)
    assert at_most(limiter, 12) == 4
    limiter.pause(0.01, "too fast", halve=True)
    assert at_most(limiter, 12) == 2
    for _ in range(3):
        time.sleep(0.02)
        limiter.pause(0.01, "too fast", halve=True)
    assert at_most(limiter, 4) == 1


def test_a_pause_holds_everybody_and_is_reported_once(said):
    limiter = Limiter(workers=4, max_wait=10)
    limiter.pause(0.2, "too fast", halve=True)
    for _ in range(3):  # other workers, each of which hits the same limit a moment later
        limiter.pause(0.2, "too fast", halve=True)
    assert said() == ["too fast: waiting 0 s."]
    begun = time.monotonic()
    assert at_most(limiter, 4) == 2
    assert time.monotonic() - begun >= 0.15


def test_the_budget_is_for_the_whole_run_and_its_end_stops_all_workers():
    limiter = Limiter(workers=4, max_wait=0.15)
    limiter.pause(0.1, "used up", halve=False)
    time.sleep(0.12)
    with pytest.raises(RateLimited, match="used up, for longer than the run may wait"):
        limiter.pause(0.1, "used up", halve=False)
    with pytest.raises(RateLimited), limiter.slot():
        pass
    with pytest.raises(RateLimited):
        limiter.sleep(10)


def test_stop_wakes_all_waiting_threads():
    limiter = Limiter(workers=1, max_wait=100)
    limiter.pause(60, "used up", halve=False)
    ended = []

    def work():
        try:
            with limiter.slot():
                pass
        except Cancelled:
            ended.append(True)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    limiter.stop()
    thread.join(5)
    assert ended == [True]
