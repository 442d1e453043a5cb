"""Running a program of the target's, bounded in time and output, with nothing of it left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import IO

OUTPUT_CAP = 4 * 1024 * 1024  # bytes of a program's output that are kept: the last ones
REASON_CAP = 400  # characters

_INPUT = re.compile(r"input_value=.*?(?=, input_type=|\]|$)")  # pydantic shows what it was given


def finished(
    command: list[str], folder: str, environment: dict[str, str], within: float
) -> tuple[int | None, bytes, bytes]:
    """(exit status or None where time was up, last bytes of stdout, of stderr); nothing that it started stays.

    Raises:
        OSError: the program cannot be started.
    """
    kept = bytearray(), bytearray()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a wrapper's children are ended with it
    ) as process:
        deadline = time.monotonic() + within
        readers = [
            threading.Thread(target=_drain, args=(stream, into), daemon=True)
            for stream, into in zip((process.stdout, process.stderr), kept, strict=True)
        ]
        try:
            for reader in readers:
                reader.start()
            with suppress(subprocess.TimeoutExpired):
                process.wait(within)
            status = process.poll()
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        for reader in readers:
            reader.join(max(1.0, deadline - time.monotonic()))
    return status, bytes(kept[0]), bytes(kept[1])


def _drain(stream: IO[bytes], into: bytearray) -> None:
    """Read to the end and keep the last `OUTPUT_CAP` bytes."""
    with suppress(OSError, ValueError):  # closed under us where somebody else still holds the other end
        while chunk := stream.read1(65_536):  # type: ignore[attr-defined]
            into += chunk
            del into[: max(0, len(into) - OUTPUT_CAP)]


def said(errors: bytes) -> str:
    """The exception that ended the interpreter, in one line: a traceback's last lines, else the last line."""
    lines = [line.rstrip() for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines:
        return ""
    traces = [number for number, line in enumerate(lines) if line.startswith("Traceback ")]
    after = range(traces[-1] + 1, len(lines)) if traces else ()
    start = next((number for number in after if not lines[number].startswith(" ")), -1)
    text = " ".join(line.strip() for line in lines[start:])
    return _INPUT.sub("input_value=…", text)[:REASON_CAP]
