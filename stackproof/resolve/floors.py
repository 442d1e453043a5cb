"""Lower bounds of Constraints that no installation of all rows can reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.version import Version

from stackproof.resolve.answer import Resolved
from stackproof.resolve.asker import Asker
from stackproof.resolve.bounds import floor_of, refloored
from stackproof.resolve.clashes import Clash
from stackproof.resolve.extreme import lowest
from stackproof.resolve.minimal import minimal
from stackproof.resolve.rows import Package, line_of


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A floor that is out of reach on one Python.

    Attributes:
        floor: as written, (2, 7).
        lowest: the lowest release that goes together with the other rows.
        because: the row at its floor, and the fewest others with which that does not go.
    """

    row: Package
    floor: tuple[int, ...]
    lowest: Version
    because: Clash

    @property
    def better(self) -> str:
        """The Constraint with a floor that is reached."""
        return refloored(self.row.constraint, self.lowest)


def unreachable_floors(asker: Asker, rows: Sequence[Package], python: str) -> Iterator[Unreachable]:
    """The floors out of reach; the rows' Constraints are known to go together.

    Raises:
        Unanswered: the resolver could not tell.
    """
    answer = asker.freshly([row.own for row in rows], python, "lowest-direct")
    if not isinstance(answer, Resolved):
        return
    for row in rows:
        floor = floor_of(row.constraint)
        if not row.stated or floor is None or _in_line(Version(answer.pins[row.name]), floor):
            continue
        others = [one for one in rows if one != row]
        least = lowest(asker, row, str(row.constraint), [one.own for one in others], python)
        if least is None or _in_line(least, floor):
            continue
        yield Unreachable(row, floor, least, _because(asker, row, floor, others, python))


def _because(asker: Asker, row: Package, floor: tuple[int, ...], others: list[Package], python: str) -> Clash:
    at_floor = row.asked(",".join(filter(None, (str(row.constraint), line_of(floor)))))

    def asked(chosen: Sequence[Package]) -> list[str]:
        return [at_floor, *(one.own for one in chosen)]

    said = asker.conflict(asked(others), python).said
    suspects = {one for one in others if one.name in said}
    blamed = minimal(others, lambda chosen: asker.fits(asked(chosen), python), suspects)
    return Clash((row, *blamed), asker.conflict(asked(blamed), python), (python,))


def _in_line(version: Version, line: tuple[int, ...]) -> bool:
    return (*version.release, *[0] * len(line))[: len(line)] == line
