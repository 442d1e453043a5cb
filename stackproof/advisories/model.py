"""Releases, and what is known against them, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """One version of a package that a project chose.

    Attributes:
        name: normalised (PEP 503).
        where: "uv.lock:12", or the interpreter that has it installed.
    """

    name: str
    version: str
    where: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Known:
    """A vulnerability of a release.

    Attributes:
        ids: every name that it has: CVE, GHSA, PYSEC.
        fixed: versions that end it, the lowest first; empty where none is known.
    """

    release: Release
    ids: tuple[str, ...]
    fixed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The CVE where it has one."""
        return next((one for one in self.ids if one.startswith("CVE-")), self.ids[0])


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of looking for vulnerabilities.

    Attributes:
        known: in the order of the releases.
        looked_at: releases that a source has an answer for.
        left: releases that were not looked at, with the reason.
        source: where the answers come from, for a sentence.
        age: a sentence where the source's data are too old to say that nothing is known; "" otherwise.
    """

    known: tuple[Known, ...]
    looked_at: int
    left: tuple[tuple[Release, str], ...]
    source: str
    age: str = ""


def merged(found: Iterable[Known]) -> tuple[Known, ...]:
    """One entry for each vulnerability of a release: records that share a name are one."""
    groups: list[tuple[Release, set[str], set[str]]] = []
    for one in found:
        ids, fixed = set(one.ids), set(one.fixed)
        for other in [group for group in groups if group[0] == one.release and group[1] & ids]:
            groups.remove(other)
            ids |= other[1]
            fixed |= other[2]
        groups.append((one.release, ids, fixed))
    ordered = sorted(groups, key=lambda group: (group[0], sorted(group[1])))
    return tuple(Known(one, tuple(sorted(ids)), in_order(fixed)) for one, ids, fixed in ordered)


def in_order(versions: Iterable[str]) -> tuple[str, ...]:
    """Versions, the lowest first; those that are none are left out."""
    read = {}
    for one in versions:
        try:
            read[Version(one)] = one
        except InvalidVersion:
            continue
    return tuple(read[one] for one in sorted(read))
