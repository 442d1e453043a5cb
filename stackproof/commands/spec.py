"""`stackproof spec`: what a specification demands, where it contradicts itself, and what changed between two."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stackproof.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from datetime import date

    from stackproof.resolve.survey import Survey
    from stackproof.spec.findings.finding import Subject
    from stackproof.spec.model import Requirement, Specification

app = typer.Typer(
    help="Read a specification: its requirements, its contradictions, and what changed between two editions.\n\n"
    "\b\nstackproof spec list our-stack.md\nstackproof spec lint our-stack.md",
    no_args_is_help=True,
    rich_markup_mode=None,
)

type Lines = Sequence[tuple[str, ...]]

File = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="The specification in Markdown; our own edition by default.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_requirements(
    file: File = None,
    as_json: AsJson = False,
    derived: Annotated[
        bool, typer.Option("--derived", help="List what the clauses imply through public standards instead.")
    ] = False,
) -> None:
    """List every requirement of a specification, those included that nobody understood.

    \b
    stackproof spec list our-stack.md
    stackproof spec list --derived --json
    """
    from stackproof.spec.jsonable import describe, requirement_to_json

    specification = _read(file)
    chosen = specification.derived if derived else specification.requirements
    if as_json:
        _print_json([requirement_to_json(one) for one in chosen])
        return
    if derived:
        _print_table(("line", "id", "source"), [(str(one.line), one.id, one.source or "") for one in chosen])
        _print(f"\n{_count(len(chosen), 'derived requirement')}, which count with --strict ({specification.path})")
        return
    rows = [
        (str(one.line), one.id, str(one.kind), describe(one.value) if one.understood else "not understood", _mood(one))
        for one in chosen
    ]
    _print_table(("line", "id", "kind", "value", "strength"), rows)
    unclear = sum(not one.understood for one in chosen)
    _print(f"\n{_count(len(rows), 'requirement')}, {unclear} not understood ({specification.path})")


@app.command("show")
def show(
    requirement: Annotated[str, typer.Argument(metavar="ID", help="The requirement's id, as `list` prints it.")],
    file: File = None,
    as_json: AsJson = False,
) -> None:
    """Show one requirement: its words, line, value, and the checks that verify it.

    \b
    stackproof spec show jwt.rotation
    """
    from stackproof.registry import checks_for
    from stackproof.spec.jsonable import describe, requirement_to_json

    specification = _read(file)
    found = _find(specification, requirement)
    checks = checks_for(found.id)
    if as_json:
        _print_json({**requirement_to_json(found), "path": specification.path, "checks": checks})
        return
    facts = {
        "id": found.id,
        "where": f"{specification.path}:{found.line}",
        "chapter": found.chapter,
        "text": found.text,
        "kind": str(found.kind),
        "value": describe(found.value) if found.understood else "not understood",
        "strength": str(found.strength),
        "note": found.note,
        "source": found.source or "",
    }
    _print_table((), [(name, value) for name, value in facts.items() if value])
    _print_table((), [("checks" if position == 0 else "", one) for position, one in enumerate(checks or ["none"])])


@app.command("lint")
def lint_specification(
    file: File = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="YYYY-MM-DD", help="Judge dates on this day; today (UTC) by default."),
    ] = None,
    resolve: Annotated[
        bool, typer.Option("--resolve", help="Ask uv, too, what the packages' own metadata say against the rows.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="With --resolve: ask uv's cache, and no package index.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find contradictions inside a specification. Exit 1 if there are any; warnings alone are no contradiction.

    With --resolve exit 4 where something could not be looked at and there is no contradiction in the rest.

    \b
    stackproof spec lint our-stack.md
    stackproof spec lint our-stack.md --resolve
    """
    from stackproof.spec.lint import Severity, judge, subject_of

    if offline and not resolve:
        raise UsageError("--offline: nothing is asked of a package index anyway", hint="add --resolve, or leave it out")
    path = file or _reference()
    subject = subject_of(path, _day(as_of))
    looked = _survey(subject, offline=offline) if resolve else None
    findings = judge(subject, looked.findings if looked else ())
    errors = sum(one.severity is Severity.ERROR for one in findings)
    if as_json:
        _print_json([asdict(one) for one in findings])
    else:
        for one in findings:
            first, *others = one.lines
            also = f" (see line{'s' if len(others) > 1 else ''} {', '.join(map(str, others))})" if others else ""
            _print(f"{path}:{first}: {one.severity}: {one.message}{also} [{one.code}]\n  cure: {one.cure}")
        if looked:
            _print(looked.summary)
        partly = " in what was looked at" if looked and looked.incomplete else ""
        _print(f"{_count(errors, 'contradiction')}, {_count(len(findings) - errors, 'warning')}{partly}")
    if errors:
        raise typer.Exit(int(ExitCode.NON_CONFORMANT))
    if looked and looked.incomplete:
        raise typer.Exit(int(ExitCode.INCOMPLETE))


