"""`stackproof matrix`: many runs on one page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stackproof.commands.diff import Form


def matrix(
    places: Annotated[
        list[Path], typer.Argument(metavar="FOLDER|REPORT...", help="A folder of run folders, run folders, or reports.")
    ],
    expect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMES", help="Cells that there must be, such as 'py{312,313}-pg{16,17}'; may be repeated."
        ),
    ] = None,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="A cell is fine if nothing in it is violated or in error.")
    ] = False,
    form: Annotated[
        Form, typer.Option("--format", "-f", help="terminal; markdown; json (`stackproof schema matrix`).")
    ] = Form.TERMINAL,
) -> None:
    """Show the cells of a matrix of runs: what each came to, which clauses are the culprits, and what differs.

    The cells are compared with the first one that was judged. A cell that is expected and not there, or whose run ended
    before it wrote a report, is shown as such and is never fine.

    Exit codes: 0 every cell is conformant, 1 one is non-conformant, 4 one is missing, aborted or incomplete.
    """
    from stackproof.harness import put_tree_on_path
    from stackproof.report.cells import expand, gather

    put_tree_on_path()
    expected = [name for pattern in expect or [] for name in expand(pattern)]
    found = gather(places, expected, incomplete=allow_incomplete)
    if form is Form.JSON:
        sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    elif form is Form.MARKDOWN:
        from reports.markdown.matrix import write as markdown

        sys.stdout.write(markdown(found))
    else:
        from reports.terminal.matrix import write as terminal
        from stackproof.progress import out

        terminal(found, out())
    raise typer.Exit(found.exit_code)
