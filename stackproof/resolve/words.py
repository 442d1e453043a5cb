"""What was found, as findings of the lint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from stackproof.resolve.bounds import dotted
from stackproof.resolve.clashes import Clash
from stackproof.resolve.repair import Repair
from stackproof.resolve.rows import Package, Pythons
from stackproof.spec.findings.finding import Finding, Severity

UNSEEN = frozenset({"not-looked-at", "no-wheel"})  # codes of findings about what could not be told

_QUOTED = 400  # characters of uv's words
_ON_PYTHON = re.compile(r"does not satisfy Python|requested Python version|depends on Python")
_OTHERS = re.compile(r"depends? on (?!Python\b)")


def listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def on_pythons(versions: Iterable[str]) -> str:
    """ "on Python 3.12 and 3.13"."""
    return f"on Python {listed(list(dict.fromkeys(versions)))}"


def quoted(said: str) -> str:
    """uv's words, capped, without its hints."""
    words = said.split(" hint: ", maxsplit=1)[0]
    return f"; uv: {words if len(words) <= _QUOTED else words[: _QUOTED - 1] + '…'}" if words else ""


def unseen(what: str, why: str, lines: tuple[int, ...], cure: str = "") -> Finding:
    """Something was not looked at, and why."""
    cure = cure or "mend that and look again; until then nothing is known about it"
    return Finding("not-looked-at", f"not looked at: {what}: {why}", lines, cure, Severity.WARNING)


def clash_finding(clash: Clash, repairs: Sequence[Repair], pythons: Pythons, *, tested: bool, remark: str) -> Finding:
    """Rows that do not go together, or one of which nothing can be installed."""
    lines = tuple(dict.fromkeys(row.line for row in clash.rows))
    tested = tested or not any(row.stated for row in clash.rows)
    where = on_pythons(clash.pythons)
    if clash.absent:
        return _absent(clash, lines)
    if clash.unbuilt:
        names = listed([_stated(row, tested=tested) for row in clash.rows])
        message = f"{names}: not looked at {where}, since something would have to be built{quoted(clash.conflict.said)}"
        cure = (
            f"{_cure(repairs)}: of that there are wheels" if repairs else "name releases that have wheels, if there are"
        )
        return Finding("no-wheel", message, lines, cure, Severity.WARNING)
    cure = _cure(repairs) + remark
    if pythons.line is not None and set(clash.pythons) < set(pythons.versions):
        cure += f"; or take Python {listed(list(clash.pythons))} out of the row for Python (line {pythons.line})"
    if len(clash.rows) > 1:
        names = listed([_stated(row, tested=tested) for row in clash.rows])
        column = "Version column" if tested else "Constraints"
        message = f"{names} cannot be installed together {where} ({column}){quoted(clash.conflict.said)}"
        return Finding("versions-conflict" if tested else "constraints-conflict", message, lines, cure)
    return _alone(clash, cure, pythons, where, tested=tested)


def _absent(clash: Clash, lines: tuple[int, ...]) -> Finding:
    names = {row.name for row in clash.rows}
    missing = listed(list(clash.conflict.absent))
    if names & set(clash.conflict.absent):
        message = f"{listed([row.component for row in clash.rows])}: the package index has no package {missing}"
        cure = "correct the name; if it is no Python package, nothing else about the row was looked at"
        return Finding("package-unknown", f"{message}, so the row was left out", lines, cure, Severity.WARNING)
    who = listed([row.component for row in clash.rows])
    return unseen(who, f"the package index does not have {missing}, which it needs", lines)


def _alone(clash: Clash, cure: str, pythons: Pythons, where: str, *, tested: bool) -> Finding:
    (row,) = clash.rows
    said = clash.conflict.said
    what = f"the Version {row.written}" if tested or not row.stated else f"the Constraint {row.constraint_text}"
    lines, quote = (row.line,), quoted(said)
    if _ON_PYTHON.search(said):
        also = (pythons.line,) if pythons.line is not None else ()
        message = f"{row.component}: nothing of {what} runs {where}, which the document admits{quote}"
        return Finding("python-unsupported", message, (*lines, *also), cure)
    if _OTHERS.search(said):
        message = f"{row.component}: nothing of {what} can be installed {where}{quote}"
        return Finding("package-unsatisfiable", message, lines, cure)
    if "yanked" in said:
        message = f"{row.component}: every release of {what} was yanked{quote}"
        return Finding("version-yanked", message, lines, cure)
    message = f"{row.component}: the package {row.name} has no release of {what}{quote}"
    severity = Severity.ERROR if row.surely_python else Severity.WARNING
    if severity is Severity.WARNING:
        cure = f"is {row.component} the Python package {row.name} at all? If it is: {cure}"
    return Finding("version-unreleased", message, lines, cure, severity)


def _stated(row: Package, *, tested: bool) -> str:
    """What a row takes part with: its Version, or its Constraint."""
    return f"{row.component} {row.written if (tested and row.release) or not row.stated else row.constraint_text}"


def _cure(repairs: Sequence[Repair]) -> str:
    if not repairs:
        return "no change of one or two rows was found that mends it; take out one of these rows"
    return "; or ".join(_repair(one) for one in repairs)


def _repair(repair: Repair) -> str:
    parts = []
    for change in repair:
        inside = ", inside its own Constraint" if change.inside and change.row.stated else ""
        outside = ", which leaves its own Constraint" if change.leaves else ""
        parts.append(f"{change.words} for {change.row.component} (line {change.row.line}){inside}{outside}")
    return "write " + " and ".join(parts)


def floor_finding(
    row: Package, floor: tuple[int, ...], lowest: str, because: Clash, new: str, *, pythons: Sequence[str]
) -> Finding:
    """The lower bound of a Constraint is out of reach."""
    others = [one for one in because.rows if one != row]
    rest = listed([f"{one.component} {one.constraint_text}" for one in others]) if others else ""
    with_rest = f"the lowest that resolves together with {rest}" if rest else "the lowest that can be installed"
    unbuilt = " without building anything" if because.conflict.needs_build else ""
    message = (
        f"{row.component}: the floor {dotted(floor)} of its Constraint {row.constraint_text} is unreachable "
        f"{on_pythons(pythons)}{unbuilt}; {with_rest} is {lowest}{quoted(because.conflict.said)}"
    )
    lines = (row.line, *(one.line for one in others))
    return Finding("floor-unreachable", message, lines, f"write the Constraint {new}", Severity.WARNING)
