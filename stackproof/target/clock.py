"""The clock of an instance of the service that the harness may move."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stackproof.check import not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder
from stackproof.target.session import Session
from stackproof.tokens.times import claims_of

CONFIRM_WITHIN = 5.0  # seconds for the service to take up a moved clock
CONFIRM_TOLERANCE = 3.0  # seconds between the wanted and the observed clock


class Clock:
    """Moves the service's clock forward and confirms each move before anything is judged by it.

    Args:
        descriptor: has a `[clock]` table.
        session: on the instance that `[clock]` names.
    """

    def __init__(self, descriptor: Descriptor, session: Session, recorder: Recorder) -> None:
        if descriptor.clock is None:
            not_assessed("the descriptor has no [clock] table")
        self._file: Path = descriptor.clock.offset_file
        self._recorder = recorder
        self.session = session

    def move(self, seconds: float) -> None:
        """Set the service's clock to the real time plus `seconds`.

        Raises:
            NotAssessed: a fresh login does not show the moved clock in time.
        """
        temporary = self._file.with_suffix(".new")
        try:
            temporary.write_text(f"{seconds:.3f}\n", encoding="ascii")
            temporary.replace(self._file)
        except OSError as error:
            not_assessed(f"the clock's offset file cannot be written: {error.strerror}")
        deadline = time.monotonic() + CONFIRM_WITHIN
        while True:
            seen = self._observed_offset()
            if seen is not None and abs(seen - seconds) <= CONFIRM_TOLERANCE:
                self._recorder.add("measurement", f"the service's clock is {seen:+.0f} s from the real one")
                return
            if time.monotonic() > deadline:
                shown = "nothing" if seen is None else f"{seen:+.0f} s"
                not_assessed(f"the service's clock was moved by {seconds:+.0f} s, and a fresh login shows {shown}")
            time.sleep(0.1)

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Set the clock right again at the end, whatever happened."""
        try:
            yield
        finally:
            self._file.write_text("0\n", encoding="ascii")

    def _observed_offset(self) -> float | None:
        """What a fresh login shows: its token's `iat`, else the answer's Date."""
        tokens = self.session.login()
        claims = claims_of(tokens.access)
        shown = claims.issued if claims and claims.issued else tokens.answer.date
        return None if shown is None else shown - tokens.answer.received