def _survey(subject: Subject, *, offline: bool) -> Survey:
    from stackproof.progress import Progress
    from stackproof.resolve.survey import survey

    with Progress(quiet=False).shown() as progress:
        return survey(subject, offline=offline, say=progress.say)


@app.command("diff")
def diff_specifications(
    old: Annotated[Path, typer.Argument(metavar="A", help="The earlier specification.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The later specification.")],
    as_json: AsJson = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 if there is any difference.")] = False,
) -> None:
    """Show what changed from A to B: added, removed, changed, moved and reworded requirements.

    \b
    stackproof spec diff old.md new.md --exit-code
    """
    from stackproof.spec.diff import diff

    changes = diff(_read(old), _read(new))
    if as_json:
        _print_json([asdict(one) for one in changes])
    for one in changes if not as_json else []:
        _print(f"{one.kind:<9} {one.id}")
        for sign, words, line in (("-", one.old, one.old_line), ("+", one.new, one.new_line)):
            if words is not None:
                _print(f"  {sign} {words} (line {line})")
    if not changes and not as_json:
        _print("no differences")
    if changes and exit_code:
        raise typer.Exit(int(ExitCode.NON_CONFORMANT))


def _reference() -> Path:
    from stackproof.harness import reference_specification

    return reference_specification()


def _read(file: Path | None) -> Specification:
    from stackproof.spec.reader import read

    return read(file or _reference())


def _find(specification: Specification, identifier: str) -> Requirement:
    found = specification.find(identifier)
    if found is not None:
        return found
    from difflib import get_close_matches

    ids = [one.id for one in specification.every]
    near = get_close_matches(identifier, ids, n=3, cutoff=0.5) or [one for one in ids if identifier.lower() in one][:3]
    hint = f"did you mean {' or '.join(near)}?" if near else "`stackproof spec list` prints every id"
    raise UsageError(f"{specification.path}: no requirement {identifier!r}", hint=hint)


def _day(written: str | None) -> date | None:
    if written is None:
        return None
    from datetime import date

    try:
        return date.fromisoformat(written)
    except ValueError:
        raise UsageError(f"--as-of: {written!r} is no date", hint="write it as 2026-11-24") from None


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _mood(one: Requirement) -> str:
    return "" if one.strength == "required" else str(one.strength)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _print_json(data: Any) -> None:
    json.dump(data, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def _print_table(headings: tuple[str, ...], rows: Lines) -> None:
    """A table for people: coloured and fitted in a terminal, whole lines of aligned columns elsewhere."""
    if sys.stdout.isatty():
        _print_rich(headings, rows)
        return
    lines = [headings, *rows] if headings else rows
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))] if lines else []
    for line in lines:
        _print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _print_rich(headings: tuple[str, ...], rows: Lines) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=bool(headings), header_style="bold", padding=(0, 2, 0, 0))
    for position in range(len(rows[0]) if rows else 0):
        table.add_column(headings[position] if headings else "", overflow="fold", style="cyan" if position == 0 else "")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
