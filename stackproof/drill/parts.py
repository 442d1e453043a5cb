"""Breaking a part of the target by the commands of its descriptor, and mending it again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.drill import Part
from stackproof.descriptor.model import Descriptor
from stackproof.drill import part_of
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
        return part_of(self._parts, name)

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
        if _is_true(look):
            return time.monotonic() - began
        if time.monotonic() - began > within:
            return None
        time.sleep(LOOK_EVERY)


def left_over[T](items: Iterable[T], is_well: Callable[[T], bool], within: float) -> list[T]:
    """The items of which `is_well` is never true; they have so many seconds together.

    As with `recovery`, a look that is not assessed is not true yet.

    Raises:
        NotAssessed: the run's time budget is spent meanwhile.
    """
    left = list(items)

    def look() -> bool:
        left[:] = [one for one in left if not _is_true(partial(is_well, one))]
        return not left

    recovery(look, within)
    return left


def _is_true(look: Callable[[], bool]) -> bool:
    try:
        return look()
    except OutOfTime:
        raise
    except NotAssessed:
        return False
