"""Contradictions inside one specification."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from stackproof.spec.findings import Finding, Severity, exclusions, policies, versions
from stackproof.spec.findings.finding import Subject
from stackproof.spec.problems import refuse
from stackproof.spec.reader import examine

__all__ = ["RULES", "Finding", "Severity", "judge", "lint", "subject_of"]

RULES = (*versions.RULES, *exclusions.RULES, *policies.RULES)


def lint(path: Path | str, as_of: date | None = None) -> list[Finding]:
    """Look for contradictions in a document; errors come first, each group in the order of the document.

    A row that stands twice is a finding here, so that it is reported together with the others.

    Args:
        path: the specification.
        as_of: the day on which dates are judged; today (UTC) if not given.

    Raises:
        UsageError: the document cannot be read.
    """
    return judge(subject_of(path, as_of))


def subject_of(path: Path | str, as_of: date | None = None) -> Subject:
    """A document and the day on which it is judged.

    Raises:
        UsageError: the document cannot be read.
    """
    draft = examine(path)
    refuse(draft.source.path, draft.problems)
    return Subject(draft, as_of or datetime.now(UTC).date())


def judge(subject: Subject, also: Iterable[Finding] = ()) -> list[Finding]:
    """Findings in their order, with others that were made elsewhere."""
    found = [*(finding for rule in RULES for finding in rule(subject)), *also]
    return sorted(found, key=lambda one: (one.severity is not Severity.ERROR, one.lines, one.code))
