"""Why a program ended, by its log: in plain lines, or in lines of JSON that have the traceback in a field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from stackproof.target.programs import REASON_CAP

LOG_LINES = 80
_BEGINNING = "Traceback "


def last_words(log: str) -> str:
    """The exception among the last lines, else the last line; "" where there is none."""
    lines = [line.rstrip() for line in log.splitlines() if line.strip()][-LOG_LINES:]
    for number in reversed(range(len(lines))):
        told = _exception(lines[number:]) if lines[number].startswith(_BEGINNING) else _in_a_field(lines[number])
        if told:
            return told[:REASON_CAP]
    return (lines or [""])[-1][:REASON_CAP]


def _exception(lines: Sequence[str]) -> str:
    """What stands under a traceback's beginning."""
    return next((line for line in lines[1:] if not line.startswith(" ")), "")


def _in_a_field(line: str) -> str:
    """The exception that a line of JSON has as text, or as structlog's dict_tracebacks write it."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    for value in data.values() if isinstance(data, dict) else ():
        if isinstance(value, str) and _BEGINNING in value:
            return _exception([one for one in value[value.rindex(_BEGINNING) :].splitlines() if one.strip()])
        last: Any = value[-1] if isinstance(value, list) and value else None
        if isinstance(last, dict) and "exc_type" in last:
            return f"{last['exc_type']}: {last.get('exc_value', '')}"
    return ""
