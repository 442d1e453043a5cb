"""Reports of the shards of one run made one: each requirement with the checks of all, the denominator as it was.

One report is read at a time. What is kept is one report's worth: a check stands once, however many shards name it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from stackproof.errors import UsageError
from stackproof.evidence import Evidence
from stackproof.report.build import NOT_ASKED_FOR
from stackproof.report.model import CheckPart, PhasePart, Report, RequirementPart
from stackproof.report.words import one_line
from stackproof.verdict import CheckResult, Verdict, of_requirement, of_run

NOT_ITS_OWN = ("was not asked for", "not asked for in this run", "was planned and did not run", "shard")
TOLD = 20  # sentences of a kind
_WEIGHT = {Verdict.VIOLATED: 4, Verdict.ERROR: 3, Verdict.NOT_ASSESSED: 2, Verdict.SATISFIED: 1}


@dataclass(slots=True)
class _Gathered:
    """A requirement, and what all shards found about it."""

    part: RequirementPart
    reason: str
    required: bool
    checks: dict[str, tuple[CheckPart, str]] = field(default_factory=dict)


class Merger:
    """Takes reports one after another, and makes one of them.

    Args:
        tell: takes sentences on what overlaps and on what contradicts.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._first: Report | None = None
        self._first_name = ""
        self._runs: dict[str, str] = {}
        self._gathered: dict[str, _Gathered] = {}
        self._faults: dict[str, None] = {}
        self._reasons: dict[str, None] = {}
        self._phases: dict[str, float] = {}
        self._interrupted = False
        self._ended = datetime.datetime.min.replace(tzinfo=datetime.UTC)
        self._overlaps = self._conflicts = 0

    def add(self, report: Report, name: str) -> None:
        """Take one more report.

        Raises:
            UsageError: it is of another specification, target or kind of run than the first one.
        """
        if report.run_id in self._runs:
            self._tell(f"{name}: is the same run as {self._runs[report.run_id]}, and counts once")
            return
        self._runs[report.run_id] = name
        if self._first is None:
            self._first_name = name
            self._first = report.model_copy(update={"requirements": (), "derived": ()})
            for one in (*report.requirements, *report.derived):
                bare = one.model_copy(update={"checks": ()})
                self._gathered[one.id] = _Gathered(bare, one.reason, one.required)
        else:
            self._refuse_strangers(self._first, report, name)
            self._first = _joined(self._first, report)
        for one in (*report.requirements, *report.derived):
            self._gather(one, name)
        self._faults.update(dict.fromkeys(report.faults))
        if report.partial and not report.partial_reason.startswith("only ") and "shard" not in report.partial_reason:
            self._reasons[report.partial_reason] = None
        self._interrupted = self._interrupted or report.interrupted
        for phase in report.phases:
            self._phases[phase.name] = self._phases.get(phase.name, 0.0) + phase.seconds
        self._ended = max(self._ended, _zoned(report.started) + datetime.timedelta(seconds=max(0.0, report.seconds)))

    def merged(self) -> Report:
        """The one report.

        Raises:
            UsageError: none was given.
        """
        if self._first is None:
            raise UsageError("no report is given", hint="give the reports of the shards, or their folders")
        self._tell_sums()
        parts = {name: _added_up(one) for name, one in self._gathered.items()}
        own = tuple(one for one in parts.values() if one.source is None)
        derived = tuple(one for one in parts.values() if one.source is not None)
        faults = tuple(one for one in self._faults if not _is_needed_after_all(one, parts))
        level = of_run([one.verdict for one in parts.values() if one.required], waiver_faults=bool(faults))
        reasons = [*self._reasons, *_left_out(parts.values())]
        first = self._first
        return first.model_copy(
            update={
                "run_id": str(uuid.uuid5(uuid.NAMESPACE_URL, "stackproof:merged:" + "\n".join(sorted(self._runs)))),
                "seconds": round((self._ended - _zoned(first.started)).total_seconds(), 3),
                "level": level,
                "exit_code": int(level.exit_code),
                "partial": bool(reasons),
                "interrupted": self._interrupted,
                "partial_reason": "; ".join(reasons),
                "options": {**first.options, "only": [], "suites": [], "shard": "", "merged": len(self._runs)},
                "phases": tuple(PhasePart(name=key, seconds=round(one, 3)) for key, one in self._phases.items()),
                "faults": faults,
                "requirements": own,
                "derived": derived,
                "counts": _counts(own),
                "derived_counts": _counts(derived),
            }
        )

    def _refuse_strangers(self, first: Report, report: Report, name: str) -> None:
        pairs = (
            ("specification", first.specification.sha256, report.specification.sha256),
            ("target", first.target.base_url or first.target.name, report.target.base_url or report.target.name),
            ("profile", first.profile, report.profile),
            ("--strict", str(first.strict), str(report.strict)),
            ("--ignore-waivers", str(first.options.get("ignore_waivers")), str(report.options.get("ignore_waivers"))),
        )
        for what, ours, theirs in pairs:
            if ours != theirs:
                raise UsageError(
                    f"{name}: another {what} than {self._first_name}: {one_line(theirs, 80)}, not {one_line(ours, 80)}",
                    hint="merge only the shards of one run",
                )
        theirs_by_name = {one.name: one.sha256 for one in report.inputs}
        for one in first.inputs:
            if theirs_by_name.get(one.name, one.sha256) != one.sha256:
                raise UsageError(
                    f"{name}: {one.name} is another one than that of {self._first_name}",
                    hint="merge only the shards of one run",
                )
        ids = {one.id for one in (*report.requirements, *report.derived)}
        if ids != set(self._gathered):
            odd = sorted(ids ^ set(self._gathered))
            raise UsageError(
                f"{name}: has not the requirements of {self._first_name}: {one_line(', '.join(odd[:3]), 200)}",
                hint="merge reports that one version of stackproof wrote",
            )

    def _gather(self, one: RequirementPart, name: str) -> None:
        held = self._gathered[one.id]
        held.required = held.required or one.required
        if _is_not_its_own(held.reason):
            held.reason = one.reason
        if held.part.waiver is None and one.waiver is not None:
            held.part = held.part.model_copy(update={"waiver": one.waiver})
        if held.part.attestation is None and one.attestation is not None:
            held.part = held.part.model_copy(update={"attestation": one.attestation})
        for check in one.checks:
            known = held.checks.get(check.id)
            held.checks[check.id] = (check, name) if known is None else self._heavier(one.id, known, (check, name))

    def _heavier(self, identity: str, a: tuple[CheckPart, str], b: tuple[CheckPart, str]) -> tuple[CheckPart, str]:
        if not (a[0].ran and b[0].ran):
            return _told_of_more(a, b)
        self._overlaps += 1
        if a[0].verdict is b[0].verdict:
            return a
        self._conflicts += 1
        stands = max((a, b), key=lambda one: _WEIGHT.get(one[0].verdict, 0))
        if self._conflicts <= TOLD:
            self._tell(
                one_line(
                    f"{identity}: {a[0].id} is {a[0].verdict} in {a[1]} and {b[0].verdict} in {b[1]}: "
                    f"{stands[0].verdict} stands",
                    600,
                )
            )
        return stands

    def _tell_sums(self) -> None:
        if self._overlaps:
            self._tell(
                f"{self._overlaps} verdicts of checks stood in more than one report, {self._conflicts} of them differed"
            )


