"""`stackproof render`: a report that is there, in another format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackproof.commands.choices import complete_format
from stackproof.errors import UsageError

if TYPE_CHECKING:
    from stackproof.report.model import Report


def render(
    report: Annotated[
        Path | None,
        typer.Argument(metavar="REPORT", help="A report.json, or the run folder that holds it.", show_default=False),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME",
            help="The format; --list shows all.",
            autocompletion=complete_format,
        ),
    ] = "terminal",
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write there; in a folder, by the format's usual name."),
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(
            "--earlier", metavar="REPORT", help="html: a run before this one, for the trend; may be repeated."
        ),
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the formats and leave.")] = False,
) -> None:
    """Render a report again in another format; it leaves with the report's own exit code.

    \b
    stackproof render stackproof-runs/… --format markdown
    stackproof render report.json --format sarif --output stackproof.sarif
    stackproof render --list
    """
    from stackproof.report.files import load
    from stackproof.report.formats import FORMATS, format_named, pieces_of

    if list_all:
        for one in FORMATS:
            sys.stdout.write(f"{one.name:16} {one.file:22} {one.summary}\n")
        return
    if report is None:
        raise UsageError("no REPORT is given", hint="give a report.json or a run's folder; --list shows the formats")
    chosen = format_named(form)
    loaded = load(report)
    if earlier and form != "html":
        raise UsageError(f"--earlier: {form} shows no trend", hint="give --format html")
    pieces = pieces_of(loaded, form, *([[load(one) for one in earlier]] if earlier else []))
    if output is not None:
        from stackproof.report.files import write_pieces

        write_pieces(pieces, output / chosen.file if output.is_dir() else output)
    elif form == "terminal":
        _at_terminal(loaded)
    else:
        for piece in pieces:
            sys.stdout.write(piece)
    raise typer.Exit(int(loaded.level.exit_code))


def _at_terminal(report: Report) -> None:
    from stackproof.harness import put_tree_on_path
    from stackproof.progress import out

    put_tree_on_path()
    from reports.terminal.writer import write

    write(report, out())
