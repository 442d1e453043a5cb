"""`stackproof rehearse`: try an edited specification before anybody deploys, and name the culprit where it breaks."""

from __future__ import annotations

import datetime
import secrets
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackproof.commands.choices import one_of
from stackproof.commands.run import Profile, Services, ServicesKind
from stackproof.durations import seconds_of
from stackproof.errors import ExitCode, StackproofError, UsageError

if TYPE_CHECKING:
    from stackproof.rehearse.judging import Trial
    from stackproof.rehearse.state import State
    from stackproof.rehearse.wishes import Wish

FOLDERS = Path("stackproof-rehearsals")


def rehearse(
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="ROW=VALUE", help="Another constraint or version line for a row; repeatable."),
    ] = None,
    latest: Annotated[bool, typer.Option("--latest", help="The newest releases that go together.")] = False,
    lowest: Annotated[bool, typer.Option("--lowest", help="The lowest releases that the project admits.")] = False,
    spec: Annotated[
        Path | None, typer.Option("--spec", metavar="EDITED", help="An edited specification, whole.")
    ] = None,
    base: Annotated[
        Path | None, typer.Option("--base", metavar="FILE", help="Today's specification; default: the reference one.")
    ] = None,
    project: Annotated[
        Path | None, typer.Option("--project", metavar="FOLDER", help="Your project; default: the reference service's.")
    ] = None,
    target: Annotated[
        Path | None,
        typer.Option("--target", "-t", metavar="FILE", help="Its stackproof.toml; default: the one in the project."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="REPORT", help="Today's report, in place of a run.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", "-o", metavar="IDS", help="Requirement ids; * stands for anything.")
    ] = None,
    suite: Annotated[
        list[str] | None, typer.Option("--suite", metavar="NAMES", help="Suites such as jwt, or patterns of check ids.")
    ] = None,
    services: Services = ServicesKind.AUTO,
    profile: Annotated[
        Profile | None,
        typer.Option(
            help="What must be assessed; default: the descriptor's.", **one_of(Profile, "--profile", "profile")
        ),
    ] = None,
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="As for `run`; implied for the reference service.")
    ] = False,
    drill: Annotated[bool, typer.Option("--drill", help="As for `run`; implied for the reference service.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Derived requirements count, too.")] = False,
    budget: Annotated[
        str, typer.Option(metavar="DURATION", help="For each run of the suites: begin nothing new after that long.")
    ] = "15m",
    workers: Annotated[int, typer.Option(min=0, max=16, help="Processes that run checks; 0: this one alone.")] = 2,
    no_search: Annotated[bool, typer.Option("--no-search", help="Do not look for the culprit.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FOLDER", help=f"Default: {FOLDERS}/<time>.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="FOLDER", help="Go on with an interrupted rehearsal.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print rehearsal.json on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Try an edited specification: does it resolve, does the service still conform, and if not, who is to blame.

    Everything happens in a scratch folder, which is removed; nothing of the project is changed. The folder of the
    rehearsal keeps the reports, their comparison, and patches of the specification and of the lock.

    \b
    stackproof rehearse --set "Django=>=6.0,<6.1"            a constraint for a row
    stackproof rehearse --set redis-python=6 --set PostgreSQL=17
    stackproof rehearse --latest --project . --base docs/tech-stack.md
    stackproof rehearse --resume stackproof-rehearsals/20260207T101500Z-a1b2c3
    """
    from stackproof.progress import Progress, out
    from stackproof.rehearse.judging import Trial
    from stackproof.rehearse.rehearsal import rehearse as rehearsed
    from stackproof.rehearse.showing import show
    from stackproof.run import terminated_like_interrupted

    progress = Progress(quiet=quiet)
    with terminated_like_interrupted():
        if resume:
            if set_ or latest or lowest or spec:
                raise UsageError("--resume goes on with what was asked for", hint="leave the other options out")
            state, wish = _resumed(resume)
        else:
            trial = Trial(
                only=tuple(one.strip() for text in only or [] for one in text.split(",") if one.strip()),
                checks=_checks(suite or []),
                services=services.value,
                profile=profile.value if profile else "",
                allow_writes=allow_writes,
                drill=drill,
                strict=strict,
                workers=workers,
                budget=seconds_of(budget, "--budget"),
            )
            wish = _wish(tuple(set_ or ()), spec, latest=latest, lowest=lowest)
            wish = replace(_on(wish, base, project, target, baseline), search=not no_search)
            wish = replace(wish, trial=_allowed(trial, wish))
            state = _begun(wish, output)
        try:
            with progress.shown():
                result = rehearsed(wish, state, progress)
        except KeyboardInterrupt:
            typer.echo(f"stackproof: interrupted; go on with: stackproof rehearse --resume {state.folder}", err=True)
            raise typer.Exit(int(ExitCode.INCOMPLETE)) from None
        except StackproofError as error:
            if error.exit_code is not ExitCode.USAGE:
                typer.echo(f"what is done is kept: stackproof rehearse --resume {state.folder}", err=True)
            raise
    if as_json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        console = out()
        show(result, console)
        console.print(f"rehearsal: {state.folder}", markup=False)
    raise typer.Exit(result.exit_code)


def _wish(sets: tuple[str, ...], edited: Path | None, *, latest: bool, lowest: bool) -> Wish:
    """Exactly one way of saying what shall differ."""
    from stackproof.harness import reference_specification
    from stackproof.rehearse.wishes import Wish

    given = [
        name for name, one in (("--set", sets), ("--latest", latest), ("--lowest", lowest), ("--spec", edited)) if one
    ]
    if len(given) != 1:
        told = f"{' and '.join(given)} were given" if given else "nothing to rehearse was given"
        raise UsageError(
            told, hint="give one of --set ROW=VALUE (any number of them), --latest, --lowest, --spec EDITED.md"
        )
    base = reference_specification()
    if edited:
        return Wish("spec", base, edited=edited.resolve())
    return Wish("latest" if latest else "lowest" if lowest else "set", base, sets=sets)


def _on(wish: Wish, base: Path | None, project: Path | None, target: Path | None, baseline: Path | None) -> Wish:
    """On which document, project and service."""
    if project is not None and not project.is_dir():
        raise UsageError(f"--project {project}: is no folder", hint="give the folder of pyproject.toml and uv.lock")
    if target is not None and project is None:
        raise UsageError("--target is given without --project", hint="give the folder of the service's project, too")
    if project is not None and target is None and (project / "stackproof.toml").is_file():
        target = project / "stackproof.toml"
    return replace(
        wish,
        base=(base or wish.base).resolve(),
        project=project.resolve() if project else None,
        target=target.resolve() if target else None,
        baseline=baseline.resolve() if baseline else None,
    )


def _allowed(trial: Trial, wish: Wish) -> Trial:
    """The reference service may be written to and broken; a team's only where that is said."""
    if wish.project is None:
        return replace(trial, allow_writes=True, drill=True)
    return replace(trial, kind="described")


def _checks(suites: list[str]) -> tuple[str, ...]:
    """Patterns of check ids: the name of a suite stands for all of it."""
    words = [one.strip() for text in suites for one in text.split(",") if one.strip()]
    return tuple(one if any(sign in one for sign in "/*:") else f"{one}/*" for one in words)


def _begun(wish: Wish, output: Path | None) -> State:
    """A new state, once everything is seen to make sense."""
    from pydantic import TypeAdapter

    from stackproof.rehearse.state import State
    from stackproof.rehearse.wishes import Wish, inputs_of, plan_of
    from stackproof.report.files import load, make_folder
    from stackproof.spec import read

    plan_of(wish)
    wish.trial.chosen(read(wish.base))
    if wish.baseline:
        load(wish.baseline)
    now = datetime.datetime.now(datetime.UTC)
    folder = make_folder(output or FOLDERS / _name(now), now)
    return State.begun(folder.resolve(), TypeAdapter(Wish).dump_python(wish, mode="json"), inputs_of(wish))


def _name(now: datetime.datetime) -> str:
    """A folder's name that no other rehearsal has."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _resumed(folder: Path) -> tuple[State, Wish]:
    """The state of a folder, and what had been asked for."""
    from pydantic import TypeAdapter, ValidationError

    from stackproof.rehearse.state import State
    from stackproof.rehearse.wishes import Wish, inputs_of

    state = State.resumed(folder.resolve())
    try:
        wish = TypeAdapter(Wish).validate_python(state.asked)
    except ValidationError:
        raise UsageError(f"{folder}: its state is not understood", hint="begin a new rehearsal") from None
    state.assert_same(inputs_of(wish))
    return state, wish
