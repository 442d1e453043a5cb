"""A requirement as `pyproject.toml` writes it and as `uv.lock` records it, in one shape for both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from stackproof.check import not_assessed
from stackproof.project.locks import shapes, uv
from stackproof.project.locks.taking import marker_holds, specifiers_of
from stackproof.project.model import Place
from stackproof.project.written import shown

_MACHINES = ("x86_64", "aarch64", "arm64", "AMD64")
_PLATFORMS = (("posix", "linux", "Linux"), ("nt", "win32", "Windows"), ("posix", "darwin", "Darwin"))
_EXTRA = re.compile(r"extra == '([^']+)'")
_ELSEWHERE = ("git", "url", "path", "editable", "directory", "virtual", "workspace")  # in place of a registry


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement.

    Attributes:
        place: where it stands; of what is recorded, where the project's entry does.
        where: "dependencies", "extra web", "group dev", "tool.uv.constraint-dependencies".
        marker: "" for always; `extra` is the one that it asks for.
        elsewhere: it comes from no index, so that its versions say nothing.
        split: its sources differ by marker, so that several entries are recorded for it.
    """

    place: Place
    where: str
    name: str
    extras: tuple[str, ...]
    specifier: SpecifierSet
    marker: str
    written: str
    extra: str = ""
    elsewhere: bool = False
    split: bool = False


class Comparison:
    """Compares markers by what they say in every environment that a lock is for."""

    def __init__(self, requires_python: str) -> None:
        self._grid = _grid(requires_python)
        self._tables: dict[tuple[str, str], tuple[bool, ...]] = {}

    def are_alike(self, one: Entry, other: Entry) -> bool:
        """Whether both ask for the same."""
        if (one.where, one.name, one.extras) != (other.where, other.name, other.extras):
            return False
        if one.split or other.split:
            return True
        if not (one.elsewhere or other.elsewhere) and one.specifier != other.specifier:
            return False
        alike = (one.marker, one.extra) == (other.marker, other.extra)
        return alike or self._table(one) == self._table(other)

    def ever_holds(self, one: Entry) -> bool:
        """Whether it asks for anything where the lock is for."""
        return not one.marker or any(self._table(one))

    def _table(self, one: Entry) -> tuple[bool, ...]:
        key = (one.marker, one.extra)
        if key not in self._tables:
            asked = (("extra", one.extra),) if one.extra else ()
            found = tuple(marker_holds(one.marker, (*each, *asked), str(one.place)) for each in self._grid)
            self._tables[key] = found
        return self._tables[key]


def written(place: Place, where: str, text: str, split: frozenset[str]) -> Entry:
    """The entry of a requirement that stands in a file.

    Raises:
        NotAssessed: it is none.
    """
    try:
        wanted = Requirement(text)
    except (InvalidRequirement, RecursionError):
        not_assessed(f"{place}: {shown(text)!r} is no requirement (PEP 508); mend it, and lock again: uv lock")
    name = str(canonicalize_name(wanted.name))
    return Entry(
        place,
        where,
        name,
        tuple(sorted(str(canonicalize_name(one)) for one in wanted.extras)),
        wanted.specifier,
        str(wanted.marker) if wanted.marker else "",
        shown(text),
        elsewhere=bool(wanted.url),
        split=name in split,
    )


def recorded(place: Place, where: str, entry: Mapping[str, Any]) -> Entry:
    """The entry that a lock records.

    Raises:
        NotAssessed: it cannot be read.
    """
    marker = shapes.text_in(entry, "marker")
    specifier = shapes.text_in(entry, "specifier")
    extras = entry.get("extras", entry.get("extra", ()))
    name = shapes.name_of(place.file, place.line, entry.get("name"), uv.CURE)
    return Entry(
        place,
        where,
        name,
        tuple(sorted(str(canonicalize_name(str(one))) for one in extras)) if isinstance(extras, list) else (),
        specifiers_of(specifier, str(place)),
        _plain(marker),
        shown(f"{name}{specifier}{f' ; {marker}' if marker else ''}"),
        elsewhere=any(one in entry for one in _ELSEWHERE),
    )


def recorded_of_project(member: uv.Member, entry: Mapping[str, Any]) -> Entry:
    """An entry of `requires-dist`; that of an extra says so in its marker."""
    from dataclasses import replace

    extras = set(_EXTRA.findall(shapes.text_in(entry, "marker")))
    if len(extras) != 1:
        return recorded(member.place, "dependencies", entry)
    extra = extras.pop()
    found = replace(recorded(member.place, f"extra {canonicalize_name(extra)}", entry), extra=extra)
    bare = found.marker == f'extra == "{extra}"'
    return replace(found, marker="", extra="") if bare else found


def _plain(marker: str) -> str:
    """The marker as packaging writes it, so that most need no evaluation; as it is where it cannot be read."""
    try:
        return str(Marker(marker)) if marker else ""
    except (InvalidMarker, RecursionError):
        return marker


def _grid(requires_python: str) -> list[tuple[tuple[str, str], ...]]:
    """Environments in which markers are compared: those that the lock is for."""
    admitted = specifiers_of(requires_python, "uv.lock")
    releases = [(minor, patch) for minor in range(6, 20) for patch in (0, 5, 99)]
    return [
        tuple(
            sorted(
                {
                    "implementation_name": implementation.lower(),
                    "implementation_version": f"3.{minor}.{patch}",
                    "os_name": os_name,
                    "platform_machine": machine,
                    "platform_python_implementation": implementation,
                    "platform_release": "",
                    "platform_system": system,
                    "platform_version": "",
                    "python_full_version": f"3.{minor}.{patch}",
                    "python_version": f"3.{minor}",
                    "sys_platform": platform,
                }.items()
            )
        )
        for minor, patch in releases
        if admitted.contains(f"3.{minor}.{patch}")
        for os_name, platform, system in _PLATFORMS
        for implementation in ("CPython", "PyPy")
        for machine in _MACHINES
    ]
