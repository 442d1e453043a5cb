"""How late a thread wakes, seen beside work that takes the processor away."""

import threading
import time

from stackproof.target.waking import STEP, lateness


def test_a_thread_that_is_kept_from_waking_is_seen(monkeypatch):
    """A sleep that ends late is told, with its seconds; the watching ends with the work."""
    before = threading.active_count()
    with lateness() as seen:
        time.sleep(4 * STEP)
        steps = iter(range(10_000))
        monkeypatch.setattr(time, "monotonic", lambda: next(steps) * 0.5)
        deadline = time.perf_counter() + 5
        while seen.latest < 0.4 and time.perf_counter() < deadline:
            time.sleep(STEP)
    assert seen.latest >= 0.4
    assert threading.active_count() == before
