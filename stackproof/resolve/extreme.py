"""The lowest or highest release of one package with which the others still go together."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.version import Version

from stackproof.resolve.answer import Resolved
from stackproof.resolve.asker import Asker
from stackproof.resolve.rows import Package

_MOST_STEPS = 10


def lowest(asker: Asker, row: Package, within: str, others: Sequence[str], python: str) -> Version | None:
    """The lowest release, within specifiers, that goes together with the others; None if none does.

    The resolver's own lowest is only a start: it may have paid for a low release of another package with this one's.

    Raises:
        Unanswered: the resolver could not tell.
    """
    return _furthest(asker, row, within, others, python, up=False)


def highest(asker: Asker, row: Package, within: str, others: Sequence[str], python: str) -> Version | None:
    """As `lowest`, for the highest."""
    return _furthest(asker, row, within, others, python, up=True)


def _furthest(
    asker: Asker, row: Package, within: str, others: Sequence[str], python: str, *, up: bool
) -> Version | None:
    found: Version | None = None
    for _ in range(_MOST_STEPS):
        further = "" if found is None else f"{'>' if up else '<'}{found.public}"
        wanted = row.asked(",".join(filter(None, (within, further))))
        answer = asker.answer([*others, wanted], python, "highest" if up else "lowest-direct")
        if not isinstance(answer, Resolved):
            break
        found = Version(answer.pins[row.name])
    return found
