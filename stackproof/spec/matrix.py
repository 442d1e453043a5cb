"""Rows of version matrices, and rows of tables that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from stackproof.spec.build import not_understood, requirement, strength_of
from stackproof.spec.bullets import read_bullet
from stackproof.spec.bullets.bullet import topic_of
from stackproof.spec.model import Choice, Kind, Requirement, VersionRule
from stackproof.spec.outline import Item, Row
from stackproof.spec.packages import package_of
from stackproof.spec.problems import Problem
from stackproof.spec.quantities import day
from stackproof.spec.text import Inline, slug, stable_slug

_COLUMNS = {
    "component": re.compile(r"component|package|library|technology|tool|software|dependency|product|name"),
    "constraint": re.compile(r"(?:version )?(?:constraint|specifier|range|pin)s?|allowed(?: versions?)?"),
    "version": re.compile(r"(?:tested |current |target )?(?:version|release|line)s?"),
    "support": re.compile(r"support(?:ed)?(?: until| ends?| end| to)?|eol|end of (?:life|support)|supported until"),
    "rationale": re.compile(r"rationale|reason(?:s|ing)?|notes?|comments?|why|purpose|remarks?"),
}
_EMPTY = re.compile(r"[-\u2013\u2014]*|n/?a|none|not applicable", re.IGNORECASE)
_LINE = re.compile(r"v?(\d+(?:\.\d+)*)(?:\.[x*])?(?:\s+LTS)?", re.ASCII | re.IGNORECASE)
_OPENAPI = re.compile(r"\bOpenAPI\s+v?(\d+(?:\.\d+)*)", re.IGNORECASE)
_DESCRIBERS = {"drf-spectacular", "drf-yasg", "django-ninja", "djangorestframework", "fastapi", "apispec", "connexion"}
_LICENCES = r"BSD(?:-[23]-Clause)?|MIT|Apache(?:[- ]2(?:\.0)?)?|MPL(?:[- ]2\.0)?|[AL]?GPL(?:v[23])?|PostgreSQL|ISC|PSF"
_LICENCE = re.compile(
    rf"\b(?P<a>{_LICENCES})[- ](?:licen[sc]ed?|licence|license)\b"
    rf"|\blicen[sc]ed?(?: under)?:? (?:the )?(?P<b>{_LICENCES})\b",
    re.IGNORECASE,
)


@cache
def columns_of(headers: tuple[str, ...]) -> dict[str, int]:
    """Which column plays which part, by its header; every part at most once."""
    found: dict[str, int] = {}
    for index, header in enumerate(headers):
        words = " ".join(header.lower().split())
        part = next((part for part, form in _COLUMNS.items() if form.fullmatch(words)), None)
        if part is not None:
            found.setdefault(part, index)
    return found


@cache
def is_matrix(headers: tuple[str, ...]) -> bool:
    """Whether a table with these headers states versions of components."""
    columns = columns_of(headers)
    return "component" in columns and ("constraint" in columns or "version" in columns)


class MatrixReader:
    """Turns table rows into requirements and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def read(self, rows: Iterable[Row]) -> Iterator[Requirement]:
        """The requirements of all rows, those of unknown tables last.

        A table below a heading that announces a subject ("Setting | Value" under JWT) is read as a list would be.
        """
        unknown: dict[int, list[Row]] = {}
        for row in rows:
            if is_matrix(row.headers):
                yield from self._matrix_row(row)
            else:
                unknown.setdefault(row.table, []).append(row)
        for table in unknown.values():
            items = _as_items(table)
            if items:
                for item in items:
                    yield from read_bullet(item)
            else:
                yield from _unknown_rows(table)

    def _matrix_row(self, row: Row) -> Iterator[Requirement]:
        cells = {part: row.cells[index].text for part, index in columns_of(row.headers).items()}
        name = slug(cells["component"])
        if not name:
            cure = "write the component's name into the row's cell, or remove the row"
            self.problems.append(Problem(row.line, "the row names no component", cure))
            return
        yield self._version(row, name, cells)
        yield from _support(row, name, cells.get("support", ""))
        yield from _rationale(row, name, cells.get("rationale", ""))

    def _version(self, row: Row, name: str, cells: dict[str, str]) -> Requirement:
        written, line = cells.get("constraint", ""), cells.get("version", "")
        text, note = _row_text(row), ""
        constraint: SpecifierSet | None
        if _EMPTY.fullmatch(written):
            constraint, note = _from_line(line), "no constraint is given, so the Version column decides"
        else:
            constraint = self._constraint(row, written)
        if constraint is None:
            why = f"neither a constraint nor a version that can be read: {line!r}"
            return not_understood(f"version.{name}", row.chapter, row.line, text, why)
        rule = VersionRule(cells["component"], package_of(cells["component"]), constraint, line)
        strength = strength_of(cells.get("rationale", ""))
        return requirement(
            f"version.{name}", row.chapter, row.line, text, Kind.VERSION, rule, strength=strength, note=note
        )

    def _constraint(self, row: Row, written: str) -> SpecifierSet | None:
        if written.lower() in {"*", "any"}:
            return SpecifierSet("")
        try:
            return _specifiers(written)
        except InvalidSpecifier:
            header = row.headers[columns_of(row.headers)["constraint"]]
            what = f"cell {header!r} holds {written!r}, which is no version range"
            cure = "write it as Python packages do (PEP 440), such as >=5.2,<5.3"
            self.problems.append(Problem(row.line, what, cure))
            return None


