"""What a badge says: the same in the picture and for shields.io."""

from __future__ import annotations

from stackproof.report.model import Report
from stackproof.report.words import is_green, tally
from stackproof.verdict import Level, Verdict

LABEL = "tech stack"
COLOURS = {"green": "#1a7431", "amber": "#8a5300", "red": "#b3261e"}  # each at least 4.5 : 1 against white


def said_of(report: Report) -> tuple[str, str, str]:
    """(label, message, colour) of the badge."""
    own = tally(report.requirements)
    assessed = f"{own.assessed} of {own.total} assessed"
    if report.level is Level.NON_CONFORMANT:
        violated = own.by_verdict[Verdict.VIOLATED]
        return LABEL, f"{violated} violated, {assessed}" if violated else f"non-conformant, {assessed}", "red"
    if is_green(report):
        waived = own.by_verdict[Verdict.WAIVED]
        return LABEL, f"{waived} waived, {assessed}" if waived else f"conformant, {assessed}", "green"
    return LABEL, f"{report.level}, {assessed}", "amber"
