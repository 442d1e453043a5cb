"""Loaded by every Python of a measured run (PYTHONPATH): how long it waited for the target, kept in a file.

Waiting is an HTTP exchange or a deliberate sleep; what goes on at the same time counts once.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FOLDER = os.environ.get("STACKPROOF_BENCHMARK_WAITS", "")


class Waits:
    """The union of the times in which at least one thread waits."""

    def __init__(self) -> None:
        self._lock, self._now, self._since = threading.Lock(), 0, 0.0
        self.seconds = 0.0

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time counted."""

        def call(*values: Any, **named: Any) -> Any:
            with self._lock:
                self._now += 1
                if self._now == 1:
                    self._since = time.monotonic()
            try:
                return function(*values, **named)
            finally:
                with self._lock:
                    self._now -= 1
                    if not self._now:
                        self.seconds += time.monotonic() - self._since

        return call


def keep() -> None:
    """Only of workers that run checks: other processes of the run wait for those."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        Path(FOLDER, str(os.getpid())).write_text(str(WAITS.seconds), encoding="ascii")


WAITS = Waits()
if FOLDER and find_spec("httpcore"):
    import httpcore

    time.sleep = WAITS.counted(time.sleep)
    httpcore.ConnectionPool.handle_request = WAITS.counted(httpcore.ConnectionPool.handle_request)  # type: ignore[method-assign]
    atexit.register(keep)
