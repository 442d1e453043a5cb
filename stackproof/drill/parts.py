"""Breaking a part of the target by the commands of its descriptor, and mending it again."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.drill import Part
from stackproof.descriptor.model import Descriptor
from stackproof.drill import journal
from stackproof.errors import InfrastructureError
from stackproof.evidence import Recorder

LOOK_EVERY = 0.1  # seconds


class Drills:
    """Takes parts of the target away for as long as a context lasts.

    Whatever ends the context, the part is mended: an exception and Ctrl-C by this process, a SIGKILL by a watchdog.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder) -> None:
        self._parts = descriptor.drill
        self._recorder = recorder

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
            NotAssessed: the part cannot be broken.
            InfrastructureError: it could not be mended.
        """
        from fixtures.reaper import Reaper

        part = self.part(name)
        with Reaper() as watchdog:
            watchdog.command(part.start)
            try:
                trouble = _run(f"drill.{name}.stop", part.stop, part.within)
                if trouble:
                    not_assessed(trouble)
                self._recorder.add("command", f"[drill.{name}] stop: done")
                yield
            except BaseException as error:
                self._mend(name, part, cut_short=not isinstance(error, Exception))
                raise
            self._mend(name, part, cut_short=False)

    def _mend(self, name: str, part: Part, *, cut_short: bool) -> None:
        with undisturbed():
            trouble = _run(f"drill.{name}.start", part.start, part.within)
            trouble = trouble and _run(f"drill.{name}.start", part.start, part.within)
        if cut_short:
            done = f"could not be started again ({trouble})" if trouble else "was started again"
            journal.cut_short.append(f"the drill had stopped [drill.{name}], which {done}")
        if trouble:
            told = f"{trouble}: mend it by hand with {' '.join(part.start)}"
            journal.unmended.append(told)
            raise InfrastructureError(told, hint="the target stays broken until then")
        self._recorder.add("command", f"[drill.{name}] start: done")


def recovery(look: Callable[[], bool], within: float) -> float | None:
    """Seconds until `look` is true for the first time; None where that takes longer than `within` seconds.

    A look that is not assessed (no answer, a broken connection) is not true yet.
    """
    began = time.monotonic()
    while True:
        try:
            if look():
                return time.monotonic() - began
        except NotAssessed:
            pass
        if time.monotonic() - began > within:
            return None
        time.sleep(LOOK_EVERY)


def _run(key: str, command: Sequence[str], within: float) -> str:
    """Run a command; gives "" or why it failed. What it printed is not told: there may be a secret in it."""
    name = f"{key} ({command[0]})"
    try:
        ran = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=within,
            check=False,
            start_new_session=True,  # Ctrl-C at a terminal is for the harness, which mends
        )
    except OSError as error:
        return f"{name} cannot be run: {error.strerror}"
    except subprocess.TimeoutExpired:
        return f"{name} did not end within {within:g} s"
    return f"{name} left with {ran.returncode}" if ran.returncode else ""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait until the mending is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting = {signal.SIGINT, signal.SIGTERM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, waiting)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
