"""Derived requirements: what a clause implies through a public standard, as data in `spec/derived/<chapter>.toml`.

Each names the standard that it comes from and the clauses that it stands on; a document without any of these clauses
derives nothing. They are judged and reported apart from the document's own, and count only with `--strict`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from stackproof.errors import InfrastructureError
from stackproof.spec.model import Choice, Kind, Requirement, Threshold, Value

_ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Derivation:
    """One entry of a file.

    Attributes:
        stands_on: patterns of clause ids; the first clause of the document that fits lends its line and chapter.
        source: the standard and its section.
        value: true for a flag, words for a choice; `at_least` and `at_most` make a threshold.

    Raises:
        ValueError: an attribute is of no use.
    """

    id: str
    stands_on: list[str]
    text: str
    source: str
    value: bool | list[str] = True
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        texts = (self.id, self.text, self.source, *self.stands_on)
        if not all(isinstance(one, str) for one in texts) or not self.stands_on:
            raise ValueError(f"{self.id!r}: id, text, source and stands_on are texts")
        if not _ID.fullmatch(self.id):
            raise ValueError(f"{self.id!r} is no id: lower case words between dots")
        if not 20 <= len(self.text) <= 500 or len(self.source) < 5:
            raise ValueError(f"{self.id!r}: text has 20 to 500 characters, source at least 5")
        if self.at_least is not None and self.at_most is not None:
            raise ValueError(f"{self.id!r}: at_least and at_most together are no threshold")

    def typed(self) -> tuple[Kind, Value]:
        """Kind and value of the requirement."""
        if self.at_least is not None:
            return Kind.THRESHOLD, Threshold(float(self.at_least), ">=")
        if self.at_most is not None:
            return Kind.THRESHOLD, Threshold(float(self.at_most), "<=")
        if isinstance(self.value, bool):
            return Kind.FLAG, self.value
        return Kind.CHOICE, Choice(tuple(self.value))


def derive(requirements: Sequence[Requirement], folder: Path) -> tuple[Requirement, ...]:
    """The requirements that the document's own imply.

    An id that the document itself states is the document's.

    Raises:
        InfrastructureError: a file of the folder does not fit; the harness's installation is damaged.
    """
    own = {one.id for one in requirements}
    understood = {one.id: one for one in requirements if one.understood}
    derived: dict[str, Requirement] = {}
    for path in sorted(folder.glob("*.toml")):
        for one in _read(path):
            if one.id in derived:
                raise InfrastructureError(f"{path}: {one.id!r} is derived twice", hint="keep one of the two")
            base = _base(one, understood)
            if base is not None and one.id not in own:
                derived[one.id] = _requirement(one, base)
    return tuple(derived.values())


def _base(derivation: Derivation, understood: Mapping[str, Requirement]) -> Requirement | None:
    for pattern in derivation.stands_on:
        if pattern in understood:
            return understood[pattern]
        if "*" in pattern:
            found = next((one for name, one in understood.items() if fnmatchcase(name, pattern)), None)
            if found is not None:
                return found
    return None


def _requirement(derivation: Derivation, base: Requirement) -> Requirement:
    kind, value = derivation.typed()
    return Requirement(
        derivation.id,
        base.chapter,
        base.line,
        derivation.text,
        kind,
        value,
        strength=base.strength,
        note=f"follows from {base.id}",
        source=derivation.source,
        follows_from=base.id,
    )


def _read(path: Path) -> list[Derivation]:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return [Derivation(**one) for one in data["derived"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InfrastructureError(f"{path}: cannot be read: {error}", hint="reinstall stackproof") from error
