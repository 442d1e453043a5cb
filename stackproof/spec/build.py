"""How the readers of rows, trees and bullets make requirements, so that all look alike."""

from __future__ import annotations

import re

from stackproof.spec.model import Kind, Requirement, Strength, Value
from stackproof.spec.text import shortened

_CONDITIONAL = re.compile(
    r"\b(?:if|unless|optional(?:ly)?|fallback|where (?:needed|required)|when (?:needed|required))\b", re.IGNORECASE
)
_RECOMMENDED = re.compile(
    r"\b(?:recommend(?:ed|s)?|should|preferabl[ey]|preferred|ideally|where possible)\b", re.IGNORECASE
)


def strength_of(text: str, *, introduced_by: tuple[str, ...] = ()) -> Strength:
    """How binding the words are; a list that is introduced as recommended recommends each of its items."""
    if _CONDITIONAL.search(text):
        return Strength.CONDITIONAL
    if any(_RECOMMENDED.search(words) for words in (text, *introduced_by)):
        return Strength.RECOMMENDED
    return Strength.REQUIRED


def requirement(
    identifier: str,
    chapter: tuple[str, ...],
    line: int,
    text: str,
    kind: Kind,
    value: Value,
    *,
    strength: Strength = Strength.REQUIRED,
    note: str = "",
) -> Requirement:
    """A clause that was understood."""
    return Requirement(
        identifier, " > ".join(chapter), line, shortened(text), kind, value, strength=strength, note=note
    )


def not_understood(
    identifier: str,
    chapter: tuple[str, ...],
    line: int,
    text: str,
    why: str,
    *,
    strength: Strength = Strength.REQUIRED,
) -> Requirement:
    """A clause that is kept although nobody can turn it into data."""
    return Requirement(
        identifier,
        " > ".join(chapter),
        line,
        shortened(text),
        Kind.UNKNOWN,
        None,
        strength=strength,
        understood=False,
        note=why,
    )
