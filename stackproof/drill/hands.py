"""The harness's side of `mechanic`: asks it to break and to mend, and sees that it has mended before it goes."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType

from stackproof.descriptor.drill import Part
from stackproof.drill import journal
from stackproof.errors import InfrastructureError

PROGRAM = Path(__file__).with_name("mechanic.py")


class Hands:
    """One part of the target, whole again at the end of the context whatever ends it.

    An exception and Ctrl-C are followed by mending here; after a SIGKILL of this process the mechanic mends by itself.
    """

    def __init__(self, name: str, part: Part) -> None:
        self._name = name
        self._part = part
        self._stopped = False

    def __enter__(self) -> Hands:
        self._mechanic = subprocess.Popen(
            [sys.executable, "-S", "-E", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=journal.outlets[-1] if journal.outlets else None,
            text=True,
            start_new_session=True,  # Ctrl-C at a terminal is for the harness
        )
        part = self._part
        self._tell({"name": self._name, "stop": part.stop, "start": part.start, "within": part.within})
        return self

    def stop(self) -> str:
        """Break the part; gives "" or why that failed."""
        self._stopped = True
        return self._ask("stop")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with undisturbed():
            trouble = self._ask("start") if self._stopped else ""
            self._tell("leave")
            for pipe in (self._mechanic.stdin, self._mechanic.stdout):
                with contextlib.suppress(OSError):
                    if pipe:
                        pipe.close()
            self._mechanic.wait()
            cut_short = kind is not None and not issubclass(kind, Exception)
            if self._stopped and cut_short:
                done = f"could not be started again: {trouble}" if trouble else "was started again"
                journal.cut_short.append(f"the drill had stopped [drill.{self._name}], which {done}")
            if trouble:
                journal.unmended.append(trouble)
        if trouble:
            raise InfrastructureError(trouble, hint="the target stays broken until then") from error

    def _tell(self, what: object) -> None:
        with contextlib.suppress(OSError):
            if self._mechanic.stdin:
                self._mechanic.stdin.write(json.dumps(what) + "\n")
                self._mechanic.stdin.flush()

    def _ask(self, word: str) -> str:
        self._tell(word)
        for line in self._mechanic.stdout or ():
            about, trouble = json.loads(line)
            if about == word:
                return str(trouble)
        return f"the process that runs drill.{self._name}.{word} has died"


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait until the context is left.

    By handlers and not by a mask, which every process that is started meanwhile would inherit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt
