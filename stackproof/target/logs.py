"""What the service's processes write, from a moment on: `[logs]` of the descriptor, as files or as a command's output.

Lines are bytes of somebody else's making: every size is bounded, and nothing of them is shown here.
"""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from stackproof.check import not_assessed
from stackproof.descriptor.model import Logs
from stackproof.target.messages import value_at
from stackproof.target.programs import finished

READ_CAP = 32 * 1024 * 1024  # bytes of one source that are read at a time: the last ones
JSON_CAP = 1024 * 1024  # bytes of a line that are parsed
TAIL = 20  # lines by which the place in a command's output is known again
SIBLINGS = 50  # files beside a rotated one that are looked at
COMMAND_WITHIN = 20.0  # seconds
LOOK_EVERY = 0.1  # seconds; a command is run less often
RUN_EVERY = 0.7

# What docker compose, docker --timestamps and kubectl --prefix put in front of each line
_PREFIX = re.compile(rb"^(?:[\w.-]+ +\| |\d{4}-\d\d-\d\dT[\d:.]+Z |\[pod/[^\]\s]+\] )(?=\S)")


@dataclass(frozen=True)
class Line:
    """One line of a log, without its end.

    Attributes:
        source: the file's name, or that of the command.
    """

    source: str
    raw: bytes

    @cached_property
    def data(self) -> Mapping[str, Any] | None:
        """The object of JSON that the line is, or None where it is none."""
        if len(self.raw) > JSON_CAP:
            return None
        try:
            found = json.loads(self.raw)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def at(self, dotted: str) -> Any:
        """The value of a field; a dot leads into an object, unless the whole name is a field itself."""
        if self.data is not None and dotted in self.data:
            return self.data[dotted]
        return value_at(self.data, dotted)

    def holds(self, text: str) -> bool:
        """Whether a text of ASCII stands in it."""
        return text.encode() in self.raw

    def fields_with(self, form: bytes) -> list[str]:
        """Names of the fields, dotted, that hold these bytes; empty where the line is no object."""
        found: list[str] = []

        def walk(value: Any, path: str, depth: int) -> None:
            if isinstance(value, Mapping) and depth < 8:
                for key, one in value.items():
                    walk(one, f"{path}.{key}" if path else str(key), depth + 1)
            elif form in json.dumps(value).encode() or form in str(value).encode("utf-8", "replace"):
                found.append(path[:80])

        walk(self.data, "", 0)
        return [one for one in found if one]


@dataclass(frozen=True, slots=True)
class Window:
    """The lines since a mark.

    Attributes:
        gap: why lines may be missing, or "".
    """

    lines: tuple[Line, ...]
    gap: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a file ended."""

    device: int = 0
    inode: int = 0
    size: int = 0
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: where each file ended, and the last lines that the command printed."""

    files: Mapping[Path, _Place] = field(default_factory=dict)
    printed: tuple[tuple[bytes, ...], ...] = ()


START = Mark(printed=((), ()))  # before everything that can still be read


class LogReader:
    """Reads the log from marks on.

    Raises:
        NotAssessed: from every method, where a file cannot be read or the command fails; what the command printed
            is not told.
    """

    def __init__(self, logs: Logs | None) -> None:
        if logs is None or not (logs.files or logs.command):
            not_assessed("stackproof.toml has no [logs] table with files or a command: what the service writes")
        self.described: Logs = logs

    def mark(self) -> Mark:
        """From now on."""
        files = {path: _place(path) for path in self.described.files}
        printed = tuple(tuple(lines[-TAIL:]) for lines in self._printed()) if self.described.command else ((), ())
        return Mark(files, printed)

    def since(self, mark: Mark) -> Window:
        """The whole lines that were written since; one that has no end yet is left for later."""
        lines: list[Line] = []
        gaps: list[str] = []
        for path in self.described.files:
            found, gap = _read(path, mark.files.get(path, _Place()))
            lines += [Line(path.name, one) for one in found if one.strip()]
            gaps += [gap] if gap else []
        if self.described.command:
            name = self.described.command[0]
            for before, now in zip(mark.printed, self._printed(), strict=True):
                found, gap = _after(list(before), now)
                lines += [Line(name, _PREFIX.sub(b"", one)) for one in found if one.strip()]
                gaps += [f"logs.command ({name}): {gap}"] if gap else []
        return Window(tuple(lines), "; ".join(gaps))

    def wait(self, mark: Mark, found: Callable[[Window], bool], within: float) -> Window:
        """The lines since a mark once `found` is true of them, or those that there are when time is up."""
        deadline = time.monotonic() + within
        while True:
            window = self.since(mark)
            if found(window) or time.monotonic() > deadline:
                return window
            time.sleep(RUN_EVERY if self.described.command else LOOK_EVERY)

    def _printed(self) -> tuple[list[bytes], list[bytes]]:
        """Lines of the command's standard output and of its standard error: `docker logs` uses both."""
        command = self.described.command
        name = f"logs.command ({command[0]})"
        try:
            status, output, errors = finished(list(command), ".", dict(os.environ), COMMAND_WITHIN)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "a word of it is no text"
            not_assessed(f"{name} cannot be run: {reason}")
        if status is None:
            not_assessed(f"{name} did not end within {COMMAND_WITHIN:g} s; it has to print what there is, and end")
        if status:
            not_assessed(f"{name} left with {status}")
        return _lines(output), _lines(errors)


