"""A matrix of runs as GitHub flavoured Markdown."""

from __future__ import annotations

from reports.markdown.text import cell, code, fitted, table
from stackproof.errors import ExitCode
from stackproof.report.cell_table import HEADINGS, counts_of, culprits_of, differing, level_of, served_by
from stackproof.report.cells import Cell, Matrix
from stackproof.verdict import Level

NAMED = 20  # cells of one difference
ROWS = 100  # of one table
MARKS = {ExitCode.CONFORMANT: "✅", ExitCode.NON_CONFORMANT: "❌"}
LEVEL_MARKS = {Level.NON_CONFORMANT: "❌", Level.INCOMPLETE: "⚠️", None: "❔"}


def write(matrix: Matrix) -> str:
    """The matrix as Markdown of at most `LARGEST` characters: a row a cell, then what differs from the first one."""
    mark = MARKS.get(ExitCode(matrix.exit_code), "⚠️")
    blocks = [f"### {mark} Stackproof: {matrix.outcome}"]
    rows = [_row(one) for one in matrix.cells]
    blocks += [table(HEADINGS, rows[start : start + ROWS]) for start in range(0, len(rows), ROWS)]
    different = differing(matrix)
    if different:
        blocks.append(f"#### Other than in {code(matrix.first, 120)}: {len(different)}")
    for (clause, change), (cells, reason) in different.items():
        more = f" and {len(cells) - NAMED} more" if len(cells) > NAMED else ""
        where = ", ".join(code(one, 80) for one in cells[:NAMED]) + more
        blocks.append(f"- {code(clause, 120)} {change}, in {where}\n  - {code(reason, 300)}")
    blocks += [f"- {code(one)}" for one in matrix.notes]
    legend = "unseen: not assessed; other: waived, attested or not applicable. What nobody has judged is never fine."
    return fitted(blocks, f"({legend})")


def _row(one: Cell) -> tuple[str, ...]:
    about = (one.python, one.resolution, served_by(one, "postgresql"), served_by(one, "cache"))
    level = f"{LEVEL_MARKS.get(one.level, '✅')} {level_of(one)}"
    culprits = culprits_of(one)
    told = cell(culprits, 200) if culprits else ""
    return (cell(one.name), *(cell(word or "–") for word in about), level, *counts_of(one), told)
