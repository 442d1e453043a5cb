"""Which packages of a lock an interpreter takes, by the markers (PEP 508) on the way to each."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from stackproof.check import not_assessed
from stackproof.project.model import Edge, Lock, Locked, Use
from stackproof.spec.support import support_of

_MACHINES = ("x86_64", "aarch64")
_NEWEST_MINOR = 40  # what admits it has no upper bound, and is judged on the releases that are known


_EXTRA = re.compile(r"\bextra == ['\"]([^'\"]+)['\"]")
_QUOTED = re.compile(r"['\"]([^'\"]+)['\"]")
_PATCHES = ("0", "99")  # a marker may tell the releases of one line apart


@lru_cache(maxsize=128)
def minors_of(*constraints: str | SpecifierSet) -> tuple[str, ...]:
    """The lines of Python 3 that every constraint admits some release of: "3.12", "3.13"; "" admits all.

    Without an upper bound they end with the newest line that `spec/support.toml` knows.
    """
    sets = [one if isinstance(one, SpecifierSet) else SpecifierSet(one) for one in constraints]
    found = [minor for minor in range(_NEWEST_MINOR + 1) if _admits_some(minor, sets)]
    if _NEWEST_MINOR in found:
        known = max(int(one.partition(".")[2]) for one in support_of("Python").ends)
        found = [one for one in found if one <= known]
    return tuple(f"3.{one}" for one in found)


def _admits_some(minor: int, sets: Sequence[SpecifierSet]) -> bool:
    releases = [f"3.{minor}.{patch}" for patch in range(100)]
    for one in sets:
        releases = list(one.filter(releases))
    return bool(releases)


def specifiers_of(text: str, where: str) -> SpecifierSet:
    """Specifiers that a file states.

    Raises:
        NotAssessed: they are none.
    """
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        not_assessed(f"{where}: {text[:80]!r} is no set of version specifiers (PEP 440)")


def environments(minors: Iterable[str]) -> list[dict[str, str]]:
    """Markers of CPython on Linux, the platform of the document's images, for these lines of Python."""
    return [
        {
            "implementation_name": "cpython",
            "implementation_version": f"{minor}.{patch}",
            "os_name": "posix",
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{minor}.{patch}",
            "python_version": minor,
            "sys_platform": "linux",
        }
        for minor in minors
        for patch in _PATCHES
        for machine in _MACHINES
    ]


def taken(lock: Lock, environment: Mapping[str, str], uses: Collection[Use] = tuple(Use)) -> tuple[Locked, ...]:
    """The packages that an interpreter with these markers gets, for these uses.

    Raises:
        NotAssessed: a marker of the lock cannot be read.
    """
    return _taken(lock, tuple(sorted(environment.items())), frozenset(uses))


@lru_cache(maxsize=256)
def _taken(lock: Lock, environment: tuple[tuple[str, str], ...], uses: frozenset[Use]) -> tuple[Locked, ...]:
    def holds(marker: str) -> bool:
        return marker_holds(marker, environment, lock.file)

    def holds_with_an_extra(marker: str) -> bool:  # of the project's own, which Poetry writes into markers
        named = dict.fromkeys(_EXTRA.findall(marker))
        return holds(marker) or any(marker_holds(marker, (*environment, ("extra", one)), lock.file) for one in named)

    if not lock.asked:
        return tuple(one for one in lock.packages if one.use in uses and holds_with_an_extra(one.marker))
    starts = [one for one in lock.asked if one.use in uses]
    numbers = reached(starts, lock.needs, holds)
    return tuple(one for number, one in enumerate(lock.packages) if number in numbers and holds(one.marker))


def reached(
    starts: Iterable[Edge],
    needs: Mapping[tuple[int, str], Sequence[Edge]],
    holds: Callable[[str], bool] = lambda _: True,
) -> set[int]:
    """Numbers of the packages that the edges lead to, as far as their markers hold."""
    seen: set[tuple[int, str]] = set()
    waiting = list(starts)
    while waiting:
        edge = waiting.pop()
        if edge.marker and not holds(edge.marker):
            continue
        for extra in ("", *edge.extras):
            if (edge.package, extra) not in seen:
                seen.add((edge.package, extra))
                waiting += needs.get((edge.package, extra), ())
    return {number for number, _ in seen}


@lru_cache(maxsize=16_384)
def marker_holds(marker: str, environment: tuple[tuple[str, str], ...], where: str) -> bool:
    """Whether a marker holds for an interpreter; an extra is asked for where the environment names it.

    Raises:
        NotAssessed: it cannot be read.
    """
    if not marker:
        return True
    parsed = _parsed(marker)
    if parsed is None:
        not_assessed(f"{where}: the marker {marker[:120]!r} cannot be read here")
    every = frozenset(_QUOTED.findall(marker))  # groups and extras of PEP 751: each that is named is asked for
    try:
        return parsed.evaluate({"extra": "", "extras": every, "dependency_groups": every, **dict(environment)})
    except (UndefinedComparison, UndefinedEnvironmentName, ValueError, TypeError):
        not_assessed(f"{where}: the marker {marker[:120]!r} cannot be evaluated here")


@lru_cache(maxsize=4_096)
def _parsed(marker: str) -> Marker | None:
    try:
        return Marker(marker)
    except (InvalidMarker, RecursionError):
        return None
