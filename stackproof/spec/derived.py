"""Derived requirements: what a clause implies through a public standard, as data in `spec/derived/<chapter>.toml`.

Each names the standard that it comes from and the clauses that it stands on; a document without any of these clauses
derives nothing. They are judged and reported apart from the document's own, and count only with `--strict`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stackproof.errors import InfrastructureError
from stackproof.spec.model import Choice, Kind, Requirement, Threshold, Value


class Derivation(BaseModel):
    """One entry of a file.

    Attributes:
        stands_on: patterns of clause ids; the first clause of the document that fits lends its line and chapter.
        source: the standard and its section.
        value: true for a flag, words for a choice; `at_least` and `at_most` make a threshold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+)*$")
    stands_on: tuple[str, ...] = Field(min_length=1)
    text: str = Field(min_length=20, max_length=500)
    source: str = Field(min_length=5)
    value: bool | tuple[str, ...] = True
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Derivation:
        if self.at_least is not None and self.at_most is not None:
            raise ValueError("at_least and at_most together are no threshold")
        return self

    def typed(self) -> tuple[Kind, Value]:
        """Kind and value of the requirement."""
        if self.at_least is not None:
            return Kind.THRESHOLD, Threshold(self.at_least, ">=")
        if self.at_most is not None:
            return Kind.THRESHOLD, Threshold(self.at_most, "<=")
        if isinstance(self.value, bool):
            return Kind.FLAG, self.value
        return Kind.CHOICE, Choice(self.value)


def derive(requirements: Sequence[Requirement], folder: Path) -> tuple[Requirement, ...]:
    """The requirements that the document's own imply.

    An id that the document itself states is the document's.

    Raises:
        InfrastructureError: a file of the folder does not fit; the harness's installation is damaged.
    """
    own = {one.id for one in requirements}
    derived: dict[str, Requirement] = {}
    for path in sorted(folder.glob("*.toml")):
        for one in _read(path):
            if one.id in derived:
                raise InfrastructureError(f"{path}: {one.id!r} is derived twice", hint="keep one of the two")
            base = _base(one, requirements)
            if base is not None and one.id not in own:
                derived[one.id] = _requirement(one, base)
    return tuple(derived.values())


def _base(derivation: Derivation, requirements: Iterable[Requirement]) -> Requirement | None:
    understood = [one for one in requirements if one.understood]
    for pattern in derivation.stands_on:
        for one in understood:
            if fnmatchcase(one.id, pattern):
                return one
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
    )


def _read(path: Path) -> list[Derivation]:
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return [Derivation.model_validate(one) for one in data["derived"]]
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise InfrastructureError(f"{path}: cannot be read: {error}", hint="reinstall stackproof") from error
