"""Base backups of PostgreSQL, by the commands of the descriptor."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from stackproof.check import not_assessed
from stackproof.descriptor.backup import Backup
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder

OUTPUT_CAP = 64 * 1024  # bytes of what a command printed that are read: the last ones
FAILED = 1  # exit code by which a command says that what it did failed


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that was run to its end: its exit code, and the last line that it printed, which may be a secret."""

    code: int
    line: str


def backup_of(descriptor: Descriptor) -> Backup:
    """The table of the descriptor.

    Raises:
        NotAssessed: there is none.
    """
    backup = descriptor.postgres.backup if descriptor.postgres else None
    if backup is None:
        not_assessed("stackproof.toml has no [postgres.backup] table: how base backups are found")
    return backup


def run_command(
    key: str, command: Sequence[str], within: float, started: Callable[[int], None] = lambda _: None
) -> Ran:
    """Run one of the commands; what it starts in the background lives on.

    Args:
        started: is told of the process, which leads a group of its own.

    Raises:
        NotAssessed: it cannot be run, or did not end in time. What it printed is not told: there may be a secret in it.
    """
    name = f"postgres.backup.{key} ({command[0]})"
    with tempfile.TemporaryFile(prefix="stackproof-output-") as output:  # a pipe would stay open with the background
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C at a terminal is for the harness, which tidies up
            )
        except (OSError, ValueError) as error:
            not_assessed(f"{name} cannot be run: {error.strerror if isinstance(error, OSError) else error}")
        started(process.pid)
        try:
            code = process.wait(within)
        except BaseException as error:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                not_assessed(f"{name} did not end within {within:g} s (postgres.backup.within)")
            raise
        output.seek(max(0, output.seek(0, os.SEEK_END) - OUTPUT_CAP))
        lines = [line for line in output.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return Ran(code, lines[-1].strip() if lines else "")


class Backups:
    """What is known of the base backups."""

    def __init__(self, descriptor: Descriptor, recorder: Recorder) -> None:
        self._backup = backup_of(descriptor)
        self._recorder = recorder

    def newest(self) -> datetime | None:
        """When the newest base backup was taken; None where it was seen that there is none.

        Raises:
            NotAssessed: nobody says, or what was said is no time.
        """
        if self._backup.newest:
            return self._by_command(self._backup.newest)
        if self._backup.folder is None:
            not_assessed("[postgres.backup] has neither newest nor folder: when the newest base backup was taken")
        try:
            entries = [one for one in self._backup.folder.iterdir() if not one.name.startswith(".")]
            times = {one.name: one.stat().st_mtime for one in entries}
        except OSError as error:
            not_assessed(f"postgres.backup.folder cannot be read: {error.strerror}")
        name = max(times, key=lambda one: times[one], default="")
        self._recorder.add("file", f"{len(times)} base backups in {self._backup.folder}", newest=name)
        return datetime.fromtimestamp(times[name], UTC) if times else None

    def _by_command(self, command: Sequence[str]) -> datetime | None:
        ran = run_command("newest", command, self._backup.within)
        name = f"postgres.backup.newest ({command[0]})"
        if ran.code:
            not_assessed(f"{name} left with {ran.code}")
        self._recorder.add("command", f"{name} printed: {ran.line[:80] or 'nothing'}")
        return time_in(ran.line, name) if ran.line else None


def time_in(text: str, name: str) -> datetime:
    """A time in ISO 8601 with its offset, or in seconds since 1970.

    Raises:
        NotAssessed: it is none.
    """
    if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        not_assessed(f"{name} ended with a line that is no time in ISO 8601, such as 2026-11-25T02:00:00Z")
    if read.tzinfo is None:
        not_assessed(f"{name} printed a time without an offset: write 2026-11-25T02:00:00Z, or +01:00 at its end")
    return read.astimezone(UTC)
