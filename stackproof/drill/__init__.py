"""Drills: parts of the target are broken on purpose, watched, and mended whatever happens."""

from __future__ import annotations

from stackproof.check import not_assessed
from stackproof.descriptor.drill import PARTS, Drill, Part
from stackproof.descriptor.model import Descriptor
from stackproof.drill import journal


def guard(drill: str, descriptor: Descriptor, *, allowed: bool, beside_others: bool) -> None:
    """End a drill before it breaks anything, where it may not or cannot be held.

    Args:
        drill: the word of the check; a part of `[drill]`, or another one for drills that need no commands.
        beside_others: whether other checks run at the same time.

    Raises:
        NotAssessed: says what would allow it.
    """
    if drill in PARTS:
        part_of(descriptor.drill, drill)
    if not allowed:
        not_assessed("it breaks a part of the service for a while, which --drill has to allow")
    if beside_others:
        not_assessed("drills are held with nothing beside them: run without pytest's own -n")
    if journal.unmended:
        not_assessed(f"an earlier drill could not be undone: {journal.unmended[0]}")


def part_of(described: Drill, name: str) -> Part:
    """The commands of a part.

    Raises:
        NotAssessed: the descriptor does not give it.
    """
    part: Part | None = getattr(described, name)
    if part is None:
        not_assessed(f"stackproof.toml has no [drill.{name}] table: commands that stop and start this part")
    return part
