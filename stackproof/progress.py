"""Live progress on standard error: a moving line at a terminal, plain lines in a log, nothing when quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status
from rich.text import Text

from stackproof.report.model import PhasePart
from stackproof.verdict import CheckResult, Verdict


class Progress:
    """Says what is going on, and keeps how long each phase took."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
        self._live: Status | None = None
        self._done = 0
        self._violated = 0
        self.phases: list[PhasePart] = []

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """A stretch of the run's time."""
        started = time.monotonic()
        self.say(name)
        try:
            yield
        finally:
            self.phases.append(PhasePart(name=name, seconds=round(time.monotonic() - started, 3)))

    def say(self, line: str) -> None:
        """One line of what is going on."""
        if self._live is not None:
            self._live.update(Text(line))
        if not self._console.is_terminal:
            self._console.print(Text(f"· {line}"))

    def result(self, result: CheckResult) -> None:
        """A check has ended."""
        self._done += 1
        self._violated += result.verdict is Verdict.VIOLATED
        line = f"{self._done} verdicts, {self._violated} violated: {result.requirement} {result.verdict}"
        if self._live is not None:
            self._live.update(Text(line))
        elif result.verdict in {Verdict.VIOLATED, Verdict.ERROR}:
            self._console.print(Text(f"· {result.verdict}: {result.requirement} ({result.check})"))

    @contextmanager
    def shown(self) -> Iterator[Progress]:
        """Show the moving line for as long as this lasts."""
        if not self._console.is_terminal:
            yield self
            return
        with self._console.status(Text("starting"), spinner="dots") as live:
            self._live = live
            try:
                yield self
            finally:
                self._live = None


def out() -> Console:
    """The console of standard output: no colour codes when piped, wide lines whole."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)
