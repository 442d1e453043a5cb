"""How late a thread of this side wakes: on a machine that is too busy, what comes late or is lost is nobody's fault."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

STEP = 0.005  # seconds of each sleep


@dataclass
class Lateness:
    """What was seen so far; `latest` is in seconds."""

    latest: float = 0.0


@contextmanager
def lateness() -> Iterator[Lateness]:
    """Watch beside what is done inside how late short sleeps end."""
    seen, over = Lateness(), threading.Event()

    def watch() -> None:
        before = time.monotonic()
        while not over.wait(STEP):
            now = time.monotonic()
            seen.latest = max(seen.latest, now - before - STEP)
            before = now

    thread = threading.Thread(target=watch, name="stackproof-waking", daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
