"""The smallest change of rows with which what clashed goes together, tried out before it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from stackproof.resolve import bounds
from stackproof.resolve.asker import Asker
from stackproof.resolve.extreme import highest, lowest
from stackproof.resolve.minimal import hitting
from stackproof.resolve.rows import Package, line_of
from stackproof.spec.releases import admits

_MOST_PAIRS = 6


@dataclass(frozen=True, slots=True)
class Change:
    """Another value for a row.

    Attributes:
        requirement: the row with it.
        words: what to write where: "Version 2.8.x instead of 2.7.x".
        inside: it stays inside the row's own Constraint; `leaves` is a Version outside of it.
        step: how far it goes; a smaller one is a smaller change.
    """

    row: Package
    requirement: str
    words: str
    inside: bool
    step: tuple[int, ...]
    leaves: bool = False


type Repair = tuple[Change, ...]


class Mender:
    """Looks for changes of rows with which all of them go together on every Python."""

    def __init__(self, asker: Asker, pythons: Sequence[str], *, tested: bool) -> None:
        """`tested`: it is the Version column that shall go together, not the Constraints."""
        self._asker = asker
        self._pythons = pythons
        self._moves = (_inside_moves, _outside_moves) if tested else (_bound_moves,)
        self._tested = tested

    def mend(self, rows: Mapping[Package, str], clashes: Sequence[Sequence[Package]]) -> list[Repair]:
        """The best repair and, where one is about as small, a second; fewest rows first, then the smallest step.

        Args:
            rows: every row and its requirement.
            clashes: of these rows; each needs a change of one of its rows.

        Raises:
            Unanswered: the resolver could not tell.
        """
        for moves in self._moves:
            alone = [(row,) for (row,) in hitting(clashes, 1)]
            found = sorted(self._repairs(rows, alone, moves), key=_size)
            if found:
                return found[:2]
        for moves in self._moves:
            found = sorted(self._repairs(rows, hitting(clashes, 2)[:_MOST_PAIRS], moves), key=_size)
            if found:
                return found[:1]
        return []

    def goes_together(self, rows: Iterable[str]) -> bool:
        """Whether these do on every Python."""
        return all(self._asker.fits(list(rows), python) for python in self._pythons)

    def _repairs(
        self, rows: Mapping[Package, str], sets: Sequence[tuple[Package, ...]], moves: Callable[[Package], list[_Move]]
    ) -> Iterator[Repair]:
        for chosen in sets:
            for ways in product(*(moves(row) for row in chosen)):
                found = self._try(rows, ways)
                if found:
                    yield found

    def _try(self, rows: Mapping[Package, str], ways: tuple[_Move, ...]) -> Repair | None:
        """One row after the other goes as far as it must, those that are still to go being free within their way."""
        current = dict(rows) | {way.row: way.row.asked(way.within) for way in ways}
        if not self.goes_together(current.values()):
            return None
        changes: list[Change] = []
        for way in ways:
            change = self._nearest(current, way)
            if change is None:
                return None
            current[way.row] = change.requirement
            if not self.goes_together(current.values()):
                return None
            changes.append(change)
        return tuple(changes)

    def _nearest(self, rows: Mapping[Package, str], way: _Move) -> Change | None:
        others = [text for row, text in rows.items() if row != way.row]
        search = lowest if way.up else highest
        found = [search(self._asker, way.row, way.within, others, python) for python in self._pythons]
        versions = [one for one in found if one is not None]
        if not versions or len(versions) < len(found):
            return None
        version = max(versions) if way.up else min(versions)
        return _new_line(way, version) if self._tested or not way.row.stated else _new_constraint(way, version)


@dataclass(frozen=True, slots=True)
class _Move:
    """A row may go up or down, within specifiers."""

    row: Package
    within: str
    up: bool
    inside: bool


def _inside_moves(row: Package) -> list[_Move]:
    if row.release is None or not row.stated:
        return []
    return [
        _Move(row, ",".join(filter(None, (str(row.constraint), part))), up, True) for up, part in _parts(row.release)
    ]


def _outside_moves(row: Package) -> list[_Move]:
    return [_Move(row, part, up, not row.stated) for up, part in _parts(row.release)] if row.release else []


def _parts(release: tuple[int, ...]) -> list[tuple[bool, str]]:
    """What lies above a release line, and what lies below it."""
    return [(True, f">={bounds.dotted(bounds.following(release))}"), (False, f"<{bounds.dotted(release)}")]


def _bound_moves(row: Package) -> list[_Move]:
    if not row.stated:
        return _outside_moves(row)
    moves = []
    if bounds.cap_of(row.constraint) is not None:
        moves.append(_Move(row, str(bounds.uncapped(row.constraint)), True, False))
    if bounds.unfloored(row.constraint) != row.constraint:
        moves.append(_Move(row, str(bounds.unfloored(row.constraint)), False, False))
    return moves


def _new_line(way: _Move, version: Version) -> Change | None:
    """The Version column, as finely as it was written."""
    row = way.row
    if row.release is None:
        return None
    numbers = (*version.release, *[0] * len(row.release))[: len(row.release)]
    if way.inside and row.stated and not admits(row.constraint, numbers):
        return None
    words = f"Version {bounds.written_like(row.written, numbers)} instead of {row.written}"
    step = bounds.step(row.release, numbers)
    return Change(row, row.asked(line_of(numbers)), words, way.inside, step, leaves=row.stated and not way.inside)


def _new_constraint(way: _Move, version: Version) -> Change | None:
    """The Constraint, opened just far enough."""
    row = way.row
    text = bounds.raised(row.constraint, version) if way.up else bounds.lowered(row.constraint, version)
    edge = bounds.cap_of(row.constraint) if way.up else bounds.floor_of(row.constraint)
    if text is None or SpecifierSet(text) == row.constraint:
        return None
    words = f"Constraint {text} instead of {row.constraint_text}"
    return Change(row, row.asked(SpecifierSet(text)), words, False, bounds.step(edge or (), version.release))


def _size(repair: Repair) -> tuple[bool, list[tuple[int, ...]]]:
    return (not all(change.inside for change in repair), sorted(change.step for change in repair))
