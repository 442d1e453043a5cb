"""Waiting for something that happens by itself, within bounds."""

from __future__ import annotations

import time
from collections.abc import Callable

from stackproof.check import not_assessed

SLICE = 5.0  # seconds of one sleep, so that an interruption ends it soon


class Waiting:
    """What is left of the caller's patience.

    Args:
        patience: seconds that a check may wait, counted from here; 0 for none.
        remaining: gives the seconds of the run's budget that are left.
    """

    def __init__(self, patience: float, remaining: Callable[[], float]) -> None:
        self.patience = patience
        self._remaining = remaining
        self._began = time.monotonic()

    def must_reach(self, moment: float, what: str) -> None:
        """End the check where a moment of `time.monotonic()` cannot be waited for.

        Raises:
            NotAssessed: it lies beyond the patience or the budget; the reason says how much would be needed.
        """
        needed, away = moment - self._began, moment - time.monotonic()
        if needed > self.patience:
            not_assessed(f"{what} is {away:.0f} s away; --patience {needed + 5:.0f}s would allow to wait for it")
        if away >= self._remaining():
            not_assessed(f"{what} is {away:.0f} s away, and the run's budget ends before it (--budget)")

    def until(self, moment: float) -> None:
        """Sleep until a moment of `time.monotonic()`."""
        while (left := moment - time.monotonic()) > 0:
            time.sleep(min(left, SLICE))
