"""What a line of a log says, judged by the fields that the descriptor names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from stackproof.descriptor.model import Logs
from stackproof.target.logs import Line

LEVELS = {
    *("trace", "debug", "info", "information", "notice", "warn", "warning", "error", "err", "exception", "critical"),
    *("fatal", "alert", "emergency", "emerg", "severe", "default"),
}
EPOCH = (946_684_800.0, 4_102_444_800.0)  # 2000 to 2100, in seconds
_LONG_WORD = re.compile(r"[^\s\"'=:,;()\[\]{}]{16,}")
SHOWN = 80  # characters of a line that is no JSON


def time_of(value: Any) -> str:
    """ "" where a value tells a moment beyond doubt, else what is wrong with it."""
    if isinstance(value, bool) or value is None or value == "":
        return "is empty"
    if isinstance(value, int | float):
        return "" if _is_epoch(float(value)) else "is a number that is no time since 1970"
    text = str(value).strip()
    if re.fullmatch(r"\d{9,19}(\.\d+)?", text):
        return "" if _is_epoch(float(text)) else "is a number that is no time since 1970"
    try:
        moment = datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return "is no ISO 8601 time"
    if len(text) < len("2026-01-01T00:00"):
        return "is a day without a time"
    return "" if moment.tzinfo else "has no time zone"


def _is_epoch(number: float) -> bool:
    """Seconds, milliseconds, microseconds or nanoseconds."""
    return any(EPOCH[0] <= number / unit <= EPOCH[1] for unit in (1, 1e3, 1e6, 1e9))


def _is_level(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, str) and bool(value.strip()))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def faults_of_line(line: Line, logs: Logs) -> dict[str, str]:
    """{key of [logs]: what is wrong} of a line that is an object."""
    faults = {}
    wrong = time_of(line.at(logs.time))
    if wrong:
        faults["time"] = f"{logs.time!r} {wrong}"
    if not _is_level(line.at(logs.level)):
        faults["level"] = f"{logs.level!r} is empty"
    if not _is_text(line.at(logs.event)):
        faults["event"] = f"{logs.event!r} is empty"
    return faults


def other_field(lines: Iterable[Line], logs: Logs, key: str) -> str:
    """A field of another name that holds in every line what `[logs]` names for `key`, or ""."""
    tests: dict[str, Callable[[str, Any], bool]] = {
        "time": lambda _name, value: not time_of(value),
        "level": lambda _name, value: isinstance(value, str) and value.lower() in LEVELS,
        "event": lambda name, value: name.rpartition(".")[2].lower() in {"event", "msg", "message"} and _is_text(value),
    }
    fits = tests[key]
    named: str = getattr(logs, key)
    common: set[str] | None = None
    for line in lines:
        flat = flattened(line.data or {})
        if line.at(named) is not None:
            return ""
        names = {name for name, value in flat.items() if fits(name, value)}
        common = names if common is None else common & names
    return min(common) if common else ""


def flattened(data: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """The leaves of an object by dotted name."""
    flat: dict[str, Any] = {}
    for key, value in list(data.items())[:100]:
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and depth < 4:
            flat |= flattened(value, f"{name}.", depth + 1)
        else:
            flat[name] = value
    return flat


def glimpse(line: Line) -> str:
    """The beginning of a line that is no object, without words long enough to be a secret."""
    text = line.raw[: 4 * SHOWN].decode("utf-8", "backslashreplace")
    return _LONG_WORD.sub("…", text)[:SHOWN]


def is_binary(lines: Iterable[Line]) -> bool:
    """Whether what was read is no text at all."""
    every = list(lines)
    return bool(every) and 2 * sum(b"\0" in one.raw for one in every) > len(every)
