"""`stackproof replay`: look at one finding of a report again."""

from __future__ import annotations

import contextlib
import io
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from stackproof.report.model import CheckPart, Report


def replay(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A report.json, or the run folder that holds it.")],
    name: Annotated[str, typer.Argument(metavar="ID", help="A requirement or a check of it.")],
    target: Annotated[
        Path | None, typer.Option("--target", "-t", metavar="FILE", help="Another stackproof.toml than the report's.")
    ] = None,
    project: Annotated[
        Path | None, typer.Option("--project", "-p", metavar="FOLDER", help="A project's files instead of a service.")
    ] = None,
    spec: Annotated[Path | None, typer.Option("--spec", "-s", metavar="FILE", help="Another specification.")] = None,
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="Allow bursts and changes, as in a run.")
    ] = False,
    drill: Annotated[bool, typer.Option("--drill", help="Break what [drill] names, as in a run.")] = False,
) -> None:
    """Look at one finding of a report again, and say what has become of it.

    The finding's checks are run anew on the same target by the command that the report names: only where that is
    `stackproof run`, and with --allow-writes and --drill only where they are given here, too. Leaves with 1 where
    something is violated, with 0 where what was violated is satisfied now, with 4 where nobody can say.

    \b
    stackproof replay stackproof-runs/… jwt.rotation
    """
    from stackproof.replay import ASKED_AGAIN, command_of, finding_of, outcome_of
    from stackproof.report.files import load

    then = load(report)
    finding = finding_of(then, name)
    paths = {"--target": target, "--project": project, "--spec": spec}
    given = {option: str(path) for option, path in paths.items() if path}
    allowed = frozenset(one for one, wanted in zip(ASKED_AGAIN, (allow_writes, drill), strict=True) if wanted)
    words = command_of(then, finding, given, allowed)
    print(f"stackproof {shlex.join(words)}", file=sys.stderr)
    now = _looked_again(words)
    rows, code = outcome_of(finding, now)
    if now.specification.sha256 != then.specification.sha256:
        print("stackproof: the specification has changed since the report was written", file=sys.stderr)
    for requirement, before, after in rows:
        _show(requirement, before, after)
    if not rows:
        print("no check judged it, so that there is nothing to look at again")
    raise typer.Exit(int(code))


def _looked_again(words: list[str]) -> Report:
    """The report of the run that these words ask for, in this process."""
    from stackproof.cli import app
    from stackproof.report.files import load

    with tempfile.TemporaryDirectory(prefix="stackproof-replay-") as folder:
        command = typer.main.get_command(app)
        with contextlib.redirect_stdout(io.StringIO()):
            command.main([*words, "--quiet", "--output", folder], prog_name="stackproof", standalone_mode=False)
        return load(Path(folder))


def _show(requirement: str, before: CheckPart, after: CheckPart | None) -> None:
    from stackproof.report.words import one_line

    print(f"{one_line(requirement, 120)}  {one_line(before.id, 160)}")
    print(f"  then  {_told(before)}")
    print(f"  now   {_told(after) if after else 'not-assessed: the check did not run'}")
    if after and after.verdict == "violated":
        for evidence in after.evidence[-5:]:
            print(f"        {one_line(evidence.title, 200)}")


def _told(check: CheckPart) -> str:
    from stackproof.report.words import one_line

    if check.verdict == "violated":
        return f"violated: expected {one_line(check.expected, 300)}; seen: {one_line(check.seen, 300)}"
    return f"{check.verdict}: {one_line(check.reason, 400)}"
