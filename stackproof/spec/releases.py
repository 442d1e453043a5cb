"""Release lines: "5.2.x LTS" as numbers, and whether a constraint admits any version of a line."""

from __future__ import annotations

import re
from itertools import zip_longest

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

_LINE = re.compile(r"\s*v?(\d{1,9}(?:\.\d{1,9}){0,4})(?:\.[x*]|\.?[+])?(?![\w.])", re.ASCII | re.IGNORECASE)
_HIGH = 99999


def release(written: str) -> tuple[int, ...] | None:
    """`(5, 2)` of "5.2.x LTS"; None if the words begin with no version."""
    match = _LINE.match(written)
    return tuple(int(number) for number in match[1].split(".")) if match else None


def admits(constraint: SpecifierSet, line: tuple[int, ...]) -> bool:
    """Whether the constraint admits at least one version of a release line.

    Tried are the line's lowest and highest versions and those around every bound that lies in the line, so that each
    stretch between two bounds has one that is tried.
    """
    tried = {line, (*line, 0), (*line, _HIGH), (*line, _HIGH, _HIGH)}
    for one in constraint:
        try:
            bound = Version(one.version.removesuffix(".*")).release
        except InvalidVersion:
            continue
        if _begins(bound, line):
            tried |= {bound, (*bound, 1), (*bound, _HIGH), (*bound[:-1], bound[-1] + 1)}
            if bound[-1]:
                tried.add((*bound[:-1], bound[-1] - 1, _HIGH))
    inside = (numbers for numbers in tried if _begins(numbers, line))
    return any(constraint.contains(".".join(map(str, numbers))) for numbers in inside)


def is_capped(constraint: SpecifierSet) -> bool:
    """Whether the constraint has an upper bound of any kind."""
    return any(one.operator in {"<", "<=", "~=", "==", "==="} for one in constraint)


def _begins(numbers: tuple[int, ...], line: tuple[int, ...]) -> bool:
    return all(have == want for have, want in zip_longest(numbers[: len(line)], line, fillvalue=0))
