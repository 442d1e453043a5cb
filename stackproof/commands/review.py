"""`stackproof review`: the document's review as a checklist, filled as far as a project's files tell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stackproof.commands.choices import Advisories, Index, day_of
from stackproof.errors import ExitCode, UsageError

JUDGED = ("review.*", "advisories.*", "support.*", "upgrade.*", "licence.*", "pinning.production.quarterly-update")


def review(
    target: Annotated[
        Path | None, typer.Option("--target", "-t", metavar="FILE", help="A stackproof.toml; its attestations count.")
    ] = None,
    project: Annotated[
        Path | None, typer.Option("--project", "-p", metavar="FOLDER", help="A project's files alone; default: here.")
    ] = None,
    spec: Annotated[
        Path | None, typer.Option("--spec", "-s", metavar="FILE", help="The specification; default: the reference one.")
    ] = None,
    advisories: Advisories = "",
    index: Index = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Review as on that day.")] = "",
) -> None:
    """Print the checklist of the document's review as Markdown.

    A step is ticked where a person attested it; beside it stands what the project tells: vulnerabilities, yanked
    releases, updates of the lock, support that ends. Leaves with 1 where something was found.

    \b
    stackproof review --project . --advisories pypi > review.md
    stackproof review --target stackproof.toml
    """
    from stackproof.harness import put_tree_on_path, reference_specification
    from stackproof.judging import Wanted, judge
    from stackproof.progress import Progress
    from stackproof.run import terminated_like_interrupted
    from stackproof.spec import read
    from stackproof.verdict import Verdict

    if target and (project or advisories or index):
        raise UsageError("--target goes alone", hint="write [project] and [project.audit] into stackproof.toml")
    put_tree_on_path()
    from reports.review.writer import AREAS, write

    wanted = Wanted(
        target=target,
        specification=spec or reference_specification(),
        only=JUDGED,
        services="auto",
        profile=None,
        allow_writes=False,
        drill=False,
        ignore_waivers=False,
        workers=0,
        project=None if target else project or Path(),
        suites=("stack",),
        as_of=day_of(as_of),
        advisories=advisories,
        index=index,
    )
    with terminated_like_interrupted():
        report = judge(wanted, read(wanted.specification), Progress(quiet=True))
    sys.stdout.write(write(report))
    found = [one for one in (*report.requirements, *report.derived) if one.verdict is Verdict.VIOLATED]
    violated = any(one.id.startswith(AREAS) for one in found)
    raise typer.Exit(int(ExitCode.NON_CONFORMANT if violated else ExitCode.CONFORMANT))
