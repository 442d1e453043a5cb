"""Patterns of ids, as the command line takes them: `*` stands for anything."""

from __future__ import annotations

from collections.abc import Collection
from fnmatch import fnmatchcase


def fits(name: str, patterns: Collection[str]) -> bool:
    """Whether one of the patterns names it; no pattern at all names everything."""
    return not patterns or any(fnmatchcase(name, one) for one in patterns)
