"""Words for what was found: which release, which row of the document, and whether the row admits the fix."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.version import InvalidVersion, Version

from stackproof.advisories.model import Audit, Known, Release
from stackproof.spec.jsonable import constraint_text
from stackproof.spec.model import Requirement, Specification, VersionRule

TOLD = 8  # vulnerabilities that a sentence names


def told(known: Iterable[Known], specification: Specification) -> str:
    """One clause of a sentence for each: release, place, names, fix and row."""
    every = list(known)
    shown = "; ".join(_told(one, specification) for one in every[:TOLD])
    return f"{shown}; and {len(every) - TOLD} more" if len(every) > TOLD else shown


def _told(one: Known, specification: Specification) -> str:
    names = ", ".join(one.ids[:4])
    return f"{one.release} ({one.release.where}): {names}; {_fix(one, rows_of(one.release, specification))}"


def _fix(one: Known, rows: list[tuple[Requirement, VersionRule]]) -> str:
    if not one.fixed:
        return "no fix is known"
    if not rows:
        return f"fixed in {' or '.join(one.fixed[:3])}, and the document has no row for it"
    row, rule = rows[0]
    where = f"the row {row.id} (line {row.line}, {constraint_text(rule.constraint)})"
    inside = next((fix for fix in one.fixed if _admits(rule, fix)), None)
    if inside is None:
        return f"the fix {' or '.join(one.fixed[:3])} is outside {where}, which has to change first"
    return f"the fix {inside} is inside {where}"


def _admits(rule: VersionRule, version: str) -> bool:
    try:
        return rule.constraint.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return False


def rows_of(release: Release, specification: Specification) -> list[tuple[Requirement, VersionRule]]:
    """The rows of the document that are about a package."""
    return [
        (one, one.value)
        for one in specification.requirements
        if isinstance(one.value, VersionRule) and one.value.package == release.name
    ]


def left_out(audit_left: tuple[tuple[Release, str], ...], elsewhere: Iterable[str] = ()) -> str:
    """What was not looked at, as the end of a sentence; "" where that is nothing."""
    names = [str(release) for release, _ in audit_left] + list(elsewhere)
    if not names:
        return ""
    why = audit_left[0][1] if audit_left else "they come from no index"
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{', '.join(names[:5])}{more} ({why})"


def against(audit: Audit, names: Iterable[Release]) -> list[Known]:
    """What is known against these releases."""
    wanted = set(names)
    return [one for one in audit.known if one.release in wanted]
