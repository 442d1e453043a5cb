"""`uv.lock`, version 1 of its format in every revision: a later revision may add, and takes nothing away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from stackproof.project.locks import shapes
from stackproof.project.model import Edge, Lock, Locked, Place, Source, Use

CURE = "lock again: uv lock"
_SOURCES: Mapping[str, Source] = {
    "registry": "index",
    "git": "vcs",
    "url": "url",
    "path": "path",
    "directory": "path",
    "editable": "path",
    "virtual": "path",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A project that the lock is of, and what it declared when it was locked.

    Attributes:
        folder: relative to the lock's.
        requires: entries of `requires-dist`; one with an extra has `extra == '…'` in its marker.
        groups: entries by dependency group.
    """

    name: str
    folder: str
    place: Place
    requires: tuple[Mapping[str, Any], ...]
    groups: Mapping[str, tuple[Mapping[str, Any], ...]]


def read(file: str, text: str) -> Lock:
    """The lock.

    Raises:
        NotAssessed: it cannot be read.
    """
    data = shapes.toml_of(file, text, CURE)
    shapes.known_format(file, data.get("version"), 1, "uv")
    entries = shapes.tables(file, data, "package", CURE)
    lines = shapes.lines_of(text, "package", len(entries))
    packages = [_package(file, line, one) for line, one in zip(lines, entries, strict=True)]
    graph = _Graph(file, entries, packages)
    roots = _members(data, entries)
    asked = tuple(graph.asked(roots))
    needs = graph.needs()
    return Lock(
        tool="uv",
        file=file,
        packages=_with_uses(packages, asked, needs),
        requires_python=shapes.text_in(data, "requires-python"),
        by="uv",
        asked=asked,
        members=tuple(packages[one].name for one in roots),
        needs=needs,
    )


def members(file: str, text: str) -> tuple[Member, ...]:
    """The projects that the lock is of.

    Raises:
        NotAssessed: it cannot be read.
    """
    data = shapes.toml_of(file, text, CURE)
    entries = shapes.tables(file, data, "package", CURE)
    lines = shapes.lines_of(text, "package", len(entries))
    found = []
    for number in _members(data, entries):
        one = entries[number]
        metadata = shapes.table(file, one, "metadata", CURE)
        source = shapes.table(file, one, "source", CURE)
        groups = shapes.table(file, metadata, "requires-dev", CURE)
        found.append(
            Member(
                name=shapes.name_of(file, lines[number], one.get("name"), CURE),
                folder=str(source.get("virtual") or source.get("editable") or source.get("directory") or "."),
                place=Place(file, lines[number]),
                requires=tuple(shapes.dicts(metadata.get("requires-dist"))),
                groups={str(name): tuple(shapes.dicts(listed)) for name, listed in groups.items()},
            )
        )
    return tuple(found)


def others(file: str, text: str) -> tuple[str, ...]:
    """Folders and files that the projects depend on and that are none of them."""
    entries = shapes.tables(file, shapes.toml_of(file, text, CURE), "package", CURE)
    own = {one.folder for one in members(file, text)}
    sources = [one["source"] for one in entries if isinstance(one.get("source"), dict)]
    found = [str(one[key]) for one in sources for key in ("path", "directory", "editable", "virtual") if key in one]
    return tuple(one for one in found if one not in own)


def registries(text: str) -> tuple[str, ...]:
    """Every registry that a package of the lock comes from."""
    entries = shapes.tables("uv.lock", shapes.toml_of("uv.lock", text, CURE), "package", CURE)
    found = {str(one["source"].get("registry")): None for one in entries if isinstance(one.get("source"), dict)}
    return tuple(one for one in found if one != "None")


