"""A specification as data: requirements with stable ids, typed values and the line that each came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from packaging.specifiers import SpecifierSet


class Kind(StrEnum):
    """What sort of statement a clause makes; it fixes the type of the requirement's value."""

    VERSION = "version"  # VersionRule
    SUPPORT = "support"  # date: the last day of support
    COMPATIBILITY = "compatibility"  # Edge
    DURATION = "duration"  # timedelta
    THRESHOLD = "threshold"  # Threshold
    CHOICE = "choice"  # Choice
    FLAG = "flag"  # bool
    IMAGE = "image"  # str: an image reference
    PROCEDURE = "procedure"  # None: a person does it, no program can see it done
    UNKNOWN = "unknown"  # None: nobody understood the clause


class Strength(StrEnum):
    """How binding the clause's own words are."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    CONDITIONAL = "conditional"  # "if durability needed", "if network is untrusted"
    PROCEDURAL = "procedural"


@dataclass(frozen=True, slots=True)
class VersionRule:
    """One row of a version matrix.

    Attributes:
        component: the cell as written, "Django REST Framework".
        package: normalised PyPI name (PEP 503), or None where the row is no Python package (Python, PostgreSQL).
        constraint: the PEP 440 specifier set that decides the verdict.
        line: the Version column as written ("5.2.x LTS"): the tested line, which explains but does not decide.
    """

    component: str
    package: str | None
    constraint: SpecifierSet
    line: str

    def past_the_column(self, version: str) -> str:
        """ ", past the tested line 3.2.x" where the version lies beside it: the constraint decides, this is a word."""
        line = self.line.split()[0].removesuffix(".x") if self.line.split() else ""
        inside = not line or version == line or version.startswith((f"{line}.", f"{line}+"))
        return "" if inside else f", past the tested line {self.line}"


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge of the compatibility tree: `child` at `child_line` stands on `parent` at `parent_line`."""

    child: str
    child_line: str
    parent: str
    parent_line: str
    child_package: str | None
    parent_package: str | None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A bound on a quantity: at least `number` (or, with `of`, that share of `of`).

    Attributes:
        number: the bound; a share lies between 0 and 1.
        relation: ">=", "<=" or "==".
        of: what the share is a share of ("RAM"), or None for an absolute number.
    """

    number: float
    relation: str
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One or more admissible words, the first being the one that the clause prefers."""

    options: tuple[str, ...]


type Value = VersionRule | Edge | Threshold | Choice | timedelta | date | bool | str | None


@dataclass(frozen=True, slots=True)
class Requirement:
    """A clause of the specification as data.

    Attributes:
        id: stable, readable; survives a change of value, of order and of neighbours.
        chapter: headings that lead to the clause, " > " between them, without the document's title.
        line: 1-based line of the document.
        text: the clause as written, markup removed, at most 500 characters.
        kind: fixes the type of `value`.
        value: typed; None for procedures and for clauses that nobody understood.
        strength: how binding the clause's own words are.
        understood: False where the parser met a clause that it cannot turn into data.
        note: why it was not understood, or what the reader should know.
        source: public standard that a derived requirement comes from; None for the document's own.
        follows_from: id of the clause that implies a derived one; "" for the document's own.
    """

    id: str
    chapter: str
    line: int
    text: str
    kind: Kind
    value: Value
    strength: Strength = Strength.REQUIRED
    understood: bool = True
    note: str = ""
    source: str | None = None
    follows_from: str = ""


@dataclass(frozen=True, slots=True)
class Specification:
    """A parsed document.

    Attributes:
        path: where it was read from, as given by the user.
        digest: SHA-256 of the bytes, hexadecimal.
        requirements: in the order of the document; ids are unique, with those of `derived`.
        derived: what these imply through public standards; each has a `source`.
    """

    path: str
    digest: str
    requirements: tuple[Requirement, ...]
    derived: tuple[Requirement, ...] = ()

    @property
    def every(self) -> tuple[Requirement, ...]:
        """The document's own requirements, then the derived ones."""
        return (*self.requirements, *self.derived)

    def find(self, requirement_id: str) -> Requirement | None:
        """The requirement of that id, derived ones included, or None."""
        return next((one for one in self.every if one.id == requirement_id), None)
