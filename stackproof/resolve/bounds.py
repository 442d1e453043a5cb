"""Constraints without their cap or their floor, moved ones, and how far a version is from another."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from stackproof.spec.jsonable import constraint_text

_PLACES = 5  # of a version, when two are compared


def numbers_of(one: Specifier) -> tuple[int, ...]:
    """The numbers as written behind an operator, `.*` left out; none where it is no version."""
    try:
        return Version(one.version.removesuffix(".*")).release
    except InvalidVersion:
        return ()


def dotted(numbers: Iterable[int]) -> str:
    """(5, 2) as "5.2"."""
    return ".".join(map(str, numbers))


def following(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The release line after this one: (5, 3) after (5, 2)."""
    return (*numbers[:-1], numbers[-1] + 1)


def uncapped(constraint: SpecifierSet) -> SpecifierSet:
    """What is left of a constraint without its upper bounds."""
    kept = []
    for one in constraint:
        if one.operator in {">=", ">", "!="}:
            kept.append(str(one))
        elif one.operator in {"~=", "=="} and numbers_of(one):
            kept.append(f">={dotted(numbers_of(one))}")
    return SpecifierSet(",".join(kept))


def unfloored(constraint: SpecifierSet) -> SpecifierSet:
    """What is left of a constraint without its lower bounds."""
    kept = []
    for one in constraint:
        numbers = numbers_of(one)
        if one.operator in {"<", "<=", "!="}:
            kept.append(str(one))
        elif one.operator == "~=" and len(numbers) > 1:
            kept.append(f"<{dotted(following(numbers[:-1]))}")
        elif one.operator == "==" and numbers:
            kept.append(f"<{dotted(following(numbers))}" if one.version.endswith(".*") else f"<={one.version}")
    return SpecifierSet(",".join(kept))


def floor_of(constraint: SpecifierSet) -> tuple[int, ...] | None:
    """The release line with which a constraint begins: the highest of its lower bounds; None without one."""
    bounds = [numbers_of(one) for one in constraint if one.operator in {">=", "~="}]
    return max((one for one in bounds if one), default=None)


def cap_of(constraint: SpecifierSet) -> tuple[int, ...] | None:
    """The numbers with which a constraint ends, whatever the operator; None without an upper bound."""
    bounds = [numbers_of(one) for one in unfloored(constraint) if one.operator in {"<", "<="}]
    return min((one for one in bounds if one), default=None)


def raised(constraint: SpecifierSet, to: Version) -> str | None:
    """The constraint with a cap just above a version, as finely as the old cap: `<6.0` becomes `<7.0` for 6.4."""
    cap = cap_of(constraint)
    if cap is None:
        return None
    places = max(1, len(cap) - 1) if cap[-1] == 0 and len(cap) > 1 else len(cap)
    ending = (*following(_cut(to, places)), *[0] * (len(cap) - places))
    return constraint_text(uncapped(constraint) & SpecifierSet(f"<{dotted(ending)}"))


def lowered(constraint: SpecifierSet, to: Version) -> str | None:
    """The constraint with its floor at a version's release line, as finely as the old floor."""
    floor = floor_of(constraint) or next((numbers_of(one) for one in constraint if numbers_of(one)), None)
    if floor is None:
        return None
    return constraint_text(unfloored(constraint) & SpecifierSet(f">={dotted(_cut(to, len(floor)))}"))


def refloored(constraint: SpecifierSet, to: Version) -> str:
    """The constraint with a higher floor: that of a version's release line, or the version where that is not enough."""
    floor = floor_of(constraint) or ()
    line = _cut(to, max(1, len(floor)))
    start = dotted(line) if Version(dotted(line)) > Version(dotted(floor or (0,))) else str(to)
    kept = [str(one) for one in constraint if one.operator not in {">=", ">", "~="}]
    kept += [str(one) for one in unfloored(SpecifierSet(",".join(str(i) for i in constraint if i.operator == "~=")))]
    return constraint_text(SpecifierSet(",".join([*kept, f">={start}"])))


def step(old: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...]:
    """How far apart: (0, 1) from 5.2 to 5.3, (1, 2) from 5.2 to 6.0; a smaller one is a smaller change."""
    apart = tuple(abs(one - other) for one, other in zip_longest(old, new, fillvalue=0))
    return (*apart, *[0] * _PLACES)[:_PLACES]


def written_like(sample: str, version: tuple[int, ...]) -> str:
    """A release line in the way that another is written: "2.8.x" after "2.7.x"."""
    return dotted(version) + (".x" if ".x" in sample.lower() or ".*" in sample else "")


def _cut(version: Version, places: int) -> tuple[int, ...]:
    return (*version.release, *[0] * places)[:places]
