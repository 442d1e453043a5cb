"""Patterns of ids, as the command line takes them: `*` stands for anything."""

from __future__ import annotations

import re
from collections.abc import Collection
from fnmatch import translate
from functools import lru_cache


def fits(name: str, patterns: Collection[str]) -> bool:
    """Whether one of the patterns names it; no pattern at all names everything."""
    return not patterns or _together(tuple(patterns)).match(name) is not None


@lru_cache(maxsize=4096)
def _together(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all of them: a run asks some hundred thousand times."""
    return re.compile("|".join(translate(one) for one in patterns))
