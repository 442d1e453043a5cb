"""`stackproof list`: the checks, and what each of them needs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def list_checks(
    target: Annotated[
        Path | None, typer.Option("--target", "-t", metavar="FILE", help="List the checks of its own folders, too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print an array of objects.")] = False,
) -> None:
    """List the checks: what each verifies, and the views of the target that it needs.

    \b
    stackproof list
    stackproof list --target stackproof.toml --json
    """
    from stackproof.registry import load_checks

    folders: tuple[Path, ...] = ()
    if target:
        from stackproof.descriptor.reading import read_descriptor

        folders = read_descriptor(target).suites.folders
    checks = load_checks(folders=folders)
    if as_json:
        rows = [
            {
                "id": one.id,
                "title": one.check.title,
                "verifies": list(one.check.patterns),
                "needs": sorted(one.check.needs),
                "writes": one.check.writes,
                "supplementary": one.check.supplementary,
            }
            for one in checks
        ]
        json.dump(rows, sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    from rich.table import Table
    from rich.text import Text

    from stackproof.progress import out

    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("check", "verifies", "needs"):
        table.add_column(heading, no_wrap=True)
    for one in checks:
        needs = ", ".join(sorted(one.check.needs)) + (", writes" if one.check.writes else "")
        table.add_row(Text(one.id), Text(", ".join(one.check.patterns)), Text(needs))
    console = out()
    if not console.is_terminal:
        console.width = 400
    console.print(table)
