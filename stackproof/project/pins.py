"""The form of a requirement, against the forms that a pinning strategy asks for (docs/decisions/0014)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from stackproof.project import ranges
from stackproof.project.declarations import Declarations
from stackproof.project.model import Use
from stackproof.project.suggested import bounds_of, line_of

DEPLOYED = (Use.PRODUCTION, Use.OPTIONAL)  # an extra is what a deployment may ask for
NUMBERS = {"major": 1, "minor": 2, "patch": 3}  # of a release, as a clause names the last of them

type Cap = Literal["", "major", "minor", "some"]


class Flaw(StrEnum):
    """What a requirement lacks of a form."""

    EMPTY = "admits nothing at all"
    ELSEWHERE = "is not taken from an index, so that no range of releases is declared"
    EXACT = "is pinned exactly"
    LOOSE = "is not pinned exactly"
    NO_FLOOR = "has no lower bound"
    NO_CAP = "has no upper bound"
    FAR_CAP = "has an upper bound beyond the next release that may break"


@dataclass(frozen=True, slots=True)
class Form:
    """A form such as `>=X.Y,<X+1.0`.

    Attributes:
        cap: up to which change a range may lead: the next "major", the next "minor", "some" bound, or any ("").
        exact: one version alone.
    """

    text: str
    cap: Cap = ""
    exact: bool = False

    def flaws(self, specifiers: SpecifierSet) -> tuple[Flaw, ...]:
        """What a specifier set lacks of the form; a cap that is tighter than the form's lacks nothing."""
        if ranges.is_empty(specifiers):
            return (Flaw.EMPTY,)
        floor = ranges.floor_of(specifiers)
        exact = _is_exact(specifiers, floor)
        if exact or self.exact:
            return () if exact == self.exact else (Flaw.EXACT if exact else Flaw.LOOSE,)
        found = [] if floor is not None else [Flaw.NO_FLOOR]
        if self.cap and not any(one.operator in {"<", "<=", "~=", "=="} for one in specifiers):
            found.append(Flaw.NO_CAP)
        elif (
            self.cap in {"major", "minor"}
            and floor is not None
            and not ranges.is_within(specifiers, SpecifierSet(f"<{self._next(floor)}"))
        ):
            found.append(Flaw.FAR_CAP)
        return tuple(found)

    def example(self, floor: Version | None) -> str:
        """The form with the numbers of a version, or as the clause writes it."""
        if floor is None:
            return self.text
        if self.exact:
            return f"=={floor}"
        epoch, (major, minor) = _epoch(floor), (*floor.release, 0)[:2]
        return f">={epoch}{major}.{minor}" + (f",<{self._next(floor)}" if self.cap else "")

    def _next(self, floor: Version) -> str:
        epoch, (major, minor) = _epoch(floor), (*floor.release, 0)[:2]
        return f"{epoch}{major}.{minor + 1}" if self.cap == "minor" else f"{epoch}{major + 1}.0"


_TEMPLATES: tuple[tuple[str, Cap, bool], ...] = (
    (r">=X\.Y(\.Z)?", "", False),
    (r">=X\.Y(\.Z)?,<\(?X\+1\)?(\.0)*", "major", False),
    (r"[~^]=?X\.Y|\^X\.Y\.Z|==X\.\*", "major", False),
    (r">=X\.Y(\.Z)?,<X\.\(?Y\+1\)?(\.0)*", "minor", False),
    (r"~=X\.Y\.Z|==X\.Y\.\*", "minor", False),
    (r"={2,3}X\.Y(\.Z)?", "", True),
    (r">=X\.Y(\.Z)?,<=?[A-WYZ](\.[A-Z0-9])*", "some", False),
)
KNOWN_FORMS = ">=X.Y, >=X.Y,<Z, >=X.Y,<X+1.0, >=X.Y,<X.Y+1, ~=X.Y, ~=X.Y.Z, ==X.Y.*, ==X.Y.Z"


def forms_of(options: Iterable[str]) -> tuple[Form, ...]:
    """The forms that a clause names; those that are not known are left out."""
    found = []
    for text in options:
        for pattern, cap, exact in _TEMPLATES:
            if re.fullmatch(pattern, text.replace(" ", "")):
                found.append(Form(text, cap, exact))
                break
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Pinning:
    """How the requirements of a use stand to the forms.

    Attributes:
        judged: how many.
        offences: a sentence for each requirement that has none of the forms, with the line that would have one.
        excused: sentences on those that only lack what the row of their package lacks itself.
        capped: those with an upper bound although the form has none.
        local: those that come from a folder, which is code of the project's own.
    """

    judged: int
    offences: tuple[str, ...]
    excused: tuple[str, ...]
    capped: tuple[str, ...]
    local: tuple[str, ...]


