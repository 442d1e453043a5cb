"""What to change so that a requirement holds: data in `spec/remedies/*.toml`, filled in from the requirement's value.

The document's own requirements have a remedy of their own, with a snippet and a link. A derived one has what its checks
say, and the link to the standard that it comes from.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from string import Template
from typing import TYPE_CHECKING, Any

from stackproof.errors import InfrastructureError
from stackproof.harness import harness_root

if TYPE_CHECKING:
    from stackproof.report.model import RequirementPart


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to change in a Django service.

    Attributes:
        text: what to do, a sentence or a few.
        patch: a snippet with + and - before changed lines, "" where there is none.
        link: the official document, "" where none is known.
        why: what may happen otherwise, a sentence; "" where the standard behind it says so.
    """

    text: str
    patch: str = ""
    link: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    requirements: tuple[str, ...]
    text: str
    patch: str = ""
    link: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


def remedy_of(requirement_id: str, value: Any = None, demand: str = "") -> Remedy | None:
    """The remedy of a requirement, or None where nobody wrote one.

    Args:
        value: the requirement's value as JSON, as a report has it; the reference specification's where it is None.
        demand: the same in words.
    """
    entry = _entry_of(requirement_id)
    if entry is None:
        return _of_checks(requirement_id)
    if value is None:
        value, demand = _reference_values().get(requirement_id, (None, demand))
    return _filled(entry, requirement_id, value, demand)


def remedy_for(part: RequirementPart) -> Remedy | None:
    """The remedy of a requirement of a report: what its own edition demands, else what its checks said."""
    entry = _entry_of(part.id)
    if entry is not None:
        return _filled(entry, part.id, part.value, part.demand)
    return _told(
        (check.remedy for check in part.checks if check.verdict is part.verdict or check.verdict == "violated"),
        part.source,
    )


def link_of(source: str | None) -> str:
    """Where to read the first public standard that a source names; "" where none is known."""
    earliest: tuple[int, str] | None = None
    for pattern, link in _standards():
        found = pattern.search(source or "")
        if found and (earliest is None or found.start() < earliest[0]):
            earliest = found.start(), link.replace("$1", found[1] if found.groups() else "")
    return earliest[1] if earliest else ""


def _filled(entry: _Entry, requirement_id: str, value: Any, demand: str) -> Remedy:
    words = {"id": requirement_id, "demand": demand, **_words(value)}
    link = entry.link or next(
        (link for pattern, link in entry.links.items() if fnmatchcase(requirement_id, pattern)), ""
    )
    return Remedy(
        *(Template(one).safe_substitute(words) for one in (entry.text, entry.patch.strip("\n"), link, entry.why))
    )


def _words(value: Any) -> dict[str, str]:
    """What a snippet may name: the value's attributes, and a few that follow from them."""
    if not isinstance(value, Mapping):
        return {} if value is None else {"value": str(value)}
    words = {str(key): str(one) for key, one in value.items() if isinstance(one, str | int | float)}
    options = value.get("options")
    if isinstance(options, list) and options:
        words["first"] = str(options[0])
    lowest = re.search(r"(?:>=|~=|==)\s*([0-9.]+)", words.get("constraint", ""))
    if lowest:
        words["lowest"] = lowest[1]
    if value.get("of") and isinstance(value.get("number"), int | float):
        words["of_8_gb"] = f"{8 * value['number']:g}GB"
    if words.get("child_package") is None and "child" in words:
        words["child_package"] = words["child"].lower()
    return words


def _of_checks(requirement_id: str) -> Remedy | None:
    from stackproof.registry import load_checks

    specification = _reference()
    requirement = next((one for one in specification.every if one.id == requirement_id), None)
    if requirement is None:
        return None
    told = (one.check.remedy for one in load_checks() if one.check.selects(requirement))
    return _told(told, requirement.source)


def _told(remedies: Iterable[str], source: str | None) -> Remedy | None:
    sentences = [one for one in dict.fromkeys(remedies) if one]
    return Remedy("\n".join(sentences), link=link_of(source)) if sentences else None


@cache
def _entry_of(requirement_id: str) -> _Entry | None:
    """The entry that names the id itself, else the one whose pattern fits."""
    entries = _entries()
    named = next((one for one in entries if requirement_id in one.requirements), None)
    if named is not None:
        return named
    return next(
        (one for one in entries if any(fnmatchcase(requirement_id, pattern) for pattern in one.requirements)), None
    )


@cache
def _entries() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(**{**one, "requirements": tuple(one["requirements"])})
        for data in _files()
        for one in data.get("remedy", ())
    )


@cache
def _standards() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(one["pattern"]), one["link"]) for data in _files() for one in data.get("standard", ()))


@cache
def _files() -> tuple[dict[str, Any], ...]:
    folder = harness_root() / "spec" / "remedies"
    try:
        return tuple(tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml")))
    except (OSError, ValueError) as error:
        raise InfrastructureError(f"{folder}: cannot be read: {error}", hint="reinstall stackproof") from error


@cache
def _reference() -> Any:
    from stackproof.harness import reference_specification
    from stackproof.spec import read

    return read(reference_specification())


@cache
def _reference_values() -> Mapping[str, tuple[Any, str]]:
    from stackproof.spec.jsonable import describe, value_to_json

    return {one.id: (value_to_json(one.value), describe(one.value)) for one in _reference().every}
