"""What PostgreSQL's settings and counters say of the archive of its write-ahead log."""

from __future__ import annotations

import re

_PARTS = re.compile(r"&&|\|\||[;|\n]")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=\S*")
_IDLE = {"true", "false", ":", "exit", "echo", "printf", "test", "[", "cd", "sleep"}  # they keep no file anywhere
_SEGMENT = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})")


def programs_of(command: str) -> list[str]:
    """The first word of each part of a shell's command line, without its folder and without assignments."""
    found = []
    for part in _PARTS.split(command):
        words = part.split()
        while words and _ASSIGNED.fullmatch(words[0]):
            words.pop(0)
        if words:
            found.append(words[0].strip("'\"").rpartition("/")[2])
    return found


def why_nothing_is_kept(command: str) -> str:
    """Why a command that PostgreSQL runs for each finished segment can keep none of them, or ""."""
    programs = programs_of(command)
    if not programs or command == "(disabled)":
        return "it is empty"
    if all(one in _IDLE for one in programs):
        return f"it does nothing with the file ({' and '.join(programs)})"
    if "%p" not in command and "%f" not in command:
        return f"it does not name the file (neither %p nor %f follows {programs[-1]})"
    return ""


def segments_between(archived: str, current: str, segment_size: int) -> int | None:
    """Finished segments after the archived one and before the current one; None where the names do not tell."""
    ends = [_SEGMENT.match(name) for name in (archived, current)]
    if ends[0] is None or ends[1] is None:
        return None
    per_log = 2**32 // segment_size
    first, last = (int(one[2], 16) * per_log + int(one[3], 16) for one in ends if one is not None)
    return max(0, last - first - 1)
