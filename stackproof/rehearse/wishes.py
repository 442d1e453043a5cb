"""What the user asked a rehearsal for, and what follows from it: other rows, other services, another document."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from packaging.version import Version

from stackproof.errors import UsageError
from stackproof.harness import harness_root
from stackproof.ingredients import USUAL, Ingredients
from stackproof.rehearse.editing import edit
from stackproof.rehearse.judging import Trial
from stackproof.rehearse.locks import Asked, Editions
from stackproof.rehearse.rows import (
    MatrixRow,
    RowChange,
    assigned,
    change_of,
    find_row,
    line_like,
    packages_of,
    raised_to,
    rows_of,
    written,
)
from stackproof.rehearse.state import digest
from stackproof.spec.lint import Severity, lint
from stackproof.spec.model import Specification
from stackproof.spec.reader import read
from stackproof.spec.releases import admits

EVERYTHING = Trial()
PREFIX = "service:"
_POSTGRES = ("18", "17", "16", "15", "14", "13")
_REDIS = ("8", "7.4", "7.2", "7.0", "6.2")
_VALKEY = ("9", "8", "7.2")
_SERVICES = {"version.postgresql": "postgresql", "version.redis": "redis", "version.valkey": "valkey"}
_KNOWN: Mapping[str, tuple[str, ...]] = {"postgresql": _POSTGRES, "redis": _REDIS, "valkey": _VALKEY}


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of one rehearsal.

    Attributes:
        sets: ROW=VALUE.
        edited: another edition of the document, for the manner "spec".
        base: the document as it is today.
        project: the team's; None for the reference service.
        target: descriptor of the team's service; None for the reference, or where the project is only resolved.
        baseline: report of today's run, where there is one already.
        search: look for the culprit.
    """

    manner: Literal["set", "spec", "latest", "lowest"]
    base: Path
    sets: tuple[str, ...] = ()
    edited: Path | None = None
    project: Path | None = None
    target: Path | None = None
    baseline: Path | None = None
    trial: Trial = EVERYTHING
    search: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What will differ.

    Attributes:
        changes: rows with another constraint.
        of: versions of the services of the new edition.
        services: keys of the services that change.
        unrehearsed: what is asked for and cannot be tried, a sentence each.
        notes: what the user should know.
    """

    asked: Asked
    changes: tuple[RowChange, ...]
    of: Ingredients = USUAL
    services: tuple[str, ...] = ()
    unrehearsed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def plan_of(wish: Wish) -> Plan:
    """Rows, packages and services that the wish is about.

    Raises:
        UsageError: a row or a value is none; the edited document cannot be read.
    """
    base = read(wish.base)
    rows = rows_of(base)
    notes: list[str] = []
    if wish.manner == "set":
        changes = _set(rows, wish)
    elif wish.manner == "spec":
        changes, notes = _between(base, rows, read(wish.edited or wish.base))
    else:
        changes = ()
    packages = tuple(one for one in changes if one.row.package)
    manner = wish.manner if wish.manner in {"latest", "lowest"} else "set"
    asked = Asked(manner, packages, packages_of(rows))
    plan = Plan(asked, changes, notes=tuple(notes))
    others = [one for one in changes if not one.row.package]
    if manner == "latest":
        told = ", ".join(one.component for one in rows if not one.package)
        plan = replace(plan, notes=(*plan.notes, f"what is no package stays as it is, --set tries it: {told}"))
    for change in others:
        plan = _with_service(plan, change, wish)
    return plan


def write_document(wish: Wish, changes: Sequence[RowChange], target: Path) -> None:
    """The edited document."""
    if wish.edited:
        shutil.copyfile(wish.edited, target)
    elif changes:
        edit(wish.base, changes, target)
    else:
        shutil.copyfile(wish.base, target)


def new_contradictions(base: Path, edited: Path) -> tuple[str, ...]:
    """What the edited document contradicts itself in, and the one of today does not."""
    before = {(one.code, one.message) for one in lint(base)}
    found = [one for one in lint(edited) if one.severity is Severity.ERROR and (one.code, one.message) not in before]
    return tuple(f"line {one.lines[0]}: {one.message} [{one.code}]" for one in found)


def settled(plan: Plan, editions: Editions) -> tuple[RowChange, ...]:
    """The rows as they are to be written, now that the versions are known."""
    versions = editions.new.versions
    if plan.asked.manner == "lowest":
        return ()
    if plan.asked.manner == "latest":
        raised = (raised_to(row, Version(versions[one])) for one, row in plan.asked.rows.items() if one in versions)
        return tuple(one for one in raised if one)
    return tuple(
        replace(one, tested=line_like(one.row, Version(versions[one.row.package])))
        if one.tested and one.row.package and one.row.package in versions
        else one
        for one in plan.changes
    )


def _set(rows: Sequence[MatrixRow], wish: Wish) -> tuple[RowChange, ...]:
    found: dict[str, RowChange] = {}
    for text in wish.sets:
        name, value = assigned(text)
        change = change_of(find_row(rows, name, str(wish.base)), value)
        if change.row.id in found:
            raise UsageError(f"--set {name}: is given twice", hint="give each row one value")
        found[change.row.id] = change
    return tuple(found.values())


def _between(
    base: Specification, rows: Sequence[MatrixRow], edited: Specification
) -> tuple[tuple[RowChange, ...], list[str]]:
    """The rows that two editions bound otherwise, and in words what else differs."""
    from stackproof.spec.diff import diff

    later = {one.id: one for one in rows_of(edited)}
    changes = tuple(
        RowChange(one, written(later[one.id].constraint) or "*")
        for one in rows
        if one.id in later and later[one.id].constraint != one.constraint
    )
    told = {one.row.id for one in changes}
    added = [one.component for one in later.values() if one.id not in {row.id for row in rows}]
    removed = [one.component for one in rows if one.id not in later]
    notes = [f"a new row, judged and not installed: {one}" for one in added]
    notes += [f"a row that is no longer there: {one}" for one in removed]
    others = [one for one in diff(base, edited) if one.id not in told and not one.id.startswith("version.")]
    if others:
        notes.append(f"{len(others)} other clauses differ between the editions, and are judged as the new one has them")
    return changes, notes


def _with_service(plan: Plan, change: RowChange, wish: Wish) -> Plan:
    """The plan with another server, or with the reason why nobody tries one."""
    row, kind = change.row, _SERVICES.get(change.row.id, "")
    if wish.project is not None and kind:
        why = f"{row.component}: the servers of your service are yours: run them in that version, and judge the service"
    elif not kind:
        why = f"{row.component}: is no package and no server that the harness starts"
    else:
        line = next((one for one in _KNOWN[kind] if _admitted(change, one)), "")
        if line:
            of = replace(plan.of, postgres=line) if kind == "postgresql" else _with_redis(plan.of, kind, line)
            return replace(plan, of=of, services=(*plan.services, f"{PREFIX}{row.component}"))
        why = f"{row.component}: no release line that is known lies in {change.written}"
    return replace(plan, unrehearsed=(*plan.unrehearsed, why))


def _with_redis(of: Ingredients, product: str, version: str) -> Ingredients:
    return replace(of, redis=product, redis_version=version)


def _admitted(change: RowChange, line: str) -> bool:
    return admits(change.constraint, tuple(int(one) for one in line.split(".")))


def inputs_of(wish: Wish) -> dict[str, str]:
    """What the rehearsal rests on, by its names: digests of files, and the version of the harness."""
    project = wish.project or harness_root() / "sample_app"
    files = [project / name for name in ("pyproject.toml", "uv.lock", "requirements.txt", "requirements.in")]
    files += [one for one in (wish.base, wish.edited, wish.target, wish.baseline) if one]
    return {str(one): digest(one) for one in files} | {"stackproof": version("stackproof")}
