"""A matrix of runs for a person at a terminal: a row a cell, then what differs from the first one."""

from __future__ import annotations

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from reports.terminal.comparison import OUTCOME_COLOURS
from reports.terminal.writer import LEVEL_COLOURS
from stackproof.errors import ExitCode
from stackproof.report.cell_table import HEADINGS, NUMBERS, counts_of, culprits_of, differing, level_of, served_by
from stackproof.report.cells import Cell, Matrix
from stackproof.report.words import one_line


def _text(text: str, style: str = "") -> Text:
    return Text(one_line(text, 300), style=style)


def write(matrix: Matrix, console: Console) -> None:
    """Print the matrix; text of a report is printed as text, never as markup."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in HEADINGS:
        justify: JustifyMethod = "right" if heading in NUMBERS else "left"
        table.add_column(heading, justify=justify, overflow="fold", no_wrap=heading == "cell")
    for one in matrix.cells:
        table.add_row(*_row(one))
    wide = Console(file=console.file, width=max(console.width, 200), highlight=False, color_system=None)
    (console if console.is_terminal else wide).print(table)
    console.print()
    different = differing(matrix)
    if different:
        console.print(_text(f"Other than in {matrix.first}: {len(different)}", style="bold"))
    for (clause, change), (cells, reason) in different.items():
        console.print(Text.assemble("  ", _text(clause, "bold"), "  ", _text(change)))
        console.print(Text.assemble("    in      ", _text(", ".join(cells))))
        console.print(Text.assemble("    reason  ", _text(reason)))
    for note in matrix.notes:
        console.print(_text(note, style="yellow"))
    style = OUTCOME_COLOURS.get(ExitCode(matrix.exit_code), "bold yellow")
    console.print(_text(matrix.outcome, style=style))


def _row(cell: Cell) -> tuple[Text, ...]:
    style = "bold red" if cell.level is None else LEVEL_COLOURS.get(cell.level, "bold green")
    about = (cell.python, cell.resolution, served_by(cell, "postgresql"), served_by(cell, "cache"))
    words = (_text(one or "–") for one in about)
    counts = (_text(one) for one in counts_of(cell))
    return (_text(cell.name, "bold"), *words, _text(level_of(cell), style), *counts, _text(culprits_of(cell)))
