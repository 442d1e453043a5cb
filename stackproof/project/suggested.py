"""The line that would be right in place of one that is not."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet

from stackproof.project.model import Declared
from stackproof.spec.jsonable import constraint_text


def line_of(one: Declared, specifiers: SpecifierSet | str) -> str:
    """A requirement with another specifier, in the words of its file."""
    text = specifiers if isinstance(specifiers, str) else constraint_text(specifiers)
    name = one.written.partition(" = ")[0]
    if one.written.startswith(f'{name} = "'):  # as Poetry and Pipenv write it
        return f'{name} = "{text}"'
    extras = f"[{','.join(one.extras)}]" if one.extras else ""
    marker = f"; {one.marker}" if one.marker else ""
    return f"{one.name}{extras}{text}{marker}"


def bounds_of(specifiers: SpecifierSet) -> str:
    """What is in force, for a sentence: the constraint, or "any version"."""
    return constraint_text(specifiers) if len(specifiers) else "any version"
