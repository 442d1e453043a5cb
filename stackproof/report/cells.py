"""Many runs on one page: the cells of a matrix, what each came to, and which of them are not there."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field

from stackproof.errors import ExitCode, UsageError
from stackproof.evidence import printable
from stackproof.report.compare import APART, compare
from stackproof.report.comparison import Movement
from stackproof.report.files import REPORT, load
from stackproof.report.model import Part, Report
from stackproof.verdict import Level, Verdict

MOST = 500  # cells of one matrix
_CHOICE = re.compile(r"\{([^{}]*)\}")


class State(StrEnum):
    """Whether there is a whole report."""

    JUDGED = "judged"
    RESTRICTED = "restricted"  # only some clauses were asked for
    INTERRUPTED = "interrupted"
    MISSING = "missing"
    ABORTED = "aborted"
    UNREADABLE = "unreadable"


class Difference(Part):
    """A requirement whose verdict is another one than in the first cell."""

    id: str
    derived: bool = False
    first: Verdict
    here: Verdict
    reason: str


class Cell(Part):
    """One run.

    What nobody has judged has no level and no counts.
    """

    name: str
    state: State
    why: str = Field("", description="why there is no whole report")
    where: str = ""
    level: Level | None = None
    started: datetime.datetime | None = None
    python: str = ""
    resolution: str = ""
    services: dict[str, str] = Field(default_factory=dict, description="role -> product and version")
    specification: str = Field("", description="SHA-256")
    counts: dict[str, int] = Field(default_factory=dict)
    derived_counts: dict[str, int] = Field(default_factory=dict)
    culprits: tuple[str, ...] = Field((), description="clauses that are violated or in error")
    derived_culprits: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = Field((), description="from the first cell")


class Matrix(Part):
    """All cells."""

    schema_version: Literal["1"] = "1"
    exit_code: int = Field(description="0 every cell is conformant, 1 one is not, 4 one cannot be told")
    outcome: str
    first: str = Field(
        description="the cell that the others are compared with, judged whole where one is; '' where none was judged"
    )
    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


def expand(pattern: str) -> tuple[str, ...]:
    """The names of "py{312,313}-pg{16,17}".

    Raises:
        UsageError: braces without their other half, or too many names.
    """
    parts = _CHOICE.split(pattern)
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    count = 1
    for one in choices:
        count *= len(one)
    if any("{" in part or "}" in part for part in parts) or count > MOST:
        raise UsageError(
            f"--expect {printable(pattern[:80])}: is no list of cells", hint="write it as py{312,313}-pg{16,17}"
        )
    return tuple("".join(one).strip() for one in itertools.product(*choices))


def gather(places: Sequence[Path], expected: Sequence[str] = (), *, incomplete: bool = False) -> Matrix:
    """Read the cells: reports, run folders, and folders of them.

    Args:
        expected: names of cells that there must be, in the order of the page.
        incomplete: a cell in which nothing is violated or in error is fine though something was not assessed.

    Raises:
        UsageError: a place is not there, nothing is found, or two cells have one name.
    """
    found: dict[str, Path] = {}
    for name, path in itertools.chain.from_iterable(_cells_of(place) for place in places):
        if name in found and found[name] != path:
            raise UsageError(
                f"two cells are called {printable(name)}: {found[name]} and {path}", hint="rename one of their folders"
            )
        found[name] = path
    for place in places:  # an empty run folder that was given by itself
        if place.name in expected and place.is_dir():
            found.setdefault(place.name, place)
    names = list(dict.fromkeys([*expected, *found]))
    if not names:
        raise UsageError(f"{places[0]}: holds no reports", hint="give a folder of run folders, or reports")
    if len(names) > MOST:
        raise UsageError(f"{len(names)} cells are more than {MOST}", hint="give fewer of them")
    first = _first(names, found)
    cells = [_cell(name, found.get(name), first) for name in names]
    exit_code, outcome = _outcome(cells, incomplete=incomplete)
    return Matrix(
        exit_code=int(exit_code),
        outcome=outcome,
        first=first[0] if first else "",
        cells=tuple(cells),
        notes=tuple(_notes(cells, [one for one in found if expected and one not in expected])),
    )


def _cells_of(place: Path) -> Iterator[tuple[str, Path]]:
    """(name, report or run folder): a place that is no folder of cells is a cell itself."""
    try:
        if not place.is_dir():
            if not place.exists():
                raise UsageError(f"{place}: is not there", hint="give a folder of run folders, or reports")
            yield (place.absolute().parent.name if place.name == REPORT else place.stem), place
            return
        if (place / REPORT).exists():
            yield place.resolve().name, place
            return
        for one in sorted(place.iterdir()):
            if not one.name.startswith(".") and (one.is_dir() or one.suffix == ".json"):
                yield (one.name if one.is_dir() else one.stem), one
    except OSError as error:
        raise UsageError(f"{place}: cannot be read: {error.strerror}", hint="give a folder of run folders") from error


def _first(names: Sequence[str], found: Mapping[str, Path]) -> tuple[str, Report] | None:
    """The first cell that was judged whole; where there is none, the first that was asked for some clauses."""
    fallback: tuple[str, Report] | None = None
    for name in names:
        try:
            report = load(found[name])
            compare(report, report)
        except (KeyError, UsageError):
            continue
        if _state(report) is State.JUDGED:
            return name, report
        if _state(report) is State.RESTRICTED and fallback is None:
            fallback = name, report
    return fallback


def _cell(name: str, path: Path | None, first: tuple[str, Report] | None) -> Cell:
    if path is None:
        return Cell(name=name, state=State.MISSING, why="it was not run, or its report is somewhere else")
    if path.is_dir() and not (path / REPORT).exists():
        return Cell(name=name, state=State.ABORTED, why="the run ended before it wrote a report", where=str(path))
    try:
        report = load(path)
        differences = tuple(_differences(first[1] if first else report, report))
    except UsageError as error:
        return Cell(name=name, state=State.UNREADABLE, why=printable(error.message), where=str(path))
    return _judged(name, path, report, differences)


def _judged(name: str, path: Path, report: Report, differences: tuple[Difference, ...]) -> Cell:
    broken = {Verdict.VIOLATED, Verdict.ERROR}
    # Somebody's running service has neither the harness's Python nor its packages; what it has no report says.
    of_ours = {"python": report.environment.get("python", ""), "resolution": "locked"}
    own, asked = of_ours if report.target.kind == "reference" else {}, report.options
    return Cell(
        name=name,
        state=_state(report),
        why=_text(report.partial_reason),
        where=str(path),
        level=report.level,
        started=report.started,
        python=_text(str(asked.get("python") or own.get("python", ""))),
        resolution=_text(str(asked.get("resolution") or own.get("resolution", ""))),
        services={_text(one.role): _text(f"{one.product} {one.version}") for one in report.services},
        specification=_text(report.specification.sha256),
        counts=_counted(one.verdict for one in report.requirements),
        derived_counts=_counted(one.verdict for one in report.derived),
        culprits=tuple(_text(one.id) for one in report.requirements if one.verdict in broken),
        derived_culprits=tuple(_text(one.id) for one in report.derived if one.verdict in broken),
        differences=differences,
    )


def _state(report: Report) -> State:
    if not report.partial:
        return State.JUDGED
    only = report.options.get("only")
    asked = isinstance(only, list) and report.partial_reason == f"only {', '.join(map(str, only))} was asked for"
    return State.RESTRICTED if asked else State.INTERRUPTED


def _counted(verdicts: Iterator[Verdict]) -> dict[str, int]:
    seen = list(verdicts)
    return {one.value: seen.count(one) for one in Verdict}


def _differences(first: Report, here: Report) -> Iterator[Difference]:
    """By what both were asked for."""
    found = compare(first, here)
    for derived, changes in ((False, found.changes), (True, found.derived)):
        for one in changes:
            if one.movement in APART | {Movement.UNCHANGED} or not (one.before and one.after):
                continue
            yield Difference(
                id=_text(one.id),
                derived=derived,
                first=one.before.verdict,
                here=one.after.verdict,
                reason=one.after.seen or one.after.reason,
            )


def _outcome(cells: Sequence[Cell], *, incomplete: bool) -> tuple[ExitCode, str]:
    broken = [one for one in cells if one.level is Level.NON_CONFORMANT]
    absent = [one for one in cells if one.level is None]
    cut = [one for one in cells if one.state is State.INTERRUPTED]
    failed = [one for one in cells if one.counts.get(Verdict.ERROR.value)]
    open_ones = [one for one in cells if one.level is Level.INCOMPLETE]
    told = [
        f"{len(group)} {word}"
        for group, word in (
            (broken, "non-conformant"),
            (absent, "without a report"),
            (cut, "interrupted"),
            (failed, "with an error of the harness"),
            (open_ones, "incomplete"),
        )
        if group
    ]
    said = f"{len(cells)} cell{'s' if len(cells) != 1 else ''}: {', '.join(told) or 'every one conformant'}"
    if broken:
        return ExitCode.NON_CONFORMANT, said
    untold = absent or cut or failed or (open_ones and not incomplete)
    return (ExitCode.INCOMPLETE if untold else ExitCode.CONFORMANT), said


def _notes(cells: Sequence[Cell], unexpected: Sequence[str]) -> Iterator[str]:
    digests = {one.specification for one in cells if one.specification}
    if len(digests) > 1:
        yield f"the cells were judged by {len(digests)} different specifications"
    days = sorted(one.started for one in cells if one.started)
    if days and days[-1] - days[0] > datetime.timedelta(days=1):
        yield f"the oldest report is of {days[0]:%Y-%m-%d %H:%M}, the newest of {days[-1]:%Y-%m-%d %H:%M} (UTC)"
    if unexpected:
        yield _text(f"not expected: {', '.join(unexpected)}")


def _text(text: str) -> str:
    return printable(text[:400])
