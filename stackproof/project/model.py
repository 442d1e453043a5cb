"""What a project's files say, as data; every statement has its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
        use: what it is locked for; what several things need is for the foremost of them.
        wheels: the tags of its wheels' names ("cp313-cp313-manylinux_2_17_x86_64"); empty where the lock names none.
        sdist: it can be built from source.
    """

    name: str
    version: str
    place: Place
    marker: str = ""
    source: Source = "index"
    hashes: int = 0
    use: Use = Use.PRODUCTION
    wheels: tuple[str, ...] = ()
    sdist: bool = True

    def __str__(self) -> str:
        return f"{self.name} {self.version or 'without a version'} ({self.place})"


@dataclass(frozen=True, slots=True)
class Edge:
    """Something that is asked for, by the project or by a package.

    Attributes:
        package: its number in `Lock.packages`.
        extras: asked of it, normalised.
        use: where the project itself asks.
    """

    package: int
    extras: tuple[str, ...] = ()
    marker: str = ""
    use: Use = Use.PRODUCTION


@dataclass(frozen=True, slots=True, eq=False)
class Lock:
    """A lock file; two are equal where they are the same object.

    Attributes:
        tool: what writes such a file: "uv", "pip-tools", "poetry", "pdm", "pipenv", "pylock"; "unnamed" for pinned
            requirements that say nothing of their tool.
        requires_python: as the lock says, "" where it does not.
        by: the program that wrote the file, where the file says so.
        made_for: "" where it was resolved for every Python of `requires_python`; "3.12" where for that one alone;
            "?" where for one that the file does not name.
        asked: what the project itself asks for; empty where the lock does not tell.
        members: names of the projects that the lock is of, where it tells; a workspace has several.
        needs: (number of a package, its extra or "") -> what it asks for.
    """

    tool: str
    file: str
    packages: tuple[Locked, ...]
    requires_python: str = ""
    by: str = ""
    made_for: str = ""
    asked: tuple[Edge, ...] = ()
    members: tuple[str, ...] = ()
    needs: Mapping[tuple[int, str], tuple[Edge, ...]] = field(default_factory=dict)

    def of(self, name: str) -> tuple[Locked, ...]:
        """The entries of a package, by its normalised name."""
        return tuple(one for one in self.packages if one.name == name)
