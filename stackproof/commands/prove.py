"""`stackproof prove`: every check fails on a service that breaks its rule, and is quiet on one that keeps it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Never

import typer

from stackproof.check import View
from stackproof.commands.choices import shard_named
from stackproof.commands.run import Services, ServicesKind
from stackproof.errors import ExitCode, InfrastructureError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from stackproof.faults import Fault
    from stackproof.progress import Progress
    from stackproof.proof import Cell, Proof
    from stackproof.reference import Bench
    from stackproof.variations import Variation
    from stackproof.verdict import CheckResult

CLIENT_VIEWS = frozenset(View) - {
    View.POSTGRES, View.REDIS, View.PROJECT, View.FILES, View.IMAGE, View.HOST, View.ENGINE, View.CELERY
}  # fmt: skip


def prove(
    target: Annotated[
        Path | None,
        typer.Option(
            "--target",
            "-t",
            metavar="FILE",
            help="Your own checks and faults: those of this stackproof.toml's folders.",
        ),
    ] = None,
    spec: Annotated[
        Path | None, typer.Option("--spec", "-s", metavar="FILE", help="With --target: your specification.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option("--fault", metavar="NAME", help="Only this fault; may be given again.")
    ] = None,
    variation: Annotated[
        list[str] | None,
        typer.Option(
            "--variation",
            metavar="NAME",
            help="Only this conforming variation, no fault; with --fault: the faults on top of it.",
        ),
    ] = None,
    faults_only: Annotated[
        bool, typer.Option("--faults-only", help="Every fault, and the conforming service without its variations.")
    ] = False,
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N", help="Only the I-th of N parts of the faults and variations; the proof holds where all do."
        ),
    ] = "",
    services: Services = ServicesKind.AUTO,
    full: Annotated[
        bool, typer.Option("--full", help="Run every check on every fault, not only those that must notice.")
    ] = False,
    list_only: Annotated[bool, typer.Option("--list", help="List the faults and variations and leave.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the detection matrix as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Prove the checks: each must notice its faults and stay quiet on the conforming reference service.

    The conforming service has variations (sample_app/variations/): tokens in cookies, RS256, behind a proxy, ….

    Leaves with 1 where a fault goes unnoticed, a check raises a false alarm or fails to run on the conforming
    service or a variation of it, or a check was never seen to fail and is not listed as pending
    (sample_app/faults/pending.json).

    \b
    stackproof prove --list
    stackproof prove --fault rotation_off --services embedded
    stackproof prove --variation behind_a_proxy
    stackproof prove --shard 1/2
    stackproof prove --target stackproof.toml --spec our-stack.md
    """
    from stackproof.declared import read_pending
    from stackproof.faults import pick_faults, read_faults
    from stackproof.harness import harness_root
    from stackproof.progress import Progress
    from stackproof.run import terminated_like_interrupted
    from stackproof.variations import pick_variations, read_variations

    part = shard_named(shard)
    if shard and (target or fault or variation):
        raise UsageError("--shard divides the whole proof", hint="leave out --target, --fault and --variation")
    if target is not None:
        _prove_own(target, spec, tuple(fault or ()), list_only=list_only, as_json=as_json, quiet=quiet)
    if spec is not None:
        raise UsageError("--spec goes with --target", hint="the reference service keeps to the reference specification")
    app = harness_root() / "sample_app"
    faults, variations = read_faults(app), read_variations(app)
    varied = pick_variations(variations, tuple(variation or ()))
    every = () if varied and not fault else pick_faults(faults, tuple(fault or ()))
    chosen = dealt(every, part)
    if list_only:
        for broken in chosen:
            sys.stdout.write(f"{broken.name}: {broken.summary}\n")
        for one in varied if variation or fault else dealt(variations, part):
            sys.stdout.write(f"variation {one.name}: {one.summary}\n")
        return
    if not faults:
        raise UsageError(f"{app / 'faults'}: there are no faults", hint="add <name>.toml, see CONTRIBUTING.md")
    progress = Progress(quiet=quiet)
    whole = not fault and not variation
    if whole and faults_only:
        variations = ()
    plan = Plan(
        chosen,
        dealt(variations, part) if whole else varied,
        services.value,
        full,
        whole,
        read_pending(app / "faults") if every else {},
        conforming=part[0] == 1,
        elsewhere=frozenset(one for broken in every if broken not in chosen for one in broken.notices),
    )
    with terminated_like_interrupted(), progress.shown():
        proof = _prove(plan, progress)
    _leave(proof, as_json=as_json, whole=whole, shard=shard)


