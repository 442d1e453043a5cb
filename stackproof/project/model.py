"""What a project's files say, as data; every statement has its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from packaging.specifiers import SpecifierSet

type Source = Literal["index", "url", "vcs", "path"]


class Use(StrEnum):
    """What a requirement is declared for."""

    PRODUCTION = "production"
    OPTIONAL = "optional"  # an extra, which a deployment may ask for
    DEVELOPMENT = "development"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file.

    Attributes:
        file: relative to the project's folder, with slashes.
        line: 1-based; 0 where the whole file is meant.
    """

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Declared:
    """A requirement that somebody wrote.

    Attributes:
        name: normalised (PEP 503).
        written: as it stands there, at most 200 characters.
        extras: normalised, sorted.
        marker: PEP 508, "" for none.
        source: where the package comes from; `specifier` is empty for all but the index.
        group: the extra or dependency group; the file's name where a requirements file is a group of its own.
        constraint: it stands in a constraints file (`-c`) and asks for nothing by itself.
        hashes: how many the line carries.
    """

    name: str
    written: str
    specifier: SpecifierSet
    place: Place
    use: Use = Use.PRODUCTION
    group: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    source: Source = "index"
    constraint: bool = False
    hashes: int = 0


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of a lock.

    Attributes:
        name: normalised (PEP 503).
        version: exact; "" where the lock has none (a path, a repository).
        marker: under which this version is taken, "" for always; one name may stand there several times.
        hashes: how many the lock has for it.
    """

    name: str
    version: str
    place: Place
    marker: str = ""
    source: Source = "index"
    hashes: int = 0


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file.

    Attributes:
        tool: what writes such a file: "uv", "pip-tools", "poetry", "pdm", "pipenv", "pylock".
        requires_python: as the lock says, "" where it does not.
    """

    tool: str
    file: str
    packages: tuple[Locked, ...]
    requires_python: str = ""

    def of(self, name: str) -> tuple[Locked, ...]:
        """The entries of a package, by its normalised name."""
        return tuple(one for one in self.packages if one.name == name)
