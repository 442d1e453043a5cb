"""Breaking a part of the target by the commands of its descriptor, and mending it again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.drill import Part
from stackproof.descriptor.model import Descriptor
from stackproof.drill.hands import Hands
from stackproof.evidence import Recorder
from stackproof.target.http import HttpClient
from stackproof.target.traffic import OutOfTime

LOOK_EVERY = 0.1  # seconds


class Drills:
    """Takes parts of the target away for as long as a context lasts.

    Whatever ends the context, the part is mended: an exception and Ctrl-C by this process, a SIGKILL by another one.

    Args:
        http: the client of the check; what was mute while a part was away is asked anew once it is back.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder, http: HttpClient | None = None) -> None:
        self._parts = descriptor.drill
        self._recorder = recorder
        self._http = http

    def part(self, name: str) -> Part:
        """The commands of a part.

        Raises:
            NotAssessed: the descriptor does not give it.
        """
        part: Part | None = getattr(self._parts, name)
        if part is None:
            not_assessed(f"stackproof.toml has no [drill.{name}] table: commands that stop and start this part")
        return part

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """The target without this part; it is broken at the beginning and mended at the end.

        Raises:
            NotAssessed: the part cannot be broken; what the command may have done is undone.
            InfrastructureError: it could not be mended.
        """
        part = self.part(name)
        try:
            with Hands(name, part) as hands:
                trouble = hands.stop()
                if trouble:
                    not_assessed(trouble)
                self._recorder.add("command", f"[drill.{name}] stop: done")
                yield
            self._recorder.add("command", f"[drill.{name}] start: done")
        finally:
            if self._http:
                self._http.forget_silence()


def recovery(look: Callable[[], bool], within: float) -> float | None:
    """Seconds until `look` is true for the first time; None where that takes longer than `within` seconds.

    A look that is not assessed (no answer, a broken connection) is not true yet.

    Raises:
        NotAssessed: the run's time budget is spent meanwhile.
    """
    began = time.monotonic()
    while True:
        try:
            if look():
                return time.monotonic() - began
        except OutOfTime:
            raise
        except NotAssessed:
            pass
        if time.monotonic() - began > within:
            return None
        time.sleep(LOOK_EVERY)
