"""What a project declares: requirements found, and given other constraints without touching anything beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_PARTS = re.compile(
    r"(?P<name>\s*[A-Za-z0-9][A-Za-z0-9._-]*)(?P<extras>\s*\[[^\]]*\])?(?P<bound>[^;@#\\]*?)(?P<rest>\s*(?:[;#\\].*)?)",
    re.DOTALL,
)
_HASHES = re.compile(r"\s*\\?\s*--hash=\S+")
_CONTINUED = re.compile(r"\\\r?\n\s*")


def edited_pyproject(text: str, constraints: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    """The file with other constraints for packages, and the packages that it declares.

    Args:
        constraints: by normalised name.
    """
    document = tomlkit.parse(text)
    found: set[str] = set()
    for requirements in _lists(document):
        for number, one in enumerate(requirements):
            edited = with_constraint(one, constraints) if isinstance(one, str) else None
            if edited is not None:
                found.add(_name(edited))
                if edited != str(one):
                    requirements[number] = edited
    return tomlkit.dumps(document), frozenset(found)


def constrained_pyproject(text: str, constraints: Mapping[str, str]) -> str:
    """The file with constraints for packages that others bring along."""
    if not constraints:
        return text
    document = tomlkit.parse(text)
    tool = document.setdefault("tool", tomlkit.table(is_super_table=True))
    uv = tool.setdefault("uv", tomlkit.table())
    kept = [one for one in uv.get("constraint-dependencies", []) if _name(str(one)) not in constraints]
    uv["constraint-dependencies"] = [*map(str, kept), *(f"{name}{one}" for name, one in constraints.items())]
    return tomlkit.dumps(document)


def lowest_pyproject(text: str) -> str:
    """The file with the lowest direct dependencies asked for."""
    document = tomlkit.parse(text)
    tool = document.setdefault("tool", tomlkit.table(is_super_table=True))
    tool.setdefault("uv", tomlkit.table())["resolution"] = "lowest-direct"
    return tomlkit.dumps(document)


def edited_requirements(text: str, constraints: Mapping[str, str]) -> str:
    """A file of requirements with other constraints for packages; options and comments stay."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        body = line.rstrip("\r\n")
        edited = None if body.lstrip().startswith(("#", "-")) else with_constraint(body, constraints)
        if edited is not None:
            lines[number] = edited + line[len(body) :]
    return "".join(lines)


def loosened(text: str) -> str:
    """A file of pins as a file of names: what is pinned may move, what is only bounded stays bounded."""
    whole = _HASHES.sub("", _CONTINUED.sub(" ", text))
    lines = []
    for line in whole.splitlines():
        match = _PARTS.fullmatch(line)
        if match and not line.lstrip().startswith(("#", "-")) and match["bound"].strip().startswith("=="):
            lines.append(f"{match['name']}{match['extras'] or ''}{match['rest']}")
        else:
            lines.append(line)
    return "\n".join([*lines, ""])


def with_constraint(requirement: str, constraints: Mapping[str, str]) -> str | None:
    """The requirement with the constraint of its package; None where it has none, or names an address."""
    match = _PARTS.fullmatch(requirement)
    if match is None or not (name := match["name"].strip()) or canonicalize_name(name) not in constraints:
        return None
    bound = constraints[canonicalize_name(name)]
    return f"{match['name']}{match['extras'] or ''}{'' if bound in {'*', 'any'} else bound}{match['rest']}"


def roots_of(data: Mapping[str, Any], groups: Sequence[str], extras: Sequence[str]) -> tuple[str, ...]:
    """What a pyproject.toml asks for itself: names with extras and markers, without versions."""
    project = data.get("project", {})
    listed: list[str] = [*project.get("dependencies", ())]
    for extra in extras:
        listed += project.get("optional-dependencies", {}).get(extra, ())
    table = {canonicalize_name(name): list(one) for name, one in data.get("dependency-groups", {}).items()}
    table.setdefault(canonicalize_name("dev"), []).extend(
        data.get("tool", {}).get("uv", {}).get("dev-dependencies", ())
    )
    waiting, seen = [canonicalize_name(one) for one in groups], set[str]()
    while waiting:
        group = waiting.pop()
        if group not in seen:
            seen.add(group)
            listed += [one for one in table.get(group, ()) if isinstance(one, str)]
            waiting += [
                canonicalize_name(one["include-group"]) for one in table.get(group, ()) if "include-group" in one
            ]
    return tuple(dict.fromkeys(bare for one in listed if (bare := _bare(one))))


def default_groups(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The groups that uv installs without being asked."""
    own = data.get("tool", {}).get("uv", {})
    known = [*data.get("dependency-groups", {}), *(["dev"] if "dev-dependencies" in own else [])]
    given = own.get("default-groups", ["dev"])
    return tuple(dict.fromkeys(known if given == "all" else [one for one in given if one in known]))


def _bare(text: str) -> str:
    try:
        one = Requirement(text)
    except InvalidRequirement:
        return ""
    if one.url:
        return ""
    extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
    return f"{canonicalize_name(one.name)}{extras}" + (f" ; {one.marker}" if one.marker else "")


def _lists(document: Mapping[str, Any]) -> Iterable[Any]:
    project = document.get("project", {})
    if "dependencies" in project:
        yield project["dependencies"]
    yield from project.get("optional-dependencies", {}).values()
    yield from document.get("dependency-groups", {}).values()
    own = document.get("tool", {}).get("uv", {})
    if "dev-dependencies" in own:
        yield own["dev-dependencies"]


def _name(requirement: str) -> str:
    match = _PARTS.fullmatch(requirement)
    return canonicalize_name(match["name"].strip()) if match else ""
