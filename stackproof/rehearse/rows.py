"""Rows of a specification's version matrix: found by any of their names, and given other constraints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from stackproof.errors import UsageError
from stackproof.spec.model import Specification, VersionRule
from stackproof.spec.releases import admits, release
from stackproof.spec.text import slug

_LINE = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,3})(?P<open>\.[x*])?(?:\s+LTS)?", re.ASCII | re.IGNORECASE)
_ASSIGNED = re.compile(r"(?P<row>[^=<>!~]+?)\s*(?:=(?P<value>.*)|(?P<bare>[<>!~].*))", re.DOTALL)
_CAPS = frozenset({"<", "<="})
EXACT = 3  # numbers that make a release of a line: 5.2.3


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A row that states a version.

    Attributes:
        id: of its requirement, "version.redis-python".
        package: normalised, or None where the row is no Python package.
        tested: the Version column as written.
        at: 1-based line of the document.
    """

    id: str
    component: str
    package: str | None
    constraint: SpecifierSet
    tested: str
    at: int


@dataclass(frozen=True, slots=True)
class RowChange:
    """Another constraint for a row.

    Attributes:
        written: as it is to stand in the document.
        tested: release line that the Version column is to have; "" leaves the column as it is.
    """

    row: MatrixRow
    written: str
    tested: str = ""

    @property
    def constraint(self) -> SpecifierSet:
        """The new constraint as data."""
        return SpecifierSet("" if self.written in {"*", "any"} else self.written)


def rows_of(specification: Specification) -> tuple[MatrixRow, ...]:
    """The rows in the order of the document."""
    return tuple(
        MatrixRow(one.id, one.value.component, one.value.package, one.value.constraint, one.value.line, one.line)
        for one in specification.requirements
        if isinstance(one.value, VersionRule)
    )


def assigned(text: str) -> tuple[str, str]:
    """("Django", ">=6.0,<6.1") of "Django=>=6.0,<6.1".

    Raises:
        UsageError: it is no ROW=VALUE.
    """
    match = _ASSIGNED.fullmatch(text.strip())
    value = (match["value"] or match["bare"] or "").strip() if match else ""
    if not match or not value:
        raise UsageError(f"--set {text!r}: is no ROW=VALUE", hint='write --set "Django=>=6.0,<6.1" or --set django=6.0')
    return match["row"].strip(), value


