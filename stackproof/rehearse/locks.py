"""Two editions of a project's packages: as they are locked today, and as the rehearsal locks them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from packaging.utils import canonicalize_name

from stackproof.rehearse.rows import MatrixRow, RowChange, uncapped
from stackproof.rehearse.uv import NoSolution, Uv

type Manner = Literal["set", "latest", "lowest"]

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?P<extras>\[[^\]]*\])?==(?P<version>[^\s;#\\]+)")
_WORD = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Pins:
    """What an environment consists of.

    Attributes:
        versions: by normalised name.
        others: lines of what is no release of an index: the project itself, addresses, folders.
        extras: of the packages that were asked for with some, "[redis]".
    """

    versions: Mapping[str, str]
    others: tuple[str, ...] = ()
    extras: Mapping[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """As a file of requirements."""
        return [*(f"{name}=={version}" for name, version in sorted(self.versions.items())), *self.others]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the resolver is to do.

    Attributes:
        changes: rows with another constraint, those that are no package left out.
        rows: every row that is a package, by it.
    """

    manner: Manner
    changes: tuple[RowChange, ...]
    rows: Mapping[str, MatrixRow]

    def bounds(self) -> dict[str, str]:
        """Constraint by package."""
        if self.manner == "latest" and not self.changes:
            free = {name: str(uncapped(row.constraint)) for name, row in self.rows.items()}
            return {name: bound or "*" for name, bound in free.items()}
        return {one.row.package: one.written for one in self.changes if one.row.package}


@dataclass(frozen=True, slots=True)
class Editions:
    """Both editions.

    Attributes:
        roots: what the project asks for itself, without versions.
        files: of the new edition, by their paths in the project.
        absent: packages of changed rows that the project does not have at all.
    """

    old: Pins
    new: Pins
    roots: tuple[str, ...]
    files: Mapping[str, str]
    absent: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[str, ...]:
        """Packages of both editions whose version differs."""
        both = sorted(set(self.old.versions) & set(self.new.versions))
        return tuple(one for one in both if self.old.versions[one] != self.new.versions[one])

    @property
    def brought(self) -> tuple[str, ...]:
        """Packages that are new."""
        return tuple(sorted(set(self.new.versions) - set(self.old.versions)))

    @property
    def dropped(self) -> tuple[str, ...]:
        """Packages that are no longer needed."""
        return tuple(sorted(set(self.old.versions) - set(self.new.versions)))

    def mixed(self, changed: Collection[str], uv: Uv, folder: Path) -> Pins:
        """The environment in which only these packages have changed.

        What only one of the editions has comes and goes with what needs it.

        Raises:
            NoSolution: they do not go together.
        """
        both = set(self.old.versions) & set(self.new.versions)
        pins = {name: (self.new if name in changed else self.old).versions[name] for name in both}
        pins |= {name: self.new.versions[name] for name in self.brought}
        pins |= {name: self.old.versions[name] for name in self.dropped}
        asked, bounds, target = (folder / name for name in ("asked.in", "pins.txt", "mixed.txt"))
        addresses = [one for one in self.new.others if not one.startswith("-e ")]
        _write(asked, [*self.roots, *addresses])
        _write(bounds, [f"{name}=={version}" for name, version in sorted(pins.items())])
        target.unlink(missing_ok=True)
        uv.compile(asked, target, "-c", str(bounds), cwd=folder)
        read = read_pins(target.read_text(encoding="utf-8"))
        return Pins(read.versions, self.new.others)


def spoken_of(refusal: NoSolution, names: Iterable[str]) -> frozenset[str]:
    """Which of these packages the resolver's words are about."""
    words = {canonicalize_name(one.rstrip(".-_")) for one in _WORD.findall(str(refusal).lower())}
    return frozenset(names) & words


def newest_of(packages: Iterable[str], project: Path, uv: Uv) -> dict[str, str]:
    """The newest release of each package, by itself."""
    asked, target = (uv.folder / name for name in ("newest.in", "newest.txt"))
    _write(asked, sorted(packages))
    target.unlink(missing_ok=True)
    uv.compile(asked, target, "--no-deps", cwd=project)
    return dict(read_pins(target.read_text(encoding="utf-8")).versions)


def read_pins(text: str) -> Pins:
    """The pins of a file that uv wrote."""
    versions, extras, others = dict[str, str](), dict[str, str](), list[str]()
    for line in text.splitlines():
        stripped = line.strip()
        match = _PIN.match(stripped)
        if match:
            name = canonicalize_name(match["name"])
            versions[name] = match["version"]
            if match["extras"]:
                extras[name] = match["extras"]
        elif stripped and not stripped.startswith(("#", "--")):
            others.append(stripped)
    return Pins(versions, tuple(others), extras)


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
