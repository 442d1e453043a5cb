"""The edited specification: only the cells of the changed rows differ, every other byte stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from stackproof.errors import UsageError
from stackproof.rehearse.rows import RowChange, rows_of
from stackproof.spec.matrix import columns_of
from stackproof.spec.outline import Row
from stackproof.spec.reader import examine, read

_NEWLINE = re.compile(r"(\r\n?|\n)")
_PIPE = re.compile(r"(?<!\\)(?:\\\\)*\|")


def edit(document: Path, changes: Iterable[RowChange], target: Path) -> None:
    """Write the document with other constraints, and see to it that it is read that way.

    Raises:
        UsageError: a row cannot be edited in place.
    """
    changes = tuple(changes)
    pieces = _NEWLINE.split(document.read_bytes().decode("utf-8"))
    headers = {row.line: row.headers for row in examine(document).outline.blocks if isinstance(row, Row)}
    for change in changes:
        place = (change.row.at - 1) * 2
        pieces[place] = _edited(pieces[place], headers[change.row.at], change, document)
    target.write_bytes("".join(pieces).encode("utf-8"))
    _assert_read_so(document, target, changes)


def _edited(line: str, headers: tuple[str, ...], change: RowChange, document: Path) -> str:
    columns = columns_of(headers)
    cells = {"constraint": change.written} if "constraint" in columns else {}
    if change.tested and "version" in columns:
        cells["version"] = change.tested
    if not cells:
        raise _refusal(document, change, "the table has no column Constraint")
    bounds = _bounds(line)
    for part, text in sorted(cells.items(), key=lambda one: -columns[one[0]]):
        if columns[part] >= len(bounds):
            raise _refusal(document, change, f"the row has no cell {headers[columns[part]]!r}")
        start, end = bounds[columns[part]]
        line = f"{line[:start]}{_like(line[start:end], text)}{line[end:]}"
    return line


def _bounds(line: str) -> list[tuple[int, int]]:
    """Where each cell's content begins and ends, between the pipes that are not escaped."""
    pipes = [match.end() - 1 for match in _PIPE.finditer(line)]
    stripped = line.strip()
    starts = [one + 1 for one in pipes] if stripped.startswith("|") else [0, *(one + 1 for one in pipes)]
    return [(start, next((one for one in pipes if one >= start), len(line))) for start in starts]


def _like(cell: str, text: str) -> str:
    """The text with the spaces and the backticks that the cell had."""
    inner = cell.strip()
    before = cell[: len(cell) - len(cell.lstrip())] if inner else " "
    after = cell[len(cell.rstrip()) :] if inner else " "
    quoted = f"`{text}`" if inner.startswith("`") or (not inner and any(one in text for one in "<>*~")) else text
    return f"{before}{quoted}{after}"


def _assert_read_so(document: Path, target: Path, changes: tuple[RowChange, ...]) -> None:
    found = {one.id: one for one in rows_of(read(target))}
    for change in changes:
        row = found.get(change.row.id)
        if row is None or row.constraint != change.constraint:
            raise _refusal(document, change, "the row is not read as it was written")


def _refusal(document: Path, change: RowChange, why: str) -> UsageError:
    return UsageError(
        f"{document}:{change.row.at}: {change.row.component} cannot be edited in place: {why}",
        hint="edit a copy of the document yourself, and give it with --spec",
    )
