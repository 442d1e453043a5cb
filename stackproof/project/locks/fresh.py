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
from stackproof.project.view import text_of
from stackproof.project.written import shown

CURE = "mend it, and lock again: uv lock"
_MACHINES = ("x86_64", "aarch64", "arm64", "AMD64")
_PLATFORMS = (("posix", "linux", "Linux"), ("nt", "win32", "Windows"), ("posix", "darwin", "Darwin"))
_EXTRA = re.compile(r"extra == '([^']+)'")
_ELSEWHERE = ("git", "url", "path", "editable", "directory", "virtual", "workspace")  # in place of a registry


type _Environment = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement, in a shape in which two can be compared.

    Attributes:
        where: "dependencies", "extra web", "group dev", "constraint-dependencies".
        holds: under which of the environments that are tried.
        elsewhere: it comes from no index, so that its versions say nothing.
    """

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
    differences: list[str] = []
    differences += _of_root(root, file, lock, found)
    for member in found:
        folder = member.folder if member.folder != "." else ""
        name = f"{folder}/pyproject.toml" if folder else "pyproject.toml"
        differences += _of_member(root, name, member, lock)
    if not found:
        differences += _of_groups_alone(root, file, lock)
    return tuple(differences)


def _of_root(root: Path, file: str, lock: Mapping[str, Any], found: Sequence[uv.Member]) -> Iterator[str]:
    data = pyproject(root, "pyproject.toml")
    project = shapes.table("pyproject.toml", data, "project", CURE)
    name = project.get("name")
    if name and str(canonicalize_name(str(name))) not in {one.name for one in found}:
        yield f"pyproject.toml is of {str(name)[:80]}, and {file} knows no such project"
    wanted, has = shapes.text_in(project, "requires-python"), shapes.text_in(lock, "requires-python")
    alone = len(found) == 1  # a workspace locks for what every member admits
    if alone and wanted and has and _differ(wanted, has, file):
        yield f"pyproject.toml requires Python {wanted}, and {file} was locked for {has}"
    tool = shapes.table("pyproject.toml", shapes.table("pyproject.toml", data, "tool", CURE), "uv", CURE)
    manifest = shapes.table(file, lock, "manifest", uv.CURE)
    grid = _grid(has)
    for key, recorded in (
        ("constraint-dependencies", "constraints"),
        ("override-dependencies", "overrides"),
        ("build-constraint-dependencies", "build-constraints"),
    ):
        now = [_written("pyproject.toml", f"tool.uv.{key}", one, grid) for one in _texts(tool.get(key))]
        then = [_recorded(file, f"tool.uv.{key}", one, grid) for one in shapes.dicts(manifest.get(recorded))]
        yield from _differences(now, then, Place("pyproject.toml"), Place(file))


def _of_member(root: Path, name: str, member: uv.Member, lock: Mapping[str, Any]) -> Iterator[str]:
    data = pyproject(root, name)
    project = shapes.table(name, data, "project", CURE)
    dynamic = [one for one in _texts(project.get("dynamic")) if one in {"dependencies", "optional-dependencies"}]
    if dynamic:
        not_assessed(f"{name}: {dynamic[0]} are dynamic: only building the project tells them, and nothing is run")
    grid = _grid(shapes.text_in(lock, "requires-python"))
    now = [_written(name, "dependencies", one, grid) for one in _texts(project.get("dependencies"))]
    for extra, listed in shapes.table(name, project, "optional-dependencies", CURE).items():
        now += [_written(name, f"extra {canonicalize_name(str(extra))}", one, grid) for one in _texts(listed)]
    for group, texts in groups_of(name, data).items():
        now += [_written(name, f"group {group}", one, grid) for one in texts]
    then = [_recorded_of_project(member, one, grid) for one in member.requires]
    for group, entries in member.groups.items():
        named = f"group {canonicalize_name(group)}"
        then += [_recorded(member.place.file, named, one, grid) for one in entries]
    yield from _differences(now, then, Place(name), member.place)


def _of_groups_alone(root: Path, file: str, lock: Mapping[str, Any]) -> Iterator[str]:
    """A pyproject.toml without a project: its groups stand in the lock's manifest."""
    data = pyproject(root, "pyproject.toml")
    grid = _grid(shapes.text_in(lock, "requires-python"))
    manifest = shapes.table(file, lock, "manifest", uv.CURE)
    recorded = shapes.table(file, manifest, "dependency-groups", uv.CURE)
    now = [
        _written("pyproject.toml", f"group {group}", one, grid)
        for group, texts in groups_of("pyproject.toml", data).items()
        for one in texts
    ]
    then = [
        _recorded(file, f"group {canonicalize_name(str(group))}", one, grid)
        for group, listed in recorded.items()
        for one in shapes.dicts(listed)
    ]
    yield from _differences(now, then, Place("pyproject.toml"), Place(file))