def _members(data: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> list[int]:
    """Numbers of the projects' own entries: those that the manifest lists, else the one in the lock's folder."""
    manifest = data.get("manifest")
    listed = manifest.get("members") if isinstance(manifest, dict) else None
    if isinstance(listed, list):
        names = {str(one) for one in listed}
        return [number for number, one in enumerate(entries) if one.get("name") in names and _is_local(one)]
    return [number for number, one in enumerate(entries) if _is_local(one, ".")]


def _is_local(entry: Mapping[str, Any], folder: str = "") -> bool:
    source = entry.get("source")
    if not isinstance(source, dict):
        return False
    found = source.get("virtual") or source.get("editable") or source.get("directory")
    return found is not None and (not folder or found == folder)


def _package(file: str, line: int, entry: Mapping[str, Any]) -> Locked:
    source = entry.get("source")
    kind = next((one for one in _SOURCES if isinstance(source, dict) and one in source), "")
    if not kind:
        shapes.unreadable(file, line, "has a package with a source that is not known here", CURE)
    wheels = shapes.dicts(entry.get("wheels"))
    sdist = entry.get("sdist")
    archives = [*wheels, *([sdist] if isinstance(sdist, dict) else [])]
    names = [str(one.get("filename") or one.get("url") or one.get("path") or "") for one in wheels]
    return Locked(
        name=shapes.name_of(file, line, entry.get("name"), CURE),
        version=shapes.version_of(file, line, entry.get("version"), CURE),
        place=Place(file, line),
        marker=shapes.or_together(entry.get("resolution-markers")),
        source=_SOURCES[kind],
        hashes=sum(1 for one in archives if one.get("hash")),
        wheels=shapes.wheel_tags(names),
        sdist=isinstance(sdist, dict),
    )


class _Graph:
    """Who asks for whom."""

    def __init__(self, file: str, entries: Sequence[Mapping[str, Any]], packages: Sequence[Locked]) -> None:
        self._file = file
        self._entries = entries
        self._packages = packages
        self._by_name: dict[str, list[int]] = {}
        for number, one in enumerate(packages):
            self._by_name.setdefault(one.name, []).append(number)

    def asked(self, roots: Sequence[int]) -> Iterator[Edge]:
        for number in roots:
            entry = self._entries[number]
            yield from self._edges(number, entry.get("dependencies"))
            for listed in self._table(number, "optional-dependencies").values():
                yield from self._edges(number, listed, Use.OPTIONAL)
            for key in ("dev-dependencies", "dependency-groups"):
                for listed in self._table(number, key).values():
                    yield from self._edges(number, listed, Use.DEVELOPMENT)

    def needs(self) -> dict[tuple[int, str], tuple[Edge, ...]]:
        found: dict[tuple[int, str], tuple[Edge, ...]] = {}
        for number, entry in enumerate(self._entries):
            if edges := tuple(self._edges(number, entry.get("dependencies"))):
                found[number, ""] = edges
            for extra, listed in self._table(number, "optional-dependencies").items():
                if edges := tuple(self._edges(number, listed)):
                    found[number, str(canonicalize_name(str(extra)))] = edges
        return found

    def _table(self, number: int, key: str) -> dict[str, Any]:
        return shapes.table(self._file, self._entries[number], key, CURE)

    def _edges(self, number: int, listed: object, use: Use = Use.PRODUCTION) -> Iterator[Edge]:
        for one in shapes.dicts(listed):
            extras = one.get("extra", one.get("extras", ()))
            names = tuple(str(canonicalize_name(str(name))) for name in extras) if isinstance(extras, list) else ()
            marker = shapes.text_in(one, "marker")
            for package in self._meant(number, one):
                yield Edge(package, names, marker, use)

    def _meant(self, number: int, wanted: Mapping[str, Any]) -> list[int]:
        """The entries that a dependency names; version and source stand there where one name has several."""
        named = self._by_name.get(str(canonicalize_name(str(wanted.get("name", "")))), [])
        found = [
            one
            for one in named
            if ("version" not in wanted or wanted["version"] == self._packages[one].version)
            and ("source" not in wanted or wanted["source"] == self._entries[one].get("source"))
        ]
        if not found:
            line = self._packages[number].place.line
            shapes.unreadable(
                self._file, line, f"asks for {str(wanted.get('name'))[:80]!r}, which the lock does not have", CURE
            )
        return found


def _with_uses(
    packages: Sequence[Locked], asked: Sequence[Edge], needs: Mapping[tuple[int, str], Sequence[Edge]]
) -> tuple[Locked, ...]:
    from dataclasses import replace

    from stackproof.project.locks.taking import reached

    if not asked:
        return tuple(packages)
    uses: dict[int, Use] = {}
    for use in (Use.DEVELOPMENT, Use.OPTIONAL, Use.PRODUCTION):  # the foremost is written last
        starts = [one for one in asked if one.use is use]
        uses |= dict.fromkeys(reached(starts, needs), use)
    return tuple(
        one if number not in uses or uses[number] is Use.PRODUCTION else replace(one, use=uses[number])
        for number, one in enumerate(packages)
    )
