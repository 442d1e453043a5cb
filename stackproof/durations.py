"""Durations as people write them on the command line: 90, 90s, 20m, 1h, 1h30m."""

from __future__ import annotations

import re

from stackproof.errors import UsageError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def seconds_of(text: str, option: str) -> float:
    """The duration in seconds; a bare number is seconds.

    Raises:
        UsageError: the text is no duration; `option` is named.
    """
    compact = text.strip().lower().replace(" ", "")
    if re.fullmatch(r"\d+(\.\d+)?", compact):
        return float(compact)
    if compact and re.fullmatch(f"(?:{_PART.pattern})+", compact):
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(compact))
    raise UsageError(f"{option}: {text!r} is no duration", hint="write it as 90s, 20m or 1h30m")
