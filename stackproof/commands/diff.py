"""`stackproof diff`: what became of every clause from one report to another."""

from __future__ import annotations

from typing import Annotated

import typer

from stackproof.commands.choices import one_of
from stackproof.commands.forms import Form, write

Where = "A report.json, the run folder that holds it, or - for standard input."
FormOption = Annotated[
    Form,
    typer.Option(
        "--format",
        "-f",
        help="terminal; markdown for a pull request; json (`stackproof schema diff`).",
        **one_of(Form, "--format", "format"),
    ),
]


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help=f"The earlier one. {Where}")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later one.")],
    form: FormOption = Form.TERMINAL,
    strict: Annotated[
        bool, typer.Option("--strict", help="Derived requirements count, too; they do where B is a strict run.")
    ] = False,
) -> None:
    """Compare two reports: what is newly violated, mended, or cannot be told any more.

    Exit codes: 0 nothing got worse, 1 something is newly violated, 4 nothing is, and something can no longer be told,
    2 a report cannot be read. A clause that one of the runs was not asked for is outside of the comparison.

    \b
    stackproof diff yesterday/report.json stackproof-runs/…
    stackproof diff before after --format markdown > comment.md
    """
    from stackproof.errors import UsageError
    from stackproof.report.compare import compare
    from stackproof.report.files import load_named

    if before == after == "-":
        raise UsageError("diff - -: standard input holds one report", hint="give a file for the other one")
    found = compare(load_named(before), load_named(after), strict=strict, where=(before, after))
    write(found, form, "comparison")
    raise typer.Exit(found.exit_code)
