"""What bounds a run's traffic as a whole: the pace that a target asks for, the time budget, and a target that is mute.

The pace is kept by every process of a run together: its next free slot stands in a file of the run's own folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from pathlib import Path

from stackproof.check import NotAssessed

FOLDER_VARIABLE = "STACKPROOF_TRAFFIC_FOLDER"  # set for the processes of one run
MUTE_AFTER = 4  # exchanges in a row that ran into the time-out
ASK_AGAIN_AFTER = 15.0  # seconds after which a mute target is tried once more


class OutOfTime(NotAssessed):
    """The run's time budget is spent."""


class Pace:
    """At most `per_second` events, counted over every process of the run; 0 for no limit."""

    def __init__(self, name: str, per_second: float) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._lock = threading.Lock()
        self._next = 0.0
        folder = os.environ.get(FOLDER_VARIABLE, "")
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        self._file = Path(folder) / f"pace-{digest}" if folder else None

    def pause(self) -> float:
        """Take the next slot; gives the seconds to wait for it."""
        if not self._interval:
            return 0.0
        with self._lock:
            slot = self._slot()
        return max(0.0, slot - time.monotonic())

    def _slot(self) -> float:
        now = time.monotonic()  # the same clock in every process of the machine
        if self._file is None:
            slot = max(self._next, now)
            self._next = slot + self._interval
            return slot
        with self._file.open("a+", encoding="ascii") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            handle.seek(0)
            slot = max(float(handle.read() or 0), now)
            handle.seek(0)
            handle.truncate()
            handle.write(repr(slot + self._interval))
        return slot


class Traffic:
    """The bounds of one process of a run.

    Args:
        name: of the target, so that two targets have paces of their own.
        per_second: requests; 0 for no limit.
        deadline: `time.monotonic()` at which the run's budget is spent; 0 for none.
    """

    def __init__(self, name: str, per_second: float, deadline: float = 0.0) -> None:
        self._pace = Pace(name, per_second)
        self._deadline = deadline
        self._lock = threading.Lock()
        self._mute: dict[str, int] = {}
        self._last_silence: dict[str, float] = {}
        self._ask_again: dict[str, float] = {}

    def remaining(self) -> float:
        """Seconds of the budget that are left; infinite where there is none."""
        return self._deadline - time.monotonic() if self._deadline else float("inf")

    def admit(self, place: str) -> float:
        """Wait for the next slot of the pace; gives the moment at which it came.

        Raises:
            OutOfTime: the budget is spent, or would be before the slot.
            NotAssessed: the target at `place` was mute and is not tried again yet.
        """
        pause = self._pace.pause()
        if pause >= self.remaining():
            raise OutOfTime("the run's time budget is spent (--budget), and this was not looked at")
        with self._lock:
            if self._mute.get(place, 0) >= MUTE_AFTER:
                if time.monotonic() < self._ask_again[place]:
                    times = self._mute[place]
                    raise NotAssessed(f"{place} gave no whole answer {times} times in a row; it is not asked for now")
                self._ask_again[place] = time.monotonic() + ASK_AGAIN_AFTER
        if pause:
            time.sleep(pause)
        return time.monotonic()

    def answered(self, place: str) -> None:
        """The target at `place` answered."""
        with self._lock:
            self._mute.pop(place, None)

    def forget(self) -> None:
        """Hold no silence against any place: there was a known reason for it."""
        with self._lock:
            self._mute.clear()
            self._ask_again.clear()

    def timed_out(self, place: str, begun: float) -> None:
        """An exchange with `place`, admitted at `begun`, ran into its time-out.

        Those that wait at the same time are one silence: a burst which a busy service did not get through in
        time says no more than one request that it did not answer.
        """
        with self._lock:
            if begun >= self._last_silence.get(place, 0.0):
                self._mute[place] = self._mute.get(place, 0) + 1
                self._last_silence[place] = time.monotonic()
            self._ask_again[place] = time.monotonic() + ASK_AGAIN_AFTER