def pyproject(root: Path, name: str) -> dict[str, Any]:
    """The data of a pyproject.toml.

    Raises:
        NotAssessed: there is none, or it is no TOML.
    """
    return shapes.toml_of(name, text_of(root, name), CURE)


def groups_of(name: str, data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Dependency groups (PEP 735), what they include put in its place; uv's older `dev-dependencies` belong to `dev`.

    Raises:
        NotAssessed: a group includes itself, or one that is not there.
    """
    tables = {
        str(canonicalize_name(str(group))): listed
        for group, listed in shapes.table(name, data, "dependency-groups", CURE).items()
    }
    found = {group: list(_group(name, tables, group, ())) for group in tables}
    tool = shapes.table(name, shapes.table(name, data, "tool", CURE), "uv", CURE)
    if older := _texts(tool.get("dev-dependencies")):
        found["dev"] = [*found.get("dev", []), *older]
    return found


def _group(name: str, tables: Mapping[str, Any], group: str, above: tuple[str, ...]) -> Iterator[str]:
    if group in above:
        shapes.unreadable(name, 0, f"the group {group[:80]!r} includes itself", CURE)
    if group not in tables or not isinstance(tables[group], list):
        shapes.unreadable(name, 0, f"there is no dependency group {group[:80]!r}", CURE)
    for one in tables[group]:
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict) and isinstance(one.get("include-group"), str):
            yield from _group(name, tables, str(canonicalize_name(one["include-group"])), (*above, group))


def _written(name: str, where: str, text: str, grid: Sequence[_Environment]) -> Entry:
    try:
        wanted = Requirement(text)
    except (InvalidRequirement, RecursionError):
        shapes.unreadable(name, 0, f"{text[:80]!r} is no requirement (PEP 508)", CURE)
    marker = str(wanted.marker) if wanted.marker else ""
    extras = tuple(sorted(str(canonicalize_name(one)) for one in wanted.extras))
    return Entry(
        where,
        str(canonicalize_name(wanted.name)),
        extras,
        wanted.specifier,
        tuple(marker_holds(marker, one, name) for one in grid),
        bool(wanted.url),
        shown(text),
    )


def _recorded_of_project(member: uv.Member, entry: Mapping[str, Any], grid: Sequence[_Environment]) -> Entry:
    """An entry of `requires-dist`; that of an extra says so in its marker."""
    extras = set(_EXTRA.findall(shapes.text_in(entry, "marker")))
    if len(extras) != 1:
        return _recorded(member.place.file, "dependencies", entry, grid)
    extra = extras.pop()
    asked = [(*one, ("extra", extra)) for one in grid]
    return _recorded(member.place.file, f"extra {canonicalize_name(extra)}", entry, asked)


def _recorded(file: str, where: str, entry: Mapping[str, Any], grid: Sequence[_Environment]) -> Entry:
    marker = shapes.text_in(entry, "marker")
    written = shapes.text_in(entry, "specifier")
    extras = entry.get("extras", entry.get("extra", ()))
    name = shapes.name_of(file, 0, entry.get("name"), uv.CURE)
    return Entry(
        where,
        name,
        tuple(sorted(str(canonicalize_name(str(one))) for one in extras)) if isinstance(extras, list) else (),
        specifiers_of(written, file),
        tuple(marker_holds(marker, one, file) for one in grid),
        any(one in entry for one in _ELSEWHERE),
        shown(f"{name}{written}{f' ; {marker}' if marker else ''}"),
    )


def _differences(now: Sequence[Entry], then: Sequence[Entry], here: Place, lock: Place) -> Iterator[str]:
    """A sentence for each entry that has no like; one that never holds where the lock is for asks for nothing."""
    left = [one for one in then if any(one.holds)]
    missing = []
    for one in now:
        if not any(one.holds):
            continue
        like = next((other for other in left if one.is_like(other)), None)
        if like is None:
            missing.append(one)
        else:
            left = [other for other in left if other is not like]
    for one in missing:
        then_of = [other.written for other in left if (other.where, other.name) == (one.where, one.name)]
        knows = f"knows {then_of[0]}" if then_of else "does not know it"
        yield f"{here} declares {one.written} ({one.where}), and {lock} {knows}"
    named = {(one.where, one.name) for one in missing}
    for one in left:
        if (one.where, one.name) not in named:
            yield f"{lock} was made with {one.written} ({one.where}), which {here} does not declare"


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
