"""`stackproof matrix`: many runs on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stackproof.commands.choices import one_of
from stackproof.commands.forms import Form, write


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
        Form,
        typer.Option(
            "--format",
            "-f",
            help="terminal; markdown; json (`stackproof schema matrix`).",
            **one_of(Form, "--format", "format"),
        ),
    ] = Form.TERMINAL,
) -> None:
    """Show the cells of a matrix of runs: what each came to, which clauses are the culprits, and what differs.

    The cells are compared with the first one that was judged whole. A cell that is expected and not there, or whose
    run ended before it wrote a report, is shown as such and is never fine.

    Exit codes: 0 every cell is conformant, 1 one is non-conformant, 4 one is missing, aborted or incomplete.

    \b
    stackproof matrix stackproof-runs --expect 'py{312,313}-pg{16,17}'
    """
    from stackproof.report.cells import expand, gather

    expected = [name for pattern in expect or [] for name in expand(pattern)]
    found = gather(places, expected, incomplete=allow_incomplete)
    write(found, form, "matrix")
    raise typer.Exit(found.exit_code)
