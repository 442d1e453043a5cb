"""What is declared, against the constraint of a row."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from stackproof.project import ranges
from stackproof.project.declarations import Declarations, PythonStatement
from stackproof.project.markers import can_hold
from stackproof.project.model import Declared
from stackproof.project.suggested import bounds_of, line_of
from stackproof.spec.jsonable import constraint_text


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the declarations of one package stand to its row.

    Attributes:
        offences: a sentence for each declaration that is not inside the constraint, with the line that would be.
        inside: "file:line declares …" of those that are.
        elsewhere: the requirements that come from a repository, a URL or a folder, and so name no version.
        never: those whose markers hold on no Python that the document admits.
    """

    offences: tuple[str, ...]
    inside: tuple[str, ...]
    elsewhere: tuple[Declared, ...]
    never: tuple[Declared, ...]


def align(declared: Declarations, package: str, constraint: SpecifierSet, pythons: SpecifierSet) -> Alignment:
    """Judge every declaration of a package.

    Args:
        pythons: those that the document admits; a requirement for others alone is left aside.
    """
    offences, inside, elsewhere, never = list[str](), list[str](), list[Declared](), list[Declared]()
    for one in declared.of(package):
        if not can_hold(one.marker, pythons):
            never.append(one)
        elif one.source != "index":
            elsewhere.append(one)
        elif offence := _offence(one, declared.in_force(one), constraint):
            offences.append(offence)
        else:
            inside.append(f"{one.place} declares {one.written}")
    return Alignment(tuple(offences), tuple(inside), tuple(elsewhere), tuple(never))


def _offence(one: Declared, specifiers: SpecifierSet, constraint: SpecifierSet) -> str:
    apart = ranges.is_apart(specifiers, constraint)
    if not apart and ranges.is_within(specifiers, constraint):
        return ""
    beside = "" if specifiers == one.specifier else f", in force {bounds_of(specifiers)}"
    if ranges.is_empty(specifiers):
        why = "which admits nothing at all"
    elif apart:
        why = "which admits nothing inside it"
    else:
        witness = ranges.outside(specifiers, constraint)
        why = f"which admits {witness}" if witness else "which admits versions outside"
    better = line_of(one, ranges.both(specifiers, constraint))
    return f"{one.place} declares {one.written}{beside}, {why}; write {better}"


def python_offence(one: PythonStatement, constraint: SpecifierSet) -> str:
    """Why a statement on the interpreter is not inside the constraint, with a better one; "" where it is."""
    apart = ranges.is_apart(one.specifier, constraint)
    if not apart and ranges.is_within(one.specifier, constraint):
        return ""
    witness = ranges.outside(one.specifier, constraint)
    why = "admits nothing inside it" if apart else f"admits {witness}" if witness else "admits versions outside"
    better = constraint_text(ranges.both(one.specifier, constraint))
    one_version = one.key.startswith((".", "python_version", "python_full_version"))
    advice = "name a version inside it" if one_version else f'write {one.key} = "{better}"'
    return f"{one.place} has {one.key} {one.written}, which {why}; {advice}"
