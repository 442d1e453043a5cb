"""Whether `uv.lock` records what `pyproject.toml` declares now: exact for declarations, and nothing is resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from stackproof.check import not_assessed
from stackproof.project.locks import shapes, uv
from stackproof.project.locks.taking import marker_holds, specifiers_of
from stackproof.project.model import Place
from stackproof.project.pyproject import Document
from stackproof.project.view import text_of
from stackproof.project.written import shown

CURE = "mend it, and lock again: uv lock"
_MACHINES = ("x86_64", "aarch64", "arm64", "AMD64")
_PLATFORMS = (("posix", "linux", "Linux"), ("nt", "win32", "Windows"), ("posix", "darwin", "Darwin"))
_EXTRA = re.compile(r"extra == '([^']+)'")
_ELSEWHERE = ("git", "url", "path", "editable", "directory", "virtual", "workspace")  # in place of a registry


type _Environment = tuple[tuple[str, str], ...]
type _Grid = Sequence[_Environment]


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement, in a shape in which two can be compared.

    Attributes:
        place: where it stands; of what is recorded, where the project's entry does.
        where: "dependencies", "extra web", "group dev", "constraint-dependencies".
        holds: under which of the environments that are tried.
        elsewhere: it comes from no index, so that its versions say nothing.
    """

    place: Place
    where: str
    name: str
    extras: tuple[str, ...]
    specifier: SpecifierSet
    holds: tuple[bool, ...]
    elsewhere: bool
    written: str

    def is_like(self, other: Entry) -> bool:
        """Whether both ask for the same."""
        mine, its = ((one.where, one.name, one.extras, one.holds) for one in (self, other))
        return mine == its and (self.elsewhere or other.elsewhere or self.specifier == other.specifier)


def stale(root: Path, file: str = "uv.lock") -> tuple[str, ...]:
    """What the lock does not record, or records and is declared no more; empty where the two agree.

    Raises:
        NotAssessed: something cannot be read, or is known only to a build of the project.
    """
    text = text_of(root, file)
    lock = shapes.toml_of(file, text, uv.CURE)
    found = uv.members(file, text)
    grid = _grid(shapes.text_in(lock, "requires-python"))
    differences = list(_of_root(Document(root), file, lock, found, grid))
    for member in found:
        document = Document(root, "pyproject.toml" if member.folder in {".", ""} else f"{member.folder}/pyproject.toml")
        differences += _of_member(document, member, grid)
    if not found:
        differences += _of_groups_alone(Document(root), file, lock, grid)
    return tuple(differences)


def _of_root(
    document: Document, file: str, lock: Mapping[str, Any], found: Sequence[uv.Member], grid: _Grid
) -> Iterator[str]:
    project = document.table("project")
    name = project.get("name")
    if name and str(canonicalize_name(str(name))) not in {one.name for one in found}:
        yield f"{document.place('project', 'name')} is of {str(name)[:80]}, and {file} knows no such project"
    wanted, has = shapes.text_in(project, "requires-python"), shapes.text_in(lock, "requires-python")
    alone = len(found) == 1  # a workspace locks for what every member admits
    if alone and wanted and has and _differ(wanted, has, file):
        place = document.place("project", "requires-python")
        yield f"{place} requires Python {shown(wanted)}, and {file} was locked for {shown(has)}"
    manifest = shapes.table(file, lock, "manifest", uv.CURE)
    for key, recorded in (
        ("constraint-dependencies", "constraints"),
        ("override-dependencies", "overrides"),
        ("build-constraint-dependencies", "build-constraints"),
    ):
        now = list(_listed(document, ("tool", "uv", key), f"tool.uv.{key}", grid))
        then = [_recorded(Place(file), f"tool.uv.{key}", one, grid) for one in shapes.dicts(manifest.get(recorded))]
        yield from _differences(now, then, document.file)


def _of_member(document: Document, member: uv.Member, grid: _Grid) -> Iterator[str]:
    project = document.table("project")
    dynamic = [one for one in _texts(project.get("dynamic")) if one in {"dependencies", "optional-dependencies"}]
    if dynamic:
        place = document.place("project", "dynamic")
        not_assessed(f"{place}: {dynamic[0]} are dynamic: only building the project tells them, and nothing is run")
    now = list(_listed(document, ("project", "dependencies"), "dependencies", grid))
    for extra in document.table("project", "optional-dependencies"):
        where = f"extra {canonicalize_name(extra)}"
        now += _listed(document, ("project", "optional-dependencies", extra), where, grid)
    now += _of_groups(document, grid)
    then = [_recorded_of_project(member, one, grid) for one in member.requires]
    for group, entries in member.groups.items():
        named = f"group {canonicalize_name(group)}"
        then += [_recorded(member.place, named, one, grid) for one in entries]
    yield from _differences(now, then, document.file)


def _of_groups_alone(document: Document, file: str, lock: Mapping[str, Any], grid: _Grid) -> Iterator[str]:
    """A pyproject.toml without a project: its groups stand in the lock's manifest."""
    manifest = shapes.table(file, lock, "manifest", uv.CURE)
    then = [
        _recorded(Place(file), f"group {canonicalize_name(group)}", one, grid)
        for group, listed in shapes.table(file, manifest, "dependency-groups", uv.CURE).items()
        for one in shapes.dicts(listed)
    ]
    yield from _differences(list(_of_groups(document, grid)), then, document.file)