def _lines(text: bytes) -> list[bytes]:
    return [one.rstrip(b"\r") for one in text.split(b"\n") if one.strip()]


def _place(path: Path) -> _Place:
    try:
        with _opened(path) as handle:
            state = os.fstat(handle.fileno())
            whole = not state.st_size or os.pread(handle.fileno(), 1, state.st_size - 1) == b"\n"
            return _Place(state.st_dev, state.st_ino, state.st_size, whole)
    except FileNotFoundError:
        return _Place()  # it is made with its first line
    except OSError as error:
        not_assessed(f"logs.files: {path} cannot be read: {error.strerror}")


def _opened(path: Path) -> Any:
    """Open a file, and never wait for the other end of a pipe.

    Raises:
        OSError: it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        not_assessed(f"logs.files: {path} is no regular file; where the log is a stream, name a command instead")
    return os.fdopen(descriptor, "rb")


def _read(path: Path, place: _Place) -> tuple[list[bytes], str]:
    """The whole lines of a file since a place, across a rotation, and why some may be missing."""
    try:
        with _opened(path) as handle:
            state = os.fstat(handle.fileno())
            same = (state.st_dev, state.st_ino) == (place.device, place.inode)
            if same and state.st_size >= place.size:
                return _from(handle, place.size, state.st_size, whole=place.whole)
            earlier, gap = _rotated(path, place) if place.inode and not same else ([], "")
            if same:
                gap = f"{path.name} was cut short meanwhile"
            later, more = _from(handle, 0, state.st_size, whole=True)
            return [*earlier, *later], gap or more
    except FileNotFoundError:
        return _rotated(path, place) if place.inode else ([], "")
    except OSError as error:
        not_assessed(f"logs.files: {path} cannot be read: {error.strerror}")


def _rotated(path: Path, place: _Place) -> tuple[list[bytes], str]:
    """What the file still got before it was put aside under another name."""
    with suppress(OSError):
        for sibling in sorted(path.parent.glob(f"{path.name}*"))[:SIBLINGS]:
            with suppress(OSError):
                state = sibling.stat()
                if (state.st_dev, state.st_ino) == (place.device, place.inode):
                    with _opened(sibling) as handle:
                        return _from(handle, place.size, state.st_size, whole=place.whole)
    return [], f"{path.name} was put aside meanwhile, and is not found again beside it"


def _from(handle: Any, begin: int, end: int, *, whole: bool) -> tuple[list[bytes], str]:
    gap = ""
    if end - begin > READ_CAP:
        begin, whole = end - READ_CAP, False
        gap = f"more than {READ_CAP >> 20} MiB were written; the first are left out"
    handle.seek(begin)
    text: bytes = handle.read(end - begin)
    text = text[: text.rfind(b"\n") + 1]
    if not whole:
        text = text[text.find(b"\n") + 1 :]
    return text.split(b"\n"), gap


def _after(tail: list[bytes], now: list[bytes]) -> tuple[list[bytes], str]:
    """What follows the lines that were the last ones; the beginning of an output may be gone meanwhile."""
    for size in range(len(tail), 0, -1):
        known = tail[-size:]
        starts = range(len(now) - size, -1, -1) if size == len(tail) else (0,)
        for start in starts:
            if now[start : start + size] == known:
                return now[start + size :], ""
    return now, "its output does not reach back to the lines of before; let it print more of them" if tail else ""