def judge_forms(
    declared: Declarations, uses: Iterable[Use], forms: tuple[Form, ...], rows: Mapping[str, SpecifierSet]
) -> Pinning:
    """Judge every requirement of some uses.

    Args:
        rows: the document's own constraints by package; what such a constraint lacks itself is not asked for.
    """
    offences, excused, capped, local, judged = list[str](), list[str](), list[str](), list[str](), 0
    for one in declared.used_for(*uses):
        if one.source == "path":
            local.append(f"{one.place}: {one.written}")
            continue
        judged += 1
        specifiers, row = declared.in_force(one), rows.get(one.name)
        flaws = _fewest(forms, specifiers) if one.source == "index" else (Flaw.ELSEWHERE,)
        left = tuple(flaw for flaw in flaws if row is None or flaw not in _excuses(forms, row))
        if left:
            better = line_of(one, _better(specifiers, forms, row))
            offences.append(f"{one.place}: {one.written or one.name} {' and '.join(left)}; write {better}")
        elif flaws and row is not None:
            excused.append(f"{one.place}: {one.written} {' and '.join(flaws)}, as its row says: {bounds_of(row)}")
        elif not any(form.cap or form.exact for form in forms) and not _open(specifiers):
            capped.append(f"{one.place}: {one.written}")
    return Pinning(judged, tuple(offences), tuple(excused), tuple(capped), tuple(local))


def judge_numbers(
    declared: Declarations, uses: Iterable[Use], numbers: int, rows: Mapping[str, SpecifierSet]
) -> Pinning:
    """Judge whether the lower bound of every requirement names so many numbers of a release."""
    offences, local, judged = list[str](), list[str](), 0
    for one in declared.used_for(*uses):
        if one.source != "index":
            local.append(f"{one.place}: {one.written}")
            continue
        judged += 1
        specifiers = declared.in_force(one)
        named = max((len(floor.release) for floor in _floors(specifiers)), default=0)
        if named < numbers:
            row = rows.get(one.name)
            floor = ranges.floor_of(specifiers)
            form = Form(">=X.Y,<X+1.0", "major")
            better = ranges.both(specifiers, row) if row is not None else form.example(floor)
            names = "names no version" if not named else f"names {', '.join(list(NUMBERS)[:named])} alone"
            offences.append(f"{one.place}: {one.written} {names}; write {line_of(one, better)}")
    return Pinning(judged, tuple(offences), (), (), tuple(local))


def _floors(specifiers: SpecifierSet) -> list[Version]:
    """The lower bounds that are as high as the highest; `>=5,>=5.0` names two numbers."""
    highest = ranges.floor_of(specifiers)
    each = [ranges.floor_of(SpecifierSet(str(one))) for one in specifiers]
    return [one for one in each if one is not None and one == highest]


def _fewest(forms: tuple[Form, ...], specifiers: SpecifierSet) -> tuple[Flaw, ...]:
    different = {(form.cap, form.exact): form for form in forms}  # what two spellings ask for is asked once
    return min((form.flaws(specifiers) for form in different.values()), key=len)


def _excuses(forms: tuple[Form, ...], row: SpecifierSet) -> frozenset[Flaw]:
    """What a requirement may lack because its row does; where the row has no cap, any cap is more than it asks."""
    lacks = set(_fewest(forms, row))
    return frozenset(lacks | ({Flaw.FAR_CAP} if Flaw.NO_CAP in lacks else set()))


def _better(specifiers: SpecifierSet, forms: tuple[Form, ...], row: SpecifierSet | None) -> SpecifierSet | str:
    if row is not None:
        shared = ranges.both(specifiers, row)
        return row if set(_fewest(forms, shared)) - _excuses(forms, row) else shared
    return forms[0].example(ranges.floor_of(specifiers))


def _is_exact(specifiers: SpecifierSet, floor: Version | None) -> bool:
    if any(one.operator == "===" or (one.operator == "==" and "*" not in one.version) for one in specifiers):
        return True
    if not any(one.operator == "<=" for one in specifiers):
        return False
    return floor is not None and ranges.is_within(specifiers, SpecifierSet(f"=={floor}"))


def _open(specifiers: SpecifierSet) -> bool:
    return not any(one.operator in {"<", "<=", "~=", "=="} for one in specifiers)


def _epoch(version: Version) -> str:
    return f"{version.epoch}!" if version.epoch else ""