def find_row(rows: Sequence[MatrixRow], name: str, path: str) -> MatrixRow:
    """The row of that id, component or package, in this order.

    Raises:
        UsageError: no row has that name, or several have.
    """
    key = slug(name)
    for found in (
        [one for one in rows if name in {one.id, one.component}],
        [one for one in rows if name.casefold() == one.component.casefold()],
        [one for one in rows if key and key in {slug(one.component), one.id.removeprefix("version.")}],
        [one for one in rows if one.package and one.package == canonicalize_name(name)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(one.id for one in found)
            raise UsageError(f"--set {name}: {path} has several such rows: {listed}", hint="give one of these ids")
    raise UsageError(f"--set {name}: {path} has no such row", hint=_near(rows, name))


def _near(rows: Sequence[MatrixRow], name: str) -> str:
    names = {word.casefold(): one.component for one in rows for word in (one.component, one.id, one.package or "")}
    near = dict.fromkeys(names[one] for one in get_close_matches(name.casefold(), names, n=5, cutoff=0.5))
    within = [one.component for one in rows if len(name) > 2 and name.casefold() in one.component.casefold()]
    told = list(dict.fromkeys([*near, *within]))[:3]
    return f"did you mean {' or '.join(told)}?" if told else "`stackproof spec list` shows the rows as version.<name>"


def change_of(row: MatrixRow, value: str) -> RowChange:
    """The row with a constraint, or with a version line, which stands for all of its releases.

    Raises:
        UsageError: it is neither.
    """
    line = _LINE.fullmatch(value.strip())
    if line:
        bound = f"=={line[1]}" if line[1].count(".") + 1 >= EXACT and not line["open"] else between(line[1])
    elif value.strip() in {"*", "any"}:
        bound = "*"
    else:
        bound = value.strip().replace(" ", "")
        try:
            SpecifierSet(bound)
        except InvalidSpecifier:
            raise UsageError(
                f"--set {row.component}: {value!r} is neither a constraint nor a version line",
                hint="write it as Python packages do, such as >=6.0,<6.1, or as a line, such as 6.0",
            ) from None
    change = RowChange(row, bound)
    return RowChange(row, bound, _tested_of(change))


def between(line: str) -> str:
    """All releases of a line, as documents write it: ">=5.1,<5.2"."""
    numbers = [int(one) for one in line.split(".")]
    after = [*numbers[:-1], numbers[-1] + 1]
    return f">={line},<{'.'.join(map(str, after))}"


def _tested_of(change: RowChange) -> str:
    """The Version column where the old one is no longer inside: the lowest line that the constraint names."""
    old = release(change.row.tested)
    if old is None or admits(change.constraint, old):
        return ""
    floors = [one.version for one in change.constraint if one.operator in {">=", ">", "~=", "==", "==="}]
    return line_like(change.row, max(map(_version, floors))) if floors else ""


def line_like(row: MatrixRow, version: Version) -> str:
    """The line of a version, with as many numbers as the row's Version column has: "6.0.x"."""
    width = len(release(row.tested) or (0, 0))
    numbers = [*version.release, 0, 0, 0][:width]
    return f"{'.'.join(map(str, numbers))}.x"


def _version(written: str) -> Version:
    return Version(written.removesuffix(".*"))


def uncapped(constraint: SpecifierSet) -> SpecifierSet:
    """The constraint without any upper bound; exclusions stay."""
    kept: list[str] = []
    for one in sorted(constraint, key=str):
        if one.operator in _CAPS:
            continue
        if one.operator in {"~=", "==", "==="}:
            kept.append(f">={one.version.removesuffix('.*')}")
        else:
            kept.append(str(one))
    return SpecifierSet(",".join(kept))


def raised_to(row: MatrixRow, version: Version) -> RowChange | None:
    """The row with its upper bound raised so that a version lies inside; None where it does already.

    The new bound has as many numbers as the old one: <5.3 becomes <6.1 for a 6.0.2, and <4.0 becomes <5.0.
    """
    if row.constraint.contains(version, prereleases=True):
        return None
    caps = [one for one in row.constraint if one.operator in {*_CAPS, "~=", "==", "==="}]
    bound = max((_bound_like(one, version) for one in caps), key=Version, default="")
    kept = ",".join(part for part in (written(uncapped(row.constraint)), f"<{bound}" if bound else "") if part)
    change = RowChange(row, kept)
    if not change.constraint.contains(version, prereleases=True):  # an exclusion, or a floor above it
        return RowChange(row, between(".".join(map(str, version.release[:2]))), line_like(row, version))
    return RowChange(row, kept, line_like(row, version))


def written(constraint: SpecifierSet) -> str:
    """The constraint as documents write it, the floor first."""
    return ",".join(sorted(map(str, constraint), key=lambda one: (not one.startswith(">"), one)))


def _bound_like(cap: Specifier, version: Version) -> str:
    numbers = cap.version.removesuffix(".*").split(".")
    numbers = numbers[:-1] if cap.operator == "~=" and len(numbers) > 1 else numbers
    if len(numbers) > 1 and not int(numbers[-1] or 0):  # <4.0 counts in whole numbers
        return f"{version.release[0] + 1}.{'.'.join('0' for _ in numbers[1:])}"
    kept = [*version.release, 0, 0, 0][: len(numbers)]
    return ".".join(map(str, [*kept[:-1], kept[-1] + 1]))


def packages_of(rows: Iterable[MatrixRow]) -> dict[str, MatrixRow]:
    """Rows by package; the first one where a package has two."""
    found: dict[str, MatrixRow] = {}
    for one in rows:
        if one.package:
            found.setdefault(one.package, one)
    return found
