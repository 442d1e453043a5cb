"""What specifier sets admit, compared exactly (PEP 440); `packaging` does the arithmetic.

A constraint of the document speaks of every version, as `expect.that(...).is_inside` does. A requirement that somebody
declares admits what an installer would take for it: pre-releases only where it names one (PEP 440, "Handling of
pre-releases").
"""

from __future__ import annotations

from collections.abc import Iterator

from packaging.ranges import VersionRange
from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

EVERYTHING = SpecifierSet(">=0.dev0")


def is_within(declared: SpecifierSet, constraint: SpecifierSet) -> bool:
    """Whether all that a requirement admits lies inside the constraint."""
    literal = _literal(declared)
    if literal is not None:
        return _contains(declared, literal) <= _contains(constraint, literal)
    return _range(declared, declared).is_subset(_range(constraint, declared))


def is_apart(declared: SpecifierSet, constraint: SpecifierSet) -> bool:
    """Whether nothing that a requirement admits lies inside the constraint."""
    literal = _literal(declared)
    if literal is not None:
        return not (_contains(declared, literal) and _contains(constraint, literal))
    return _range(declared, declared).is_disjoint(_range(constraint, declared))


def is_empty(declared: SpecifierSet) -> bool:
    """Whether a requirement admits nothing at all."""
    literal = _literal(declared)
    return _range(declared, declared).is_empty if literal is None else not _contains(declared, literal)


def outside(declared: SpecifierSet, constraint: SpecifierSet) -> str:
    """A version that the requirement admits and the constraint rules out, or "" where none is near the bounds.

    The first one past the constraint; below it, the requirement's own first one, or the last one before the constraint.
    """
    found = [
        one
        for one in set(_near(declared, constraint))
        if _takes(declared, one) and not constraint.contains(one, prereleases=True)
    ]
    plain = sorted(one for one in found if not one.is_prerelease and not one.is_postrelease) or sorted(found)
    if not plain:
        return ""
    begins = floor_of(constraint)
    past = [one for one in plain if begins is not None and one > begins]
    if past or begins is None:
        return str((past or plain)[0])
    return str(plain[0] if floor_of(declared) is not None else plain[-1])


def both(declared: SpecifierSet, constraint: SpecifierSet) -> SpecifierSet:
    """The part of the constraint that the requirement admits, in few words; the constraint where there is none."""
    if is_apart(declared, constraint) or _literal(declared) is not None:
        return constraint
    shared = _range(declared, declared) & _range(constraint, declared)
    if shared == _range(constraint, declared):
        return constraint
    return SpecifierSet(str(shared.to_specifier_set() or declared & constraint))


def floor_of(declared: SpecifierSet) -> Version | None:
    """The highest lower bound that is written there; None where there is none."""
    bounds = [_version(one) for one in declared if one.operator in {">=", ">", "~=", "==", "==="}]
    return max((one for one in bounds if one is not None), default=None)


def _range(specifiers: SpecifierSet, asked: SpecifierSet) -> VersionRange:
    """The range of a set; both sides of a comparison have the policy on pre-releases of the requirement that asks."""
    opted = asked.prereleases is True
    return SpecifierSet(str(specifiers) or str(EVERYTHING), prereleases=None if opted else False).to_range()


def _takes(declared: SpecifierSet, version: Version) -> bool:
    return bool(declared.contains(version, prereleases=declared.prereleases is True))


def _literal(declared: SpecifierSet) -> str | None:
    """The text behind `===`, which admits that text alone."""
    return next((one.version for one in declared if one.operator == "==="), None)


def _contains(specifiers: SpecifierSet, literal: str) -> bool:
    return bool(specifiers.contains(literal, prereleases=True))


def _version(specifier: Specifier) -> Version | None:
    try:
        return Version(specifier.version.removesuffix(".*"))
    except InvalidVersion:  # behind ===, where any text may stand
        return None


def _near(*sets: SpecifierSet) -> Iterator[Version]:
    """The versions at the bounds of the sets, and those beside them."""
    bounds = [one for one in (_version(part) for specifiers in sets for part in specifiers) if one is not None]
    yield from bounds  # first, for of equal versions the one that is written there is shown
    yield from (Version("0"), Version("1"), Version("99999"))
    for version in bounds:
        epoch = f"{version.epoch}!" if version.epoch else ""
        release = (*version.release, 0, 0)[:3]
        yield Version(f"{epoch}{'.'.join(map(str, version.release))}")
        yield Version(f"{epoch}{'.'.join(map(str, version.release))}.post1")
        for place in range(3):
            for step in (1, -1):
                moved = [*release[:place], release[place] + step]
                if moved[-1] >= 0:
                    yield Version(f"{epoch}{'.'.join(map(str, moved))}")
        yield Version(f"{epoch}{'.'.join(map(str, (*version.release, 1)))}")