def _prove_own(
    target: Path, spec: Path | None, names: tuple[str, ...], *, list_only: bool, as_json: bool, quiet: bool
) -> Never:
    """A team's own checks: the described service conforms, the faults beside the checks break it."""
    from stackproof.harness import reference_specification
    from stackproof.own_proof import bench_of, prove_own
    from stackproof.progress import Progress
    from stackproof.run import terminated_like_interrupted

    bench = bench_of(target)
    if list_only:
        sys.stdout.write("".join(f"{one.name}: {one.summary}\n" for one in bench.faults))
        raise typer.Exit
    progress = Progress(quiet=quiet)
    with terminated_like_interrupted(), progress.shown():
        proof = prove_own(bench, spec or reference_specification(), names, progress)
    _leave(proof, as_json=as_json)


def _leave(proof: Proof, *, as_json: bool, whole: bool = True, shard: str = "") -> Never:
    from stackproof.progress import out

    if as_json:
        json.dump(_to_data(proof) | ({"shard": shard} if shard else {}), sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _show(proof, out(), whole=whole, shard=shard)
    raise typer.Exit(int(ExitCode.CONFORMANT if proof.holds else ExitCode.NON_CONFORMANT))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be proven.

    Attributes:
        variations: each is judged by every check, or, where faults were named, has the faults on top of it.
        full: every check on every fault.
        whole: every fault and every variation.
        pending: checks that cannot be seen to fail, with the reason.
        conforming: the conforming service is judged here, and by no other shard.
        elsewhere: checks that other shards see fail, or do not hold.
    """

    faults: tuple[Fault, ...]
    variations: tuple[Variation, ...]
    kind: str
    full: bool
    whole: bool
    pending: dict[str, str]
    conforming: bool
    elsewhere: frozenset[str]


def dealt[T](every: tuple[T, ...], shard: tuple[int, int]) -> tuple[T, ...]:
    """What of all belongs to a shard, dealt out in turn; those of all shards together are all."""
    number, count = shard
    return every[number - 1 :: count]


def _prove(plan: Plan, progress: Progress) -> Proof:
    from stackproof.proof import CONFORMING, cells_of, conclude
    from stackproof.reference import Bench
    from stackproof.registry import load_checks

    checks = load_checks()
    cells: list[Cell] = []
    unstarted: dict[str, str] = {}
    below = plan.variations if plan.faults and not plan.whole else ()
    with Bench(plan.kind, progress.say) as bench:
        if plan.faults and plan.conforming and not below:
            with progress.phase("the conforming service"):
                named = tuple(sorted({one for fault in plan.faults for one in fault.notices}))
                results = _judge(bench, None, () if plan.full or plan.whole else named, progress)
                cells += cells_of(CONFORMING, results, ())
        for number, variation in enumerate(plan.variations if not below else (), 1):
            with progress.phase(f"variation {number} of {len(plan.variations)}: {variation.name}"):
                cells += _vary(bench, variation, progress)
        for number, fault in enumerate(plan.faults, 1):
            for on_it in below or (None,):
                on = f" on {on_it.name}" if on_it else ""
                with progress.phase(f"fault {number} of {len(plan.faults)}: {fault.name}{on}"):
                    try:
                        results = _judge(bench, fault, () if plan.full else fault.notices, progress, on_it)
                    except InfrastructureError as error:
                        unstarted[fault.name] = str(error)
                        continue
                    cells += cells_of(fault.name, results, fault.notices)
    return conclude(checks, plan.faults, cells, plan.pending, unstarted, whole=plan.whole, elsewhere=plan.elsewhere)


def _vary(bench: Bench, variation: Variation, progress: Progress) -> list[Cell]:
    """The cells of a variation; where this machine cannot show it that is a cell too, and in CI an error.

    A variation changes how the service meets its clients, so that the checks which meet it as a client are run.
    """
    import os

    from stackproof.proof import Cell, Sight, cells_of, variation_of
    from stackproof.registry import load_checks

    service = variation_of(variation.name)
    missing = variation.missing()
    if not missing:
        met = tuple(one.id for one in load_checks() if one.check.needs & CLIENT_VIEWS)
        return cells_of(service, _judge(bench, None, met, progress, variation), ())
    progress.say(f"not run: {missing}")
    required = os.environ.get("STACKPROOF_REQUIRE_CONTAINERS") == "1" or os.environ.get("CI", "") not in {"", "0"}
    return [Cell("(every check)", service, Sight.ERROR if required else Sight.NOT_RUN, False, missing)]


def _judge(
    bench: Bench,
    fault: Fault | None,
    checks: tuple[str, ...],
    progress: Progress,
    variation: Variation | None = None,
) -> list[CheckResult]:
    from stackproof.harness import reference_specification
    from stackproof.registry import load_checks
    from stackproof.run import Suites, run_suites

    wanted = [one.check for one in load_checks() if not checks or one.id in checks]
    views = {view for check in wanted for view in check.needs}
    views |= {View.REPLICAS for check in wanted if check.drill == "web"}  # one is killed, another one stays
    with bench.service(fault, views, variation) as target:
        suites = Suites(
            descriptor=target.descriptor,
            specification=reference_specification(),
            checks=checks,
            as_of=_day_of(fault),
            allow_writes=True,
            drill=True,
            workers=0 if checks and variation is None else 2,
        )
        outcome = run_suites(suites)
    if outcome.interrupted:
        raise KeyboardInterrupt
    progress.say(f"{len(outcome.results)} verdicts")
    return list(outcome.results)


def _day_of(fault: Fault | None) -> str:
    """The day on which a service is judged: the fault's; of the conforming service that of its lock, where Git tells.

    Otherwise the proof would break by itself once the lock is a quarter old or a support has ended.
    """
    from stackproof.check import NotAssessed
    from stackproof.harness import harness_root
    from stackproof.project.history import last_change

    if fault is not None:
        return fault.as_of.isoformat() if fault.as_of else ""
    try:
        return last_change(harness_root() / "sample_app", "uv.lock").committed.isoformat()
    except NotAssessed:
        return ""


def _to_data(proof: Proof) -> dict[str, object]:
    return {
        "holds": proof.holds,
        "problems": list(proof.problems),
        "faults": list(proof.faults),
        "pending": dict(proof.pending),
        "cells": [asdict(cell) for cell in proof.cells],
    }


def _show(proof: Proof, console: Console, *, whole: bool, shard: str) -> None:
    from rich.text import Text

    from stackproof.proof import Sight, is_fault

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
    by_sight = Counter((cell.service, cell.sight.value) for cell in proof.cells if not is_fault(cell.service))
    for service in dict.fromkeys(service for service, _ in by_sight):
        told = ", ".join(f"{number} {sight}" for (one, sight), number in by_sight.items() if one == service)
        console.print(Text(f"{service}: {told}"))
    for check, reason in proof.pending.items() if whole else ():
        console.print(Text(f"pending  {check}: {reason}", style="yellow"))
    for problem in proof.problems:
        console.print(Text(problem, style="bold red"))
    noticed = len({cell.check for cell in proof.cells if cell.sight is Sight.NOTICED})
    what = f"part {shard} of the proof" if shard else "the proof"
    state = f"{what} holds" if proof.holds else f"{len(proof.problems)} problems"
    console.print(Text(f"{state}: {len(proof.faults)} faults, {noticed} checks seen to fail", style="bold"))
