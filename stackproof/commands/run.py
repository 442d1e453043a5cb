"""`stackproof run`: judge a target against a specification and hand over the report."""

from __future__ import annotations

import datetime
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackproof.commands.choices import (
    Advisories,
    Index,
    complete_requirement,
    complete_suite,
    day_of,
    needs_something_to_judge,
    one_of,
    open_since,
    shard_named,
    specification_with,
    suites_named,
)
from stackproof.durations import seconds_of
from stackproof.errors import UsageError
from stackproof.ingredients import ingredients

if TYPE_CHECKING:
    from stackproof.report.model import Report


class ServicesKind(StrEnum):
    """How the reference service's PostgreSQL and Redis are provided."""

    AUTO = "auto"
    TESTCONTAINERS = "testcontainers"
    EMBEDDED = "embedded"
    EXTERNAL = "external"


Services = Annotated[
    ServicesKind,
    typer.Option(
        help="How the reference service gets PostgreSQL and Redis.",
        **one_of(ServicesKind, "--services", "kind of services"),
    ),
]


class Profile(StrEnum):
    """Which clauses have to be assessed for the run to be complete."""

    REMOTE = "remote"
    SERVICES = "services"
    FULL = "full"


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
        typer.Option(
            "--only",
            "-o",
            metavar="IDS",
            help="Requirement ids, comma separated; * stands for anything.",
            autocompletion=complete_requirement,
        ),
    ] = None,
    suite: Annotated[
        list[str] | None,
        typer.Option(
            "--suite",
            metavar="NAMES",
            help="Only the checks of these suites, such as stack or jwt.",
            autocompletion=complete_suite,
        ),
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option("--project", "-p", metavar="FOLDER", help="A project's files alone, without a stackproof.toml."),
    ] = None,
    advisories: Advisories = "",
    index: Index = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="Judge support and its ends on that day, not today.")
    ] = "",
    services: Services = ServicesKind.AUTO,
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
        Profile | None,
        typer.Option(
            help="What must be assessed; default: the descriptor's, else full.",
            **one_of(Profile, "--profile", "profile"),
        ),
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
        typer.Option(metavar="DURATION", help="Let a check wait that long for a token's end, 17m for fifteen minutes."),
    ] = "0",
    budget: Annotated[
        str, typer.Option(metavar="DURATION", help="Begin nothing new after that long; --patience comes on top.")
    ] = "15m",
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Only the I-th of N parts of the checks; `report merge` unites them.")
    ] = "",
    since: Annotated[
        Path | None,
        typer.Option("--since", metavar="REPORT", help="Only what that run did not find to hold, or what changed."),
    ] = None,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="End at the first violation or failure.")] = False,
    allow_incomplete: Annotated[
        bool,
        typer.Option("--allow-incomplete", help="Leave with 0 where nothing is violated, though not all was seen."),
    ] = False,
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
    stackproof run --project . --suite stack            versions, pins, lock and images; nothing is started
    """
    from stackproof.harness import reference_specification
    from stackproof.judging import Wanted, judge
    from stackproof.progress import Progress, out
    from stackproof.report.files import as_json as to_json
    from stackproof.report.files import make_folder, save
    from stackproof.run import terminated_like_interrupted

    if target and project:
        raise UsageError("--target and --project are given", hint="name the folder in [project] of stackproof.toml")
    if not project and (advisories or index):
        raise UsageError("--advisories and --index go with --project", hint="write [project.audit] in the file")
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
        project=project,
        suites=suites_named(suite or []),
        as_of=day_of(as_of),
        advisories=advisories,
        index=index,
        shard=shard_named(shard),
        fail_fast=fail_fast,
        of=ingredients(postgres, redis, resolution, python),
    )
    if (target or project) and wanted.of.told:
        raise UsageError(
            f"--{next(iter(wanted.of.told))} is about the reference service",
            hint="leave it out, or leave out --target and --project",
        )
    progress = Progress(quiet=quiet)
    with terminated_like_interrupted():
        specification = specification_with(wanted.specification, wanted.only)
        needs_something_to_judge(wanted.suites, wanted.only, specification)
        if since:
            left = open_since(since, specification, wanted.only)
            if not left:
                progress.say(
                    f"--since {since}: everything held there, and the specification says the same: nothing to do"
                )
                raise typer.Exit(0)
            wanted = replace(wanted, only=left, since=str(since))
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
            console.print(f"report: {paths[0]}\nto read: {paths[1]}")
    raise typer.Exit(_exit_code(report, allow_incomplete=allow_incomplete))


def _exit_code(report: Report, *, allow_incomplete: bool) -> int:
    """The report's own; 0 in place of 4 where the caller allows that not everything was looked at.

    A failure of the harness and a run that was ended early are not allowed by that.
    """
    from stackproof.verdict import Level, Verdict

    failed = report.counts[Verdict.ERROR.value] + report.derived_counts.get(Verdict.ERROR.value, 0)
    fine = report.level is Level.INCOMPLETE and not failed and not report.interrupted
    return 0 if allow_incomplete and fine else report.exit_code
