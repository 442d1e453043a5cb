"""Whether `uv.lock` records what `pyproject.toml` declares now: exact for declarations, and nothing is resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from stackproof.check import not_assessed
from stackproof.project.locks import shapes, uv
from stackproof.project.locks.entries import Comparison, Entry, recorded, recorded_of_project, written
from stackproof.project.locks.taking import specifiers_of
from stackproof.project.model import Place
from stackproof.project.pyproject import Document
from stackproof.project.view import text_of
from stackproof.project.written import shown

CURE = "mend it, and lock again: uv lock"


def stale(root: Path, file: str = "uv.lock") -> tuple[str, ...]:
    """What the lock does not record, or records and is declared no more; empty where the two agree.

    Raises:
        NotAssessed: something cannot be read, or is known only to a build of the project.
    """
    text = text_of(root, file)
    lock = shapes.toml_of(file, text, uv.CURE)
    found = uv.members(file, text)
    comparison = Comparison(shapes.text_in(lock, "requires-python"))
    above = Document(root)
    differences = list(_of_root(above, file, lock, found, comparison))
    for member in found:
        document = Document(root, "pyproject.toml" if member.folder in {".", ""} else f"{member.folder}/pyproject.toml")
        differences += _of_member(document, member, comparison, _split(above) | _split(document))
    if not found:
        differences += _of_groups_alone(above, file, lock, comparison)
    return tuple(differences)


def _of_root(
    document: Document, file: str, lock: Mapping[str, Any], found: Sequence[uv.Member], comparison: Comparison
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
    for key, listed in (
        ("constraint-dependencies", "constraints"),
        ("override-dependencies", "overrides"),
        ("build-constraint-dependencies", "build-constraints"),
    ):
        now = list(_listed(document, ("tool", "uv", key), f"tool.uv.{key}", _split(document)))
        then = [recorded(Place(file), f"tool.uv.{key}", one) for one in shapes.dicts(manifest.get(listed))]
        yield from _differences(now, then, document.file, comparison)


def _of_member(document: Document, member: uv.Member, comparison: Comparison, split: frozenset[str]) -> Iterator[str]:
    project = document.table("project")
    dynamic = [one for one in _texts(project.get("dynamic")) if one in {"dependencies", "optional-dependencies"}]
    if dynamic:
        place = document.place("project", "dynamic")
        not_assessed(f"{place}: {dynamic[0]} are dynamic: only building the project tells them, and nothing is run")
    now = list(_listed(document, ("project", "dependencies"), "dependencies", split))
    for extra in document.table("project", "optional-dependencies"):
        where = f"extra {canonicalize_name(extra)}"
        now += _listed(document, ("project", "optional-dependencies", extra), where, split)
    now += _of_groups(document, split)
    then = [recorded_of_project(member, one) for one in member.requires]
    for group, entries in member.groups.items():
        named = f"group {canonicalize_name(group)}"
        then += [recorded(member.place, named, one) for one in entries]
    yield from _differences(now, then, document.file, comparison)


def _of_groups_alone(document: Document, file: str, lock: Mapping[str, Any], comparison: Comparison) -> Iterator[str]:
    """A pyproject.toml without a project: its groups stand in the lock's manifest."""
    manifest = shapes.table(file, lock, "manifest", uv.CURE)
    then = [
        recorded(Place(file), f"group {canonicalize_name(group)}", one)
        for group, listed in shapes.table(file, manifest, "dependency-groups", uv.CURE).items()
        for one in shapes.dicts(listed)
    ]
    yield from _differences(list(_of_groups(document, _split(document))), then, document.file, comparison)


def _of_groups(document: Document, split: frozenset[str]) -> Iterator[Entry]:
    """Dependency groups (PEP 735), with what they include; uv's older `dev-dependencies` belong to `dev`."""
    names = {str(canonicalize_name(group)): group for group in document.table("dependency-groups")}
    for group in names:
        yield from _group(document, names, group, (), split)
    yield from _listed(document, ("tool", "uv", "dev-dependencies"), "group dev", split)


def _group(
    document: Document, names: Mapping[str, str], group: str, above: tuple[str, ...], split: frozenset[str]
) -> Iterator[Entry]:
    listed = document.table("dependency-groups").get(names.get(group, ""))
    if group in above:
        shapes.unreadable(document.file, 0, f"the group {group[:80]!r} includes itself", CURE)
    if not isinstance(listed, list):
        shapes.unreadable(document.file, 0, f"there is no dependency group {group[:80]!r}", CURE)
    asking = f"group {(*above, group)[0]}"
    for number, one in enumerate(listed):
        place = document.place("dependency-groups", names[group], number)
        if isinstance(one, str):
            yield written(place, asking, one, split)
        elif isinstance(one, dict) and isinstance(one.get("include-group"), str):
            included = str(canonicalize_name(one["include-group"]))
            yield from _group(document, names, included, (*above, group), split)


def _listed(document: Document, path: tuple[str, ...], where: str, split: frozenset[str]) -> Iterator[Entry]:
    listed = document.table(*path[:-1]).get(path[-1])
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, str):
            yield written(document.place(*path, number), where, one, split)


def _split(document: Document) -> frozenset[str]:
    """Packages whose sources differ by marker."""
    sources = document.table("tool", "uv", "sources")
    return frozenset(str(canonicalize_name(name)) for name, one in sources.items() if isinstance(one, list))


def _differences(now: Sequence[Entry], then: Sequence[Entry], file: str, comparison: Comparison) -> Iterator[str]:
    """A sentence for each entry that has no like; one that never holds where the lock is for asks for nothing."""
    # What is alike uv records once, so that several may have one like.
    missing = _without_a_like(now, then, comparison)
    left = _without_a_like(then, now, comparison)
    by_name = _by_name(left)
    for one in missing:
        known = by_name.get((one.where, one.name), [])
        knows = f"{known[0].place} knows {known[0].written}" if known else "the lock does not know it"
        yield f"{one.place} declares {one.written} ({one.where}), and {knows}"
    named = {(one.where, one.name) for one in missing}
    for one in left:
        if (one.where, one.name) not in named:
            yield f"{one.place} was made with {one.written} ({one.where}), which {file} does not declare"


def _without_a_like(mine: Sequence[Entry], its: Sequence[Entry], comparison: Comparison) -> list[Entry]:
    by_name = _by_name(its)
    return [
        one
        for one in mine
        if not any(comparison.are_alike(one, other) for other in by_name.get((one.where, one.name), ()))
        and comparison.ever_holds(one)
    ]


def _by_name(entries: Sequence[Entry]) -> dict[tuple[str, str], list[Entry]]:
    found: dict[tuple[str, str], list[Entry]] = {}
    for one in entries:
        found.setdefault((one.where, one.name), []).append(one)
    return found


def _texts(found: object) -> list[str]:
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _differ(one: str, other: str, file: str) -> bool:
    """Whether two sets of specifiers admit different releases of Python 3."""
    first, second = specifiers_of(one, "pyproject.toml"), specifiers_of(other, file)
    releases = [f"3.{minor}.{patch}" for minor in range(41) for patch in (0, 1, 5, 50)] + ["2.7.18", "4.0.0"]
    return any(first.contains(release) != second.contains(release) for release in releases)
