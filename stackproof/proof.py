"""The detection matrix: every check against the conforming service, and against the faults that it must catch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from stackproof.registry import RegisteredCheck
from stackproof.verdict import CheckResult, Verdict

CONFORMING = "conforming"
_VARIATION = "variation "


def variation_of(name: str) -> str:
    """What the service of a conforming variation is called in the matrix."""
    return f"{_VARIATION}{name}"


def is_fault(service: str) -> bool:
    """Whether a service of the matrix is a faulty one."""
    return service != CONFORMING and not service.startswith(_VARIATION)


class Declared(Protocol):
    """A fault, of the reference service or of a team's own."""

    @property
    def name(self) -> str:
        """What the matrix calls it."""

    @property
    def notices(self) -> tuple[str, ...]:
        """The checks that must find it."""


class Sight(StrEnum):
    """What a check made of a service."""

    NOTICED = "noticed"
    UNNOTICED = "unnoticed"
    QUIET = "quiet"
    FALSE_ALARM = "false-alarm"
    NOT_ASSESSED = "not-assessed"
    ERROR = "error"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True)
class Cell:
    """One check on one service.

    Attributes:
        service: a fault's name, "conforming", or "variation " and the name of one.
        declared: the fault names the check among those that must notice.
        reason: the check's own words.
    """

    check: str
    service: str
    sight: Sight
    declared: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Proof:
    """The matrix and what is wrong with it.

    Attributes:
        cells: every check on every service that it was run on.
        problems: sentences; the proof holds where there is none.
        pending: checks that were never seen to fail and are listed as such, with the reason.
        faults: names of the faults that were run.
    """

    cells: tuple[Cell, ...]
    problems: tuple[str, ...]
    pending: Mapping[str, str]
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every fault is noticed, nothing raises a false alarm, and every check was seen to fail."""
        return not self.problems


def cells_of(service: str, results: Iterable[CheckResult], declared: Sequence[str]) -> list[Cell]:
    """Fold the results of a check on a service, one for each requirement that it judged, into one cell each."""
    by_check: dict[str, list[CheckResult]] = {}
    for result in results:
        by_check.setdefault(result.check, []).append(result)
    return [_cell(check, service, check in declared, found) for check, found in sorted(by_check.items())]


def _cell(check: str, service: str, declared: bool, results: Sequence[CheckResult]) -> Cell:
    sight, reason = _sight(declared, service, results)
    return Cell(check=check, service=service, sight=sight, declared=declared, reason=reason)


def _sight(declared: bool, service: str, results: Sequence[CheckResult]) -> tuple[Sight, str]:
    first = {verdict: next((one for one in results if one.verdict is verdict), None) for verdict in Verdict}
    violated, error, not_assessed = first[Verdict.VIOLATED], first[Verdict.ERROR], first[Verdict.NOT_ASSESSED]
    if violated:
        noticed = Sight.NOTICED if is_fault(service) else Sight.FALSE_ALARM
        return noticed, f"{violated.requirement}: {violated.reason}"
    if error:
        return Sight.ERROR, f"{error.requirement}: {error.reason}"
    if declared:
        return Sight.UNNOTICED, results[0].reason
    if not_assessed and all(one.verdict is not Verdict.SATISFIED for one in results):
        return Sight.NOT_ASSESSED, not_assessed.reason
    return Sight.QUIET, results[0].reason


def conclude(
    checks: Sequence[RegisteredCheck],
    faults: Sequence[Declared],
    cells: Sequence[Cell],
    pending: Mapping[str, str],
    unstarted: Mapping[str, str],
    *,
    whole: bool,
    elsewhere: Collection[str] = (),
) -> Proof:
    """What the matrix proves, and what it does not.

    Args:
        unstarted: faults whose service did not come up, with the reason.
        whole: every fault was run, here or in another shard, so that a check without a fault can be told.
        elsewhere: checks that the faults of other shards name; those shards tell whether they were noticed.
    """
    known = {one.id for one in checks}
    problems = [f"fault {name}: its service did not start: {reason}" for name, reason in unstarted.items()]
    for fault in faults:
        problems += [f"fault {fault.name}: names the check {one}, which does not exist" for one in fault.notices
                     if one not in known]  # fmt: skip
        if fault.name not in unstarted:
            problems += _of_fault(fault, cells)
    for cell in cells:
        if not is_fault(cell.service) and cell.sight in {Sight.FALSE_ALARM, Sight.ERROR}:
            where = "the conforming service" if cell.service == CONFORMING else f"the {cell.service}"
            problems.append(f"{cell.check}: {cell.sight} on {where}: {cell.reason}")
    failed = {cell.check for cell in cells if cell.sight is Sight.NOTICED} | set(elsewhere)
    if whole:
        problems += [f"{one}: was never seen to fail, and is not listed as pending" for one in sorted(known - failed)
                     if one not in pending]  # fmt: skip
        problems += [f"{one}: is listed as pending and was seen to fail" for one in sorted(failed & set(pending))]
        problems += [f"{one}: is listed as pending and does not exist" for one in sorted(set(pending) - known)]
    still = {name: reason for name, reason in pending.items() if name in known - failed}
    return Proof(tuple(cells), tuple(problems), still, tuple(one.name for one in faults))


def _of_fault(fault: Declared, cells: Sequence[Cell]) -> list[str]:
    mine = {cell.check: cell for cell in cells if cell.service == fault.name}
    problems = []
    for check in fault.notices:
        cell = mine.get(check)
        if cell is None:
            problems.append(f"fault {fault.name}: {check} did not run on it")
        elif cell.sight is not Sight.NOTICED:
            problems.append(f"fault {fault.name}: {check} did not notice: {cell.sight}: {cell.reason}")
    return problems
