"""All that a project declares, and what is in force where several declarations stand beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from packaging.specifiers import SpecifierSet

from stackproof.project import ranges
from stackproof.project.model import Declared, Place, Use


@dataclass(frozen=True, slots=True)
class PythonStatement:
    """What a file says of the interpreter.

    Attributes:
        written: as it stands there.
        key: "requires-python", or another name of the same statement.
    """

    specifier: SpecifierSet
    written: str
    place: Place
    key: str


@dataclass(frozen=True)
class Declarations:
    """What was read, and what could not be.

    Attributes:
        requirements: in the order of the files; constraints (`-c`) among them.
        unread: sentences with file, line and cure: what is declared there is not known.
        files: that were read.
        locks: requirements files that a tool compiled: they declare nothing.
        classifiers: that name versions of Python; they bind nobody.
        companions: which groups are always taken together with a group; `""` is the project itself.
    """

    requirements: tuple[Declared, ...] = ()
    unread: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    pythons: tuple[PythonStatement, ...] = ()
    classifiers: tuple[str, ...] = ()
    companions: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Declared]:
        return iter(self.requirements)

    def __len__(self) -> int:
        return len(self.requirements)

    @cached_property
    def _by_name(self) -> dict[str, list[Declared]]:
        found: dict[str, list[Declared]] = {}
        for one in self.requirements:
            found.setdefault(one.name, []).append(one)
        return found

    def of(self, name: str) -> tuple[Declared, ...]:
        """The requirements of a package, by its normalised name; constraints ask for nothing and are left out."""
        return tuple(one for one in self._by_name.get(name, ()) if not one.constraint)

    def used_for(self, *uses: Use) -> tuple[Declared, ...]:
        """The requirements that are declared for one of these uses, constraints left out."""
        return tuple(one for one in self.requirements if one.use in uses and not one.constraint)

    def in_force(self, one: Declared) -> SpecifierSet:
        """What a requirement admits together with those that are always taken with it.

        Those are the other lines of its own group, the files that its file includes or is only ever included by, their
        constraints, and the project's own dependencies; each only where its marker surely holds with the requirement's.
        Where no version could keep to the project's own dependencies as well, the two are not taken together.
        """
        if len(self._by_name.get(one.name, ())) < 2:
            return one.specifier
        mine = self.companions.get(one.group, frozenset()) | {one.group}
        together = self._joined(one, mine)
        with_project = self._joined(one, mine | {""})
        return together if ranges.is_empty(with_project) else with_project

    def _joined(self, one: Declared, groups: frozenset[str]) -> SpecifierSet:
        specifiers = one.specifier
        for other in self._by_name.get(one.name, ()):
            if other is not one and other.source == "index" and other.group in groups:
                specifiers &= other.specifier if other.marker in {"", one.marker} else SpecifierSet()
        return specifiers

    def and_also(self, other: Declarations) -> Declarations:
        """Both, as one."""
        return Declarations(
            self.requirements + other.requirements,
            tuple(dict.fromkeys(self.unread + other.unread)),
            tuple(dict.fromkeys(self.files + other.files)),
            tuple(dict.fromkeys(self.locks + other.locks)),
            self.pythons + other.pythons,
            self.classifiers + other.classifiers,
            {**self.companions, **other.companions},
        )

    def overridden(self, overrides: Mapping[str, Declared]) -> Declarations:
        """With other specifiers for some packages, wherever they are declared (uv's override-dependencies)."""
        requirements = tuple(
            replace(one, specifier=over.specifier, written=over.written, place=over.place)
            if (over := overrides.get(one.name)) and one.source == "index" and not one.constraint
            else one
            for one in self.requirements
        )
        return replace(self, requirements=requirements)
