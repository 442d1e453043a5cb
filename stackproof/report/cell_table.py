"""The table of a matrix as words, the same for every format."""

from __future__ import annotations

from collections.abc import Mapping

from stackproof.report.cells import Cell, Matrix, State
from stackproof.verdict import Verdict

NUMBERS = ("sat.", "viol.", "unseen", "error", "other")
HEADINGS = ("cell", "Python", "packages", "PostgreSQL", "cache", "level", *NUMBERS, "culprits")
COUNTED = (Verdict.SATISFIED, Verdict.VIOLATED, Verdict.NOT_ASSESSED, Verdict.ERROR)
CULPRITS = 4  # that are named in the table


def level_of(cell: Cell) -> str:
    """The level, or what stands in its place; never an empty field."""
    if cell.level is None:
        return cell.state.value
    return cell.level.value if cell.state is State.JUDGED else f"{cell.level.value} ({cell.state.value})"


def counts_of(cell: Cell) -> tuple[str, ...]:
    """Satisfied, violated, not assessed, error, and the rest; dashes where nobody judged."""
    if not cell.counts:
        return ("–",) * len(NUMBERS)
    counts = [cell.counts[one.value] for one in COUNTED]
    return tuple(str(one) for one in (*counts, sum(cell.counts.values()) - sum(counts)))


def culprits_of(cell: Cell) -> str:
    """The first culprits and how many more there are; else why there is no report."""
    if cell.level is None:
        return cell.why
    named = ", ".join(cell.culprits[:CULPRITS])
    left = len(cell.culprits) - CULPRITS
    more = f" and {left} more" if left > 0 else ""
    derived = f"derived: {', '.join(cell.derived_culprits[:CULPRITS])}" if cell.derived_culprits else ""
    return "; ".join(one for one in (named + more, derived) if one)


def served_by(cell: Cell, role: str) -> str:
    """The product and version of a role."""
    return cell.services.get(role, "–")


def differing(matrix: Matrix) -> Mapping[tuple[str, str], tuple[tuple[str, ...], str]]:
    """(clause, "satisfied -> violated") -> (cells, the reason of the first of them)."""
    found: dict[tuple[str, str], tuple[tuple[str, ...], str]] = {}
    for cell in matrix.cells:
        for one in cell.differences:
            key = (one.id, f"{one.first} -> {one.here}")
            cells, reason = found.get(key, ((), one.reason))
            found[key] = ((*cells, cell.name), reason)
    return found
