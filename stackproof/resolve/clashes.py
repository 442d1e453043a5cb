"""Rows that cannot be installed together: the fewest that do not go together, and why, on each Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stackproof.resolve.answer import Conflict
from stackproof.resolve.asker import Asker
from stackproof.resolve.minimal import every_minimal, minimal
from stackproof.resolve.rows import Package

_NAMES = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Clash:
    """Rows that do not go together, although they do without any one of them.

    Attributes:
        rows: in the order of the document.
        conflict: the resolver's words about these rows alone.
        pythons: on which it was seen.
    """

    rows: tuple[Package, ...]
    conflict: Conflict
    pythons: tuple[str, ...]

    @property
    def absent(self) -> bool:
        """A package is not on the index, which says nothing about versions."""
        return bool(self.conflict.absent)

    @property
    def unbuilt(self) -> bool:
        """It might be otherwise if something were built."""
        return self.conflict.needs_build and not self.absent

    @property
    def real(self) -> bool:
        """The rows contradict each other, or themselves."""
        return not self.absent and not self.unbuilt


def clashes_of(asker: Asker, wanted: Mapping[Package, str], python: str) -> tuple[list[Clash], bool]:
    """Every smallest set of rows whose requirements do not go together, and whether these are all.

    Raises:
        Unanswered: the resolver could not tell.
    """

    def asked(rows: Sequence[Package]) -> list[str]:
        return [wanted[row] for row in rows]

    def fits(rows: Sequence[Package]) -> bool:
        return not rows or asker.fits(asked(rows), python)

    def explain(rows: Sequence[Package]) -> tuple[Package, ...]:
        named = set(_NAMES.findall(asker.conflict(asked(rows), python).said))
        return minimal(rows, fits, {row for row in rows if row.name in named})

    found, complete = every_minimal(list(wanted), fits, explain)
    return [Clash(rows, asker.conflict(asked(rows), python), (python,)) for rows in found], complete


def merged(found: Sequence[Clash]) -> list[Clash]:
    """Clashes of the same rows on several Pythons as one, with the words of the first."""
    known: dict[tuple[tuple[Package, ...], bool], Clash] = {}
    for one in found:
        key = (one.rows, one.real)
        first = known.get(key)
        known[key] = replace(first, pythons=(*first.pythons, *one.pythons)) if first else one
    return list(known.values())
