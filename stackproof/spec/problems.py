"""Faults of a document, collected so that one run names them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stackproof.errors import UsageError

SHOWN_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a document cannot be read.

    Attributes:
        line: 1-based line, or 0 where the file as a whole is meant.
        what: what is wrong there.
        cure: what to do about it, as a sentence.
    """

    line: int
    what: str
    cure: str

    def located(self, path: str) -> str:
        """`file:line: what`, the form that editors can jump to."""
        return f"{path}:{self.line}: {self.what}" if self.line else f"{path}: {self.what}"


def refuse(path: str, problems: Iterable[Problem]) -> None:
    """Raise one `UsageError` that names every problem in the order of the document; do nothing if there is none.

    Raises:
        UsageError: there is at least one problem.
    """
    ordered = sorted(set(problems), key=lambda one: (one.line, one.what))
    if not ordered:
        return
    if len(ordered) == 1:
        raise UsageError(ordered[0].located(path), hint=ordered[0].cure)
    shown = [f"{one.located(path)}\n  cure: {one.cure}" for one in ordered[:SHOWN_AT_MOST]]
    left = len(ordered) - len(shown)
    if left:
        shown.append(f"{path}: and {left} more problem{'s' if left > 1 else ''} of this kind or another")
    raise UsageError("\n".join(shown))