@lru_cache(maxsize=4096)
def _specifiers(written: str) -> SpecifierSet:
    return SpecifierSet(written)


def _from_line(line: str) -> SpecifierSet | None:
    match = _LINE.fullmatch(line)
    return SpecifierSet(f"=={match[1]}.*") if match else None


def _support(row: Row, name: str, written: str) -> Iterator[Requirement]:
    if _EMPTY.fullmatch(written):
        return
    text, until = f"{_row_text(row)}", day(written)
    if until is None:
        why = f"{written!r} is no date; write a month and a year such as Apr 2028"
        yield not_understood(f"support.{name}", row.chapter, row.line, text, why)
    else:
        yield requirement(f"support.{name}", row.chapter, row.line, text, Kind.SUPPORT, until)


def _rationale(row: Row, name: str, written: str) -> Iterator[Requirement]:
    versions = tuple(dict.fromkeys(_OPENAPI.findall(written)))
    if versions and package_of(row.cells[columns_of(row.headers)["component"]].text) in _DESCRIBERS:
        yield requirement("api.openapi-version", row.chapter, row.line, written, Kind.CHOICE, Choice(versions))
    licences = tuple(dict.fromkeys(match["a"] or match["b"] for match in _LICENCE.finditer(written)))
    if licences:
        yield requirement(f"licence.{name}", row.chapter, row.line, written, Kind.CHOICE, Choice(licences))


def _as_items(rows: list[Row]) -> list[Item]:
    """The rows as list items "first cell: second cell (others)"; none if no heading announces a known subject."""
    labels = {slug(row.cells[0].text) for row in rows}
    if len(rows[0].headers) < 2 or len(labels) != len(rows) or not any(topic_of(words) for words in rows[0].chapter):
        return []
    return [Item(row.chapter, row.line, _as_statement(row), (), leaf=True) for row in rows]


def _as_statement(row: Row) -> Inline:
    label, value, *others = (cell.text for cell in row.cells)
    remark = ", ".join(other for other in others if other)
    code = tuple(code for cell in row.cells[1:2] for code in cell.code)
    return Inline(f"{label}: {value}" + (f" ({remark})" if remark else ""), code)


def _unknown_rows(rows: list[Row]) -> Iterator[Requirement]:
    """Rows of one table, named by as many leading cells as it takes to tell them apart."""
    why = "the table has no columns for component and version, so its rows state something unknown"
    width = max(len(row.cells) for row in rows)
    for taken in range(1, width + 1):
        keys = [stable_slug(" ".join(cell.text for cell in row.cells[:taken])) for row in rows]
        if len(set(keys)) == len(keys):
            break
    for row, key in zip(rows, keys, strict=True):
        prefix = ".".join(stable_slug(heading) for heading in row.chapter) or "table"
        yield not_understood(f"{prefix}.{key}", row.chapter, row.line, _row_text(row), why)


def _row_text(row: Row) -> str:
    return " | ".join(cell.text for cell in row.cells if cell.text)
