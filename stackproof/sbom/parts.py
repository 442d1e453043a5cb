"""The packages of a bill of materials, and what asks for what, from a lock or from an interpreter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.markers import InvalidMarker, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from stackproof.project.model import Lock, Use
from stackproof.sbom.artifacts import Artifact, Origin, origins_of

if TYPE_CHECKING:
    from stackproof.target.project import Distribution


@dataclass(frozen=True, slots=True)
class Part:
    """One package.

    Attributes:
        place: where it stands: "uv.lock:12"; "" for what is installed.
        licence: as its metadata say, "" where they do not.
        needs: numbers of the parts that it asks for.
    """

    name: str
    version: str
    use: Use = Use.PRODUCTION
    place: str = ""
    marker: str = ""
    licence: str = ""
    origin: Origin = field(default_factory=Origin)
    artifacts: tuple[Artifact, ...] = ()
    needs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything.

    Attributes:
        asked: numbers of what the project itself asks for.
        has_graph: whether the source tells who asks for what.
        source: the lock's file, or the interpreter.
    """

    every: tuple[Part, ...]
    asked: tuple[int, ...]
    has_graph: bool
    source: str


def of_lock(lock: Lock, text: str, own: str, licences: Mapping[tuple[str, str], str]) -> Parts:
    """The parts of a lock, without the project itself.

    Args:
        text: the lock's file.
        own: the project's normalised name.
        licences: of what is installed, by name and version.
    """
    origins = origins_of(lock, text)
    kept = [number for number, one in enumerate(lock.packages) if not (one.source == "path" and one.name == own)]
    place_of = {number: place for place, number in enumerate(kept)}
    extras = _extras(lock)
    found = []
    for number in kept:
        one, (origin, artifacts) = lock.packages[number], origins[number]
        asked_of = ("", *sorted(extras.get(number, ())))
        edges = [edge for extra in asked_of for edge in lock.needs.get((number, extra), ())]
        needs = sorted({place_of[edge.package] for edge in edges if edge.package in place_of})
        licence = licences.get((one.name, one.version), "")
        found.append(
            Part(one.name, one.version, one.use, str(one.place), one.marker, licence, origin, artifacts, tuple(needs))
        )
    asked = sorted({place_of[edge.package] for edge in lock.asked if edge.package in place_of})
    return Parts(tuple(found), tuple(asked), bool(lock.asked), lock.file)


def _extras(lock: Lock) -> dict[int, set[str]]:
    """The extras that anything asks of a package."""
    found: dict[int, set[str]] = {}
    for edge in (*lock.asked, *(edge for edges in lock.needs.values() for edge in edges)):
        found.setdefault(edge.package, set()).update(edge.extras)
    return found


def of_installed(found: Mapping[str, Distribution], markers: Mapping[str, str], own: str, where: str) -> Parts:
    """The parts of an environment; who asks for what by their metadata, extras left aside."""
    names = sorted(name for name in found if name != own)
    number_of = {name: number for number, name in enumerate(names)}
    parts = [Part(name, found[name].version, licence=found[name].licence) for name in names]
    for name in names:
        needs = {number_of[one] for one in _required(found[name], markers) if one in number_of}
        parts[number_of[name]] = replace(parts[number_of[name]], needs=tuple(sorted(needs)))
    wanted = {number for part in parts for number in part.needs}
    asked = [number_of[one] for one in _required(found[own], markers) if one in number_of] if own in found else None
    roots = sorted(set(range(len(parts))) - wanted) if asked is None else sorted(set(asked))
    return Parts(tuple(parts), tuple(roots), True, where)


def _required(one: Distribution, markers: Mapping[str, str]) -> list[str]:
    names = []
    for line in one.requires:
        try:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({**markers, "extra": ""}):
                names.append(str(canonicalize_name(requirement.name)))
        except (InvalidRequirement, InvalidMarker, UndefinedEnvironmentName):
            continue
    return names
