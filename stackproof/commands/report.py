"""`stackproof report merge`: the reports of shards as one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stackproof.report.model import Report

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _root() -> None:
    """Work on reports that are there.

    \b
    stackproof report merge shard-1 shard-2 --output whole
    """


@app.command("merge")
def merge(
    reports: Annotated[
        list[Path], typer.Argument(metavar="REPORT...", help="Reports of shards, or their run folders.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FOLDER", help="Write report.json and junit.xml there; default: print JSON."),
    ] = None,
) -> None:
    """Make one report of the shards of a run; it leaves with the exit code of the whole.

    Every requirement has the checks of all reports, and the number of requirements stays. Where two reports judge alike
    that is told, and where they contradict the heavier verdict stands and that is told, too. Reports of another
    specification, target or kind of run are refused.

    \b
    stackproof report merge shard-1 shard-2 shard-3 --output whole
    """
    import datetime

    from stackproof.report.files import as_json, make_folder, save
    from stackproof.report.merge import merge as merged

    whole = merged(_each(reports), lambda told: print(f"stackproof: {told}", file=sys.stderr))
    if output is None:
        sys.stdout.write(as_json(whole))
    else:
        folder = make_folder(output, datetime.datetime.now(datetime.UTC))
        print(f"report: {save(whole, folder)[0]}", file=sys.stderr)
    raise typer.Exit(whole.exit_code)


def _each(paths: list[Path]) -> Iterator[tuple[Report, str]]:
    """One report after another: none is held once it was taken."""
    from stackproof.report.files import load

    for path in paths:
        yield load(path), str(path)
