"""`stackproof prove`: every check fails on a service that breaks its rule, and is quiet on one that keeps it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackproof.commands.run import ServicesKind
from stackproof.errors import ExitCode, InfrastructureError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from stackproof.faults import Fault
    from stackproof.progress import Progress
    from stackproof.proof import Cell, Proof
    from stackproof.reference import Bench
    from stackproof.verdict import CheckResult


def prove(
    fault: Annotated[
        list[str] | None, typer.Option("--fault", metavar="NAME", help="Only this fault; may be given again.")
    ] = None,
    services: Annotated[
        ServicesKind, typer.Option(help="How the reference service gets PostgreSQL and Redis.")
    ] = ServicesKind.AUTO,
    full: Annotated[
        bool, typer.Option("--full", help="Run every check on every fault, not only those that must notice.")
    ] = False,
    list_only: Annotated[bool, typer.Option("--list", help="List the faults and leave.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the detection matrix as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Prove the checks: each must notice its faults and stay quiet on the conforming reference service.

    Leaves with 1 where a fault goes unnoticed, a check raises a false alarm or fails to run on the conforming
    service, or a check was never seen to fail and is not listed as pending (sample_app/faults/pending.json).
    """
    from stackproof.faults import pick_faults, read_faults
    from stackproof.harness import harness_root
    from stackproof.progress import Progress, out
    from stackproof.run import terminated_like_interrupted

    app = harness_root() / "sample_app"
    chosen = pick_faults(read_faults(app), tuple(fault or ()))
    if list_only:
        for one in chosen:
            sys.stdout.write(f"{one.name}: {one.summary}\n")
        return
    if not chosen:
        raise UsageError(f"{app / 'faults'}: there are no faults", hint="add <name>.toml, see CONTRIBUTING.md")
    progress = Progress(quiet=quiet)
    with terminated_like_interrupted(), progress.shown():
        proof = _prove(chosen, services.value, full, progress, pending=_pending(app), whole=not fault)
    if as_json:
        json.dump(_to_data(proof), sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _show(proof, out())
    raise typer.Exit(int(ExitCode.CONFORMANT if proof.holds else ExitCode.NON_CONFORMANT))


def _pending(app: Path) -> dict[str, str]:
    path = app / "faults" / "pending.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", hint="it maps check ids to reasons") from error
    if not isinstance(data, dict) or not all(isinstance(one, str) and one for one in data.values()):
        raise UsageError(f"{path}: maps check ids to reasons, and to nothing else", hint="give every check a reason")
    return data


def _prove(
    faults: tuple[Fault, ...], kind: str, full: bool, progress: Progress, *, pending: dict[str, str], whole: bool
) -> Proof:
    from stackproof.proof import CONFORMING, cells_of, conclude
    from stackproof.reference import Bench
    from stackproof.registry import load_checks

    checks = load_checks()
    cells: list[Cell] = []
    unstarted: dict[str, str] = {}
    with Bench(kind, progress.say) as bench:
        with progress.phase("the conforming service"):
            named = () if full or whole else tuple(sorted({one for fault in faults for one in fault.notices}))
            cells += cells_of(CONFORMING, _judge(bench, None, named, progress), ())
        for number, fault in enumerate(faults, 1):
            with progress.phase(f"fault {number} of {len(faults)}: {fault.name}"):
                try:
                    results = _judge(bench, fault, () if full else fault.notices, progress)
                except InfrastructureError as error:
                    unstarted[fault.name] = str(error)
                    continue
                cells += cells_of(fault.name, results, fault.notices)
    return conclude(checks, faults, cells, pending, unstarted, whole=whole)


def _judge(bench: Bench, fault: Fault | None, checks: tuple[str, ...], progress: Progress) -> list[CheckResult]:
    from stackproof.harness import reference_specification
    from stackproof.registry import load_checks
    from stackproof.run import Suites, run_suites

    wanted = [one.check for one in load_checks() if not checks or one.id in checks]
    views = {view for check in wanted for view in check.needs}
    with bench.service(fault, views) as target:
        suites = Suites(
            descriptor=target.descriptor,
            specification=reference_specification(),
            checks=checks,
            allow_writes=True,
            workers=0 if checks else 2,
        )
        outcome = run_suites(suites)
    if outcome.interrupted:
        raise KeyboardInterrupt
    progress.say(f"{len(outcome.results)} verdicts")
    return list(outcome.results)


def _to_data(proof: Proof) -> dict[str, object]:
    return {
        "holds": proof.holds,
        "problems": list(proof.problems),
        "faults": list(proof.faults),
        "pending": dict(proof.pending),
        "cells": [asdict(cell) for cell in proof.cells],
    }


def _show(proof: Proof, console: Console) -> None:
    from rich.text import Text

    from stackproof.proof import Sight

    colours = {Sight.NOTICED: "green", Sight.UNNOTICED: "bold red", Sight.ERROR: "bold yellow"}
    by_fault: dict[str, list[Cell]] = {}
    for cell in proof.cells:
        by_fault.setdefault(cell.service, []).append(cell)
    for service in proof.faults:
        console.print(Text(service, style="bold"))
        for cell in by_fault.get(service, []):
            if cell.declared or cell.sight is Sight.NOTICED:
                line = Text.assemble("  ", (cell.sight.value, colours.get(cell.sight, "")), f"  {cell.check}")
                console.print(line if cell.declared else line.append("  (not declared)"))
    for check, reason in proof.pending.items():
        console.print(Text(f"pending  {check}: {reason}", style="yellow"))
    for problem in proof.problems:
        console.print(Text(problem, style="bold red"))
    noticed = len({cell.check for cell in proof.cells if cell.sight is Sight.NOTICED})
    state = "the proof holds" if proof.holds else f"{len(proof.problems)} problems"
    console.print(Text(f"{state}: {len(proof.faults)} faults, {noticed} checks seen to fail", style="bold"))
