"""What a check ended in, and the result as data that travels between processes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.evidence import Evidence, Recorder
from stackproof.expect import Expect
from stackproof.verdict import CheckResult, Verdict


def outcome_of(error: BaseException | None, recorder: Recorder, expect: Expect) -> tuple[Verdict, str, str, str, str]:
    """(verdict, reason, expected, seen, reproduce) of what a check ended in."""
    if isinstance(error, Violation) and recorder.records:
        return Verdict.VIOLATED, str(error), error.expected, error.seen, error.reproduce
    if isinstance(error, NotAssessed):
        return Verdict.NOT_ASSESSED, str(error), "", "", ""
    if isinstance(error, NotApplicable):
        return Verdict.NOT_APPLICABLE, str(error), "", "", ""
    if error is not None:
        return Verdict.ERROR, f"the harness failed: {type(error).__name__}: {error}", "", "", ""
    if not recorder.records:
        return Verdict.ERROR, "the check left no evidence, and what saw nothing cannot pass", "", "", ""
    return Verdict.SATISFIED, expect.conclusion or "every statement held", "", "", ""


def to_data(result: CheckResult) -> dict[str, Any]:
    """A result as plain data."""
    return asdict(result)


def from_data(data: dict[str, Any]) -> CheckResult:
    """A result from what `to_data` gave."""
    evidence = tuple(Evidence(**one) for one in data["evidence"])
    return CheckResult(**{**data, "verdict": Verdict(data["verdict"]), "evidence": evidence})
