"""`stackproof doctor`: what of a target can be seen before a run, and what would open the rest."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackproof.commands.choices import one_of
from stackproof.commands.run import Profile
from stackproof.errors import ExitCode

if TYPE_CHECKING:
    from stackproof.doctor.operations import Finding
    from stackproof.doctor.sight import Sight

FEW = 4  # ids that are shown of a view
_MARKS = {"ok": "ok", "trouble": "TROUBLE", "remark": "remark", "skipped": "skipped"}


def doctor(
    target: Annotated[
        Path, typer.Option("--target", "-t", metavar="FILE", help="The service's stackproof.toml.")
    ] = Path("stackproof.toml"),
    spec: Annotated[
        Path | None, typer.Option("--spec", "-s", metavar="FILE", help="The specification; default: the reference one.")
    ] = None,
    profile: Annotated[
        Profile | None,
        typer.Option(
            help="What must be open and work; default: the descriptor's.", **one_of(Profile, "--profile", "profile")
        ),
    ] = None,
    budget: Annotated[str, typer.Option(metavar="DURATION", help="Spend no more time than that.")] = "60s",
    as_json: Annotated[bool, typer.Option("--json", help="Print an object on standard output.")] = False,
) -> None:
    """Say which views of a target are open, what each would decide, and whether what is described works.

    It leaves with 0 where all that the profile needs is open and works, else with 4. At most two logins are made;
    PostgreSQL, both Redis and the service's settings are asked once each.
    A run judges what can be seen either way. --json names every requirement that a view would decide.

    \b
    stackproof doctor
    stackproof doctor --target staging.toml --profile remote
    """
    from stackproof.absent import with_what_follows
    from stackproof.descriptor.reading import read_descriptor
    from stackproof.doctor.behind import look_behind
    from stackproof.doctor.operations import examine
    from stackproof.doctor.sight import sights
    from stackproof.durations import seconds_of
    from stackproof.evidence import Redactor
    from stackproof.harness import reference_specification
    from stackproof.registry import load_checks
    from stackproof.spec import read
    from stackproof.target.views import open_views

    seconds = seconds_of(budget, "--budget")
    specification = read(spec or reference_specification())
    descriptor = with_what_follows(read_descriptor(target), specification)
    chosen = profile.value if profile else descriptor.target.profile
    checks = load_checks(folders=descriptor.suites.folders)
    openings, redactor = open_views(descriptor), Redactor()
    views = sights(specification, checks, openings, chosen, descriptor.project)
    findings = examine(descriptor, redactor, seconds)
    findings += look_behind(descriptor, redactor, openings, {one.view for one in views if one.required})
    closed = [one for one in views if one.required and not one.open]
    ready = not closed and not any(one.state == "trouble" for one in findings)
    if as_json:
        data = {
            "target": descriptor.target.base_url,
            "profile": chosen,
            "ready": ready,
            "views": [asdict(one) for one in views],
            "operations": [asdict(one) for one in findings],
        }
        json.dump(data, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _show(views, findings, chosen, str(target), ready=ready)
    raise typer.Exit(ExitCode.CONFORMANT if ready else ExitCode.INCOMPLETE)


def _show(views: list[Sight], findings: list[Finding], profile: str, target: str, *, ready: bool) -> None:
    from shlex import quote

    from rich.text import Text

    from stackproof.progress import out

    console = out()

    def line(text: str) -> None:
        console.print(Text(text))

    line("What is described, tried:")
    for finding in findings:
        line(f"  {_MARKS[finding.state]:8} {finding.subject}: {finding.text}")
        if finding.cure:
            line(f"{'':11}{finding.cure}")
    line(f"\nViews, for the profile {profile}:")
    for one in views:
        state = "open" if one.open else "CLOSED" if one.required else "closed"
        line(f"  {state:8} {one.view.value}: {_decides(one)}")
        if not one.open:
            line(f"{'':11}{one.reason}")
            for text in one.lines if one.document or one.derived else ():
                line(f"{'':13}{text}")
    missing = [one.view.value for one in views if one.required and not one.open]
    if ready:
        line(f"\nready: stackproof run --target {quote(target)} --profile {profile}")
    else:
        troubles = sum(one.state == "trouble" for one in findings)
        wanted = f"; the profile {profile} also needs: {', '.join(missing)}" if missing else ""
        line(f"\nnot ready: troubles: {troubles}{wanted}")
        line(f"a run judges the rest all the same: stackproof run --target {quote(target)} --profile {profile}")


def _decides(one: Sight) -> str:
    if not one.checks:
        return "no check looks through it in this version"
    parts = [f"{len(one.document)} of the document's requirements ({_few(one.document)})"] if one.document else []
    parts += [f"{len(one.derived)} derived ones"] if one.derived else []
    if not parts:
        return f"{len(one.checks)} checks, of things that project.unused lists"
    return f"{len(one.checks)} checks, which judge {' and '.join(parts)}"


def _few(ids: tuple[str, ...]) -> str:
    """The first of them; `--json` has them all."""
    rest = len(ids) - FEW
    return ", ".join(ids[:FEW]) + (f" and {rest} more" if rest > 0 else "")
