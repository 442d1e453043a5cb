"""What changed between two specifications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from stackproof.spec.jsonable import describe
from stackproof.spec.model import Edge, Requirement, Specification, VersionRule


class ChangeKind(StrEnum):
    """How a requirement differs between two editions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"  # another value, strength, or no longer (or newly) understood
    MOVED = "moved"  # another chapter
    REWORDED = "reworded"  # other words for the same value


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        kind: what sort of difference.
        id: the requirement's.
        old: what the first edition says (value, chapter or words, as the kind has it); None where it says nothing.
        new: what the second edition says; None where it says nothing.
        old_line: 1-based line in the first edition, or None.
        new_line: 1-based line in the second edition, or None.
    """

    kind: ChangeKind
    id: str
    old: str | None
    new: str | None
    old_line: int | None
    new_line: int | None


def diff(old: Specification, new: Specification) -> list[Change]:
    """Differences in the order of the new edition, what was removed at the end.

    Order of clauses alone is no difference. One line that states several requirements is reworded once at most.
    """
    before = {one.id: one for one in old.requirements}
    after = {one.id: one for one in new.requirements}
    changes: list[Change] = []
    for one in new.requirements:
        earlier = before.get(one.id)
        if earlier is None:
            changes.append(Change(ChangeKind.ADDED, one.id, None, _statement(one), None, one.line))
        else:
            changes += _between(earlier, one)
    for one in old.requirements:
        if one.id not in after:
            changes.append(Change(ChangeKind.REMOVED, one.id, _statement(one), None, one.line, None))
    return _without_echoes(changes)


def _between(old: Requirement, new: Requirement) -> Iterator[Change]:
    lines = (old.line, new.line)
    if _substance(old) != _substance(new):
        yield Change(ChangeKind.CHANGED, new.id, _told(old, new), _told(new, old), *lines)
    elif old.text != new.text:
        yield Change(ChangeKind.REWORDED, new.id, old.text, new.text, *lines)
    if old.chapter != new.chapter:
        yield Change(ChangeKind.MOVED, new.id, old.chapter, new.chapter, *lines)


def _substance(one: Requirement) -> tuple[object, ...]:
    """What makes two statements the same; without a value it is the words themselves."""
    words = one.text if not one.understood else None
    return (one.kind, one.value, one.strength, one.understood, words)


def _told(one: Requirement, other: Requirement) -> str:
    """The statement with as much detail as tells it from the other one."""
    short, opposite = _statement(one), _statement(other)
    if short != opposite:
        return short
    if one.strength != other.strength:
        return f"{short} ({one.strength})".strip()
    return one.text


def _statement(one: Requirement) -> str:
    if not one.understood:
        return f"not understood: {one.text}"
    if isinstance(one.value, VersionRule):
        return f"{describe(one.value)} (tested: {one.value.line})" if one.value.line else describe(one.value)
    if isinstance(one.value, Edge):
        return describe(one.value)
    return describe(one.value) or one.text


def _without_echoes(changes: list[Change]) -> list[Change]:
    """Leave out that a line was reworded where one of its requirements changed, or said so already."""
    told: set[tuple[int | None, int | None]] = {
        (one.old_line, one.new_line) for one in changes if one.kind is ChangeKind.CHANGED
    }
    kept = []
    for one in changes:
        lines = (one.old_line, one.new_line)
        if one.kind is ChangeKind.REWORDED:
            if lines in told:
                continue
            told.add(lines)
        kept.append(one)
    return kept
