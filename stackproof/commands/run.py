"""`stackproof run`: judge a target against a specification and hand over the report."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stackproof.durations import seconds_of
from stackproof.errors import UsageError
from stackproof.ingredients import USUAL, Ingredients, ingredients

if TYPE_CHECKING:
    from stackproof.progress import Progress
    from stackproof.report.model import Report, ServicePart
    from stackproof.run import Outcome
    from stackproof.spec.model import Specification


class ServicesKind(StrEnum):
    """How the reference service's PostgreSQL and Redis are provided."""

    AUTO = "auto"
    TESTCONTAINERS = "testcontainers"
    EMBEDDED = "embedded"
    EXTERNAL = "external"


class Profile(StrEnum):
    """Which clauses have to be assessed for the run to be complete."""

    REMOTE = "remote"
    SERVICES = "services"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options of one run."""

    target: Path | None
    specification: Path
    only: tuple[str, ...]
    services: str
    profile: str | None
    allow_writes: bool
    drill: bool
    ignore_waivers: bool
    workers: int
    strict: bool = False
    patience: float = 0.0
    budget: float = 0.0
    of: Ingredients = USUAL


@dataclass(frozen=True, slots=True)
class Judged:
    """A target that is up and described."""

    descriptor: Path
    kind: Literal["reference", "described"]
    services: tuple[ServicePart, ...] = ()
    reason: str = ""


def run(
    target: Annotated[
        Path | None,
        typer.Option("--target", "-t", metavar="FILE", help="The service's stackproof.toml; default: the reference."),
    ] = None,
    spec: Annotated[
        Path | None, typer.Option("--spec", "-s", metavar="FILE", help="The specification; default: the reference one.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", "-o", metavar="IDS", help="Requirement ids, comma separated; * stands for anything."),
    ] = None,
    services: Annotated[
        ServicesKind, typer.Option(help="How the reference service gets PostgreSQL and Redis.")
    ] = ServicesKind.AUTO,
    postgres: Annotated[
        str, typer.Option(metavar="VERSION", help="The reference service's PostgreSQL, such as 17; default: 16.")
    ] = "",
    redis: Annotated[
        str, typer.Option(metavar="PRODUCT[:VERSION]", help="The reference service's: redis, valkey or redis:7.2.")
    ] = "",
    resolution: Annotated[
        str, typer.Option(metavar="WHICH", help="The reference service's packages: locked, lowest or highest.")
    ] = "locked",
    python: Annotated[
        str, typer.Option(metavar="VERSION", help="The reference service's Python, such as 3.13; default: this one.")
    ] = "",
    profile: Annotated[
        Profile | None, typer.Option(help="What must be assessed; default: the descriptor's, else full.")
    ] = None,
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="Allow bursts and changes; implied for the reference service.")
    ] = False,
    drill: Annotated[
        bool,
        typer.Option("--drill", help="Break what [drill] names, part by part; implied for the reference service."),
    ] = False,
    ignore_waivers: Annotated[bool, typer.Option("--ignore-waivers", help="Show the bare verdicts.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Count what the clauses imply through public standards, too.")
    ] = False,
    patience: Annotated[
        str,
        typer.Option(metavar="DURATION", help="Let a check wait that long for a token's end, such as 16m."),
    ] = "0",
    budget: Annotated[
        str, typer.Option(metavar="DURATION", help="Begin nothing new after that long; --patience comes on top.")
    ] = "15m",
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FOLDER", help="The run's folder; default: stackproof-runs/<time>."),
    ] = None,
    workers: Annotated[int, typer.Option(min=0, max=16, help="Processes that run checks; 0: this one alone.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict alone; no progress.")] = False,
) -> None:
    """Judge a service against the specification and write a report.

    Without --target the reference service is started, judged and stopped: PostgreSQL 16 and Redis in containers where
    a Docker engine has the images, else as programs from wheels.

    \b
    stackproof run                                      the reference service
    stackproof run --target stackproof.toml             your service; account from STACKPROOF_USERNAME/_PASSWORD
    stackproof run --target stackproof.toml --only 'jwt.*'
    """
    from stackproof.harness import reference_specification
    from stackproof.progress import Progress, out
    from stackproof.report.files import as_json as to_json
    from stackproof.report.files import make_folder, save
    from stackproof.run import terminated_like_interrupted

    wanted = Wanted(
        target=target,
        specification=spec or reference_specification(),
        only=tuple(one.strip() for text in only or [] for one in text.split(",") if one.strip()),
        services=services.value,
        profile=profile.value if profile else None,
        allow_writes=allow_writes,
        drill=drill,
        ignore_waivers=ignore_waivers,
        workers=workers,
        strict=strict,
        patience=seconds_of(patience, "--patience"),
        budget=seconds_of(budget, "--budget"),
        of=ingredients(postgres, redis, resolution, python),
    )
    if target and wanted.of.told:
        raise UsageError(
            f"--{next(iter(wanted.of.told))} is about the reference service", hint="leave it out, or leave out --target"
        )
    progress = Progress(quiet=quiet)
    with terminated_like_interrupted():
        specification = _specification(wanted)
        if target:
            from stackproof.descriptor.reading import read_descriptor

            given = read_descriptor(target)
            if drill and given.drill == type(given.drill)():
                progress.say(f"--drill: {target} has no [drill] table, so that no part of the service is broken")
        folder = make_folder(output, datetime.datetime.now(datetime.UTC))
        with progress.shown():
            report = judge(wanted, specification, progress)
        paths = save(report, folder)
    if as_json:
        sys.stdout.write(to_json(report))
    else:
        from reports.terminal.writer import write

        console = out()
        write(report, console, verbose=not quiet)
        if not quiet:
            console.print(f"report: {paths[0]}")
    raise typer.Exit(report.exit_code)


def _specification(wanted: Wanted) -> Specification:
    from stackproof.spec import read

    specification = read(wanted.specification)
    ids = [one.id for one in specification.every]
    for pattern in wanted.only:
        if not any(fnmatchcase(one, pattern) for one in ids):
            near = get_close_matches(pattern, ids, n=3, cutoff=0.5)
            raise UsageError(
                f"--only {pattern}: {specification.path} has no such requirement",
                hint=(f"did you mean {', '.join(near)}? " if near else "") + "`stackproof spec list` shows every id",
            )
    return specification


def judge(wanted: Wanted, specification: Specification, progress: Progress) -> Report:
    """Bring the target up where that is ours to do, run the suites, and build the report.

    An interruption (Ctrl-C, SIGTERM) at any time still gives a report, marked partial.
    """
    from stackproof.descriptor.reading import read_descriptor
    from stackproof.registry import load_checks
    from stackproof.report.build import RunFacts, build_report
    from stackproof.run import INTERRUPTED, Outcome
    from stackproof.target.views import open_views

    started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
    outcome, judged, descriptor, openings = Outcome((), INTERRUPTED), None, None, {}
    kind: Literal["reference", "described"] = "described" if wanted.target else "reference"
    try:
        with _target(wanted, progress) as judged:
            descriptor = read_descriptor(judged.descriptor)
            openings = open_views(descriptor)
            outcome = _run(wanted, judged, progress)
    except KeyboardInterrupt:
        progress.say("interrupted: writing what there is")
    facts = RunFacts(
        started=started,
        seconds=time.monotonic() - clock,
        kind=kind,
        profile=wanted.profile or (descriptor.target.profile if descriptor else "full"),
        openings=openings,
        only=wanted.only,
        interrupted=outcome.interrupted,
        allow_writes=wanted.allow_writes or kind == "reference",
        drill=wanted.drill or kind == "reference",
        ignore_waivers=wanted.ignore_waivers,
        strict=wanted.strict,
        services=judged.services if judged else (),
        services_reason=judged.reason if judged else "",
        ingredients=wanted.of.told,
        phases=tuple(progress.phases),
    )
    return build_report(specification, descriptor, load_checks(), outcome.results, facts)


def _run(wanted: Wanted, judged: Judged, progress: Progress) -> Outcome:
    from stackproof.drill import journal
    from stackproof.run import Suites, run_suites

    suites = Suites(
        descriptor=judged.descriptor,
        specification=wanted.specification,
        only=wanted.only,
        allow_writes=wanted.allow_writes or judged.kind == "reference",
        drill=wanted.drill or judged.kind == "reference",
        reproduce=_command(wanted),
        workers=wanted.workers,
        patience=wanted.patience,
        budget=wanted.budget + wanted.patience if wanted.budget else 0.0,
    )
    with progress.phase("checks"):
        outcome = run_suites(suites, progress.result)
    for told in journal.unmended:
        typer.echo(f"the target is left broken: {told}", err=True)
    return outcome


def _command(wanted: Wanted) -> str:
    from shlex import quote

    from stackproof.harness import reference_specification

    words = ["stackproof", "run"]
    if wanted.target:
        words += ["--target", quote(str(wanted.target))]
    elif wanted.services != "auto":
        words += ["--services", wanted.services]
    words += [word for name, value in wanted.of.told.items() for word in (f"--{name}", quote(value))]
    if wanted.specification != reference_specification():
        words += ["--spec", quote(str(wanted.specification))]
    if wanted.allow_writes:
        words.append("--allow-writes")
    if wanted.drill:
        words.append("--drill")
    if wanted.patience:
        words += ["--patience", f"{wanted.patience:g}s"]
    return " ".join(words)


@contextmanager
def _target(wanted: Wanted, progress: Progress) -> Iterator[Judged]:
    if wanted.target:
        yield Judged(wanted.target, "described")
        return
    from stackproof.reference import reference_target

    with reference_target(wanted.services, progress.say, wanted.of) as reference:
        yield Judged(reference.descriptor, "reference", reference.services, reference.reason)
