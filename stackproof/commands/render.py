"""`stackproof render`: a report that is there, in another format."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """What to render."""

    TERMINAL = "terminal"
    JSON = "json"
    JUNIT = "junit"
    REVIEW = "review"


def render(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A report.json, or the run folder that holds it.")],
    form: Annotated[Format, typer.Option("--format", "-f", help="The format.")] = Format.TERMINAL,
) -> None:
    """Render a report again in another format; it leaves with the report's own exit code."""
    from stackproof.harness import put_tree_on_path
    from stackproof.report.files import as_json, load

    put_tree_on_path()
    loaded = load(report)
    if form is Format.JSON:
        sys.stdout.write(as_json(loaded))
    elif form is Format.JUNIT:
        from reports.junit.writer import write as junit

        sys.stdout.write(junit(loaded))
    elif form is Format.REVIEW:
        from reports.review.writer import write as review

        sys.stdout.write(review(loaded))
    else:
        from reports.terminal.writer import write as terminal
        from stackproof.progress import out

        terminal(loaded, out())
    raise typer.Exit(loaded.exit_code)
