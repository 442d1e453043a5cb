"""Verdicts, and the one way in which they add up: check -> requirement -> run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from stackproof.errors import ExitCode
from stackproof.evidence import Evidence


class Verdict(StrEnum):
    """Of a check and of a requirement."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    WAIVED = "waived"
    ATTESTED = "attested"
    NOT_ASSESSED = "not-assessed"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


class Level(StrEnum):
    """Of a run."""

    CONFORMANT = "conformant"
    CONFORMANT_WITH_WAIVERS = "conformant-with-waivers"
    NON_CONFORMANT = "non-conformant"
    INCOMPLETE = "incomplete"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code that every command and every format gives for this level."""
        if self is Level.NON_CONFORMANT:
            return ExitCode.NON_CONFORMANT
        return ExitCode.INCOMPLETE if self is Level.INCOMPLETE else ExitCode.CONFORMANT


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check judged one requirement.

    Attributes:
        check: "jwt/rotation::refresh_answers_a_new_refresh_token".
        requirement: the requirement's id.
        reason: one sentence; never empty.
        expected: what the clause demands (violations only).
        seen: what was observed instead (violations only).
        reproduce: one command that shows it again.
        supplementary: see `stackproof.check.Check`; `one_of` likewise.
        seconds: wall time.
    """

    check: str
    requirement: str
    verdict: Verdict
    reason: str
    title: str = ""
    expected: str = ""
    seen: str = ""
    reproduce: str = ""
    remedy: str = ""
    supplementary: bool = False
    one_of: str = ""
    ran: bool = True
    seconds: float = 0.0
    evidence: tuple[Evidence, ...] = field(default=())


_WEIGHT = {
    Verdict.VIOLATED: 4,
    Verdict.ERROR: 3,
    Verdict.NOT_ASSESSED: 2,
    Verdict.SATISFIED: 1,
    Verdict.NOT_APPLICABLE: 0,
}


def of_requirement(results: Sequence[CheckResult], *, without_checks: str) -> tuple[Verdict, str]:
    """Add the checks of one requirement up to its verdict and the reason for it.

    A violation once seen stands, whatever else failed to run. A supplementary check that did not run is named in
    the reason and leaves the verdict to the checks that did; supplementary checks alone can violate, never satisfy.
    Of checks that are alternatives (`one_of`) those that could not look are named likewise, where another one could,
    or knows that there is nothing to look at.

    Args:
        results: of every check that names the requirement.
        without_checks: the reason where there is none.
    """
    if not results:
        return Verdict.NOT_ASSESSED, without_checks
    told = {Verdict.SATISFIED, Verdict.VIOLATED, Verdict.NOT_APPLICABLE}
    looked = {one.one_of for one in results if one.one_of and one.verdict in told}
    elsewhere = [one for one in results if one.one_of in looked and one.verdict is Verdict.NOT_ASSESSED]
    primary = [one for one in results if not one.supplementary and one not in elsewhere]
    deeper = [one for one in results if one.supplementary and one.verdict in {Verdict.VIOLATED, Verdict.ERROR}]
    if not primary and not deeper:
        return Verdict.NOT_ASSESSED, "; ".join(dict.fromkeys(one.reason for one in results))
    deciding = [*primary, *deeper]
    heaviest = max((one.verdict for one in deciding), key=_WEIGHT.__getitem__)
    reasons = dict.fromkeys(one.reason for one in deciding if one.verdict is heaviest)
    left_out = [one for one in results if one.supplementary and one.verdict is Verdict.NOT_ASSESSED] + elsewhere
    text = "; ".join(reasons)
    if left_out and heaviest is Verdict.SATISFIED:
        text += "; not looked at: " + "; ".join(f"{one.title.rstrip('.')} ({one.reason})" for one in left_out)
    return heaviest, text


def of_run(required: Sequence[Verdict], *, waiver_faults: bool) -> Level:
    """The level of a run from the verdicts of its required requirements.

    Args:
        required: after waivers and attestations were applied.
        waiver_faults: a waiver has expired, is needless or names nothing: the run fails.
    """
    if Verdict.VIOLATED in required or waiver_faults:
        return Level.NON_CONFORMANT
    if not required or {Verdict.ERROR, Verdict.NOT_ASSESSED} & set(required):
        return Level.INCOMPLETE
    return Level.CONFORMANT_WITH_WAIVERS if Verdict.WAIVED in required else Level.CONFORMANT