def merge(reports: Iterable[tuple[Report, str]], tell: Callable[[str], None]) -> Report:
    """One report of many, each with the name that is said of it; see `Merger`."""
    merger = Merger(tell)
    for report, name in reports:
        merger.add(report, name)
    return merger.merged()


def _told_of_more(a: tuple[CheckPart, str], b: tuple[CheckPart, str]) -> tuple[CheckPart, str]:
    """Of two of which one did not run: the one that did, else the one that says why in words of its own."""
    if a[0].ran is not b[0].ran:
        return a if a[0].ran else b
    return b if _is_not_its_own(a[0].reason) else a


def _is_not_its_own(reason: str) -> bool:
    return reason == NOT_ASKED_FOR or any(one in reason for one in NOT_ITS_OWN)


def _added_up(held: _Gathered) -> RequirementPart:
    checks = tuple(check for _, (check, _) in sorted(held.checks.items()))
    verdict, reason = of_requirement([_result(one) for one in checks], without_checks=held.reason)
    if verdict is Verdict.VIOLATED and held.part.waiver is not None:
        verdict = Verdict.WAIVED
    elif verdict is Verdict.NOT_ASSESSED and held.part.attestation is not None:
        verdict = Verdict.ATTESTED
    return held.part.model_copy(
        update={
            "verdict": verdict,
            "reason": reason,
            "required": held.required,
            "checks": checks,
            "waiver": held.part.waiver if verdict is Verdict.WAIVED else None,
            "attestation": held.part.attestation if verdict is Verdict.ATTESTED else None,
        }
    )


def _result(check: CheckPart) -> CheckResult:
    return CheckResult(
        check=check.id,
        requirement="",
        verdict=check.verdict,
        reason=check.reason,
        title=check.title,
        supplementary=check.supplementary,
        one_of=check.one_of,
        ran=check.ran,
        evidence=tuple(Evidence(one.kind, one.title, {}) for one in check.evidence[:1]),
    )


def _is_needed_after_all(fault: str, parts: dict[str, RequirementPart]) -> bool:
    """A waiver that one shard found needless, and another one needed."""
    if "is needless" not in fault:
        return False
    return any(
        fault.startswith(f"the waiver of {name} (") and one.verdict in {Verdict.WAIVED, Verdict.VIOLATED, Verdict.ERROR}
        for name, one in parts.items()
    )


def _left_out(parts: Iterable[RequirementPart]) -> Iterator[str]:
    """What no shard was asked for makes the whole partial."""
    requirements = checks = 0
    for one in parts:
        requirements += one.reason == NOT_ASKED_FOR
        checks += sum(not check.ran and _is_not_its_own(check.reason) for check in one.checks)
    if requirements or checks:
        yield f"no report was asked for {requirements} of the requirements, and {checks} verdicts of checks are in none"


def _joined(first: Report, report: Report) -> Report:
    """What describes the run: the earliest start, every service, and a view that was open anywhere."""
    views = dict(first.views)
    for name, view in report.views.items():
        if name not in views or (view.open and not views[name].open):
            views[name] = view
    services = tuple(dict.fromkeys((*first.services, *report.services)))
    started = min(_zoned(first.started), _zoned(report.started))
    return first.model_copy(update={"views": views, "services": services, "started": started})


def _counts(parts: tuple[RequirementPart, ...]) -> dict[str, int]:
    return {verdict.value: sum(one.verdict is verdict for one in parts) for verdict in Verdict}


def _zoned(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