def _of_groups(document: Document, grid: _Grid) -> Iterator[Entry]:
    """Dependency groups (PEP 735), with what they include; uv's older `dev-dependencies` belong to `dev`."""
    written = {str(canonicalize_name(group)): group for group in document.table("dependency-groups")}
    for group in written:
        yield from _group(document, written, group, (), grid)
    yield from _listed(document, ("tool", "uv", "dev-dependencies"), "group dev", grid)


def _group(
    document: Document, written: Mapping[str, str], group: str, above: tuple[str, ...], grid: _Grid
) -> Iterator[Entry]:
    listed = document.table("dependency-groups").get(written.get(group, ""))
    if group in above:
        shapes.unreadable(document.file, 0, f"the group {group[:80]!r} includes itself", CURE)
    if not isinstance(listed, list):
        shapes.unreadable(document.file, 0, f"there is no dependency group {group[:80]!r}", CURE)
    asking = f"group {(*above, group)[0]}"
    for number, one in enumerate(listed):
        place = document.place("dependency-groups", written[group], number)
        if isinstance(one, str):
            yield _written(place, asking, one, grid)
        elif isinstance(one, dict) and isinstance(one.get("include-group"), str):
            included = str(canonicalize_name(one["include-group"]))
            yield from _group(document, written, included, (*above, group), grid)


def _listed(document: Document, path: tuple[str, ...], where: str, grid: _Grid) -> Iterator[Entry]:
    listed = document.table(*path[:-1]).get(path[-1])
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, str):
            yield _written(document.place(*path, number), where, one, grid)


def _written(place: Place, where: str, text: str, grid: _Grid) -> Entry:
    try:
        wanted = Requirement(text)
    except (InvalidRequirement, RecursionError):
        not_assessed(f"{place}: {shown(text)!r} is no requirement (PEP 508); {CURE}")
    marker = str(wanted.marker) if wanted.marker else ""
    extras = tuple(sorted(str(canonicalize_name(one)) for one in wanted.extras))
    return Entry(
        place,
        where,
        str(canonicalize_name(wanted.name)),
        extras,
        wanted.specifier,
        tuple(marker_holds(marker, one, str(place)) for one in grid),
        bool(wanted.url),
        shown(text),
    )


def _recorded_of_project(member: uv.Member, entry: Mapping[str, Any], grid: _Grid) -> Entry:
    """An entry of `requires-dist`; that of an extra says so in its marker."""
    extras = set(_EXTRA.findall(shapes.text_in(entry, "marker")))
    if len(extras) != 1:
        return _recorded(member.place, "dependencies", entry, grid)
    extra = extras.pop()
    asked = [(*one, ("extra", extra)) for one in grid]
    return _recorded(member.place, f"extra {canonicalize_name(extra)}", entry, asked)


def _recorded(place: Place, where: str, entry: Mapping[str, Any], grid: _Grid) -> Entry:
    marker = shapes.text_in(entry, "marker")
    written = shapes.text_in(entry, "specifier")
    extras = entry.get("extras", entry.get("extra", ()))
    name = shapes.name_of(place.file, place.line, entry.get("name"), uv.CURE)
    return Entry(
        place,
        where,
        name,
        tuple(sorted(str(canonicalize_name(str(one))) for one in extras)) if isinstance(extras, list) else (),
        specifiers_of(written, str(place)),
        tuple(marker_holds(marker, one, str(place)) for one in grid),
        any(one in entry for one in _ELSEWHERE),
        shown(f"{name}{written}{f' ; {marker}' if marker else ''}"),
    )


def _differences(now: Sequence[Entry], then: Sequence[Entry], file: str) -> Iterator[str]:
    """A sentence for each entry that has no like; one that never holds where the lock is for asks for nothing."""
    asked = [one for one in now if any(one.holds)]
    recorded = [one for one in then if any(one.holds)]
    missing = [one for one in asked if not any(one.is_like(other) for other in recorded)]
    # What is alike uv records once, so that several may have one like.
    left = [other for other in recorded if not any(one.is_like(other) for one in asked)]
    for one in missing:
        known = [other for other in left if (other.where, other.name) == (one.where, one.name)]
        knows = f"{known[0].place} knows {known[0].written}" if known else "the lock does not know it"
        yield f"{one.place} declares {one.written} ({one.where}), and {knows}"
    named = {(one.where, one.name) for one in missing}
    for one in left:
        if (one.where, one.name) not in named:
            yield f"{one.place} was made with {one.written} ({one.where}), which {file} does not declare"


def _texts(found: object) -> list[str]:
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _differ(one: str, other: str, file: str) -> bool:
    """Whether two sets of specifiers admit different releases of Python 3."""
    first, second = specifiers_of(one, "pyproject.toml"), specifiers_of(other, file)
    releases = [f"3.{minor}.{patch}" for minor in range(41) for patch in (0, 1, 5, 50)] + ["2.7.18", "4.0.0"]
    return any(first.contains(release) != second.contains(release) for release in releases)


def _grid(requires_python: str) -> list[_Environment]:
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
