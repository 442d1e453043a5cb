"""What got worse from one run to the other, check by check, and whether a run with some of the changes shows it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from stackproof.rehearse.search import Outcome
from stackproof.report.comparison import Comparison, Worse
from stackproof.report.model import CheckPart, Report
from stackproof.verdict import Verdict

START = "start"  # the symptom of a service that does not come up
_WEIGHT = {Verdict.VIOLATED: 2, Verdict.ERROR: 1, Verdict.NOT_ASSESSED: 1}
_SEEN = 300  # characters


@dataclass(frozen=True, slots=True)
class Symptom:
    """One check that judges one requirement worse than before.

    Attributes:
        before, after: verdict and what was seen, in the runs with no change and with all of them.
    """

    check: str
    requirement: str
    before: tuple[str, str]
    after: tuple[str, str]

    @property
    def key(self) -> str:
        """Names it among the others."""
        return f"{self.requirement} ({self.check})"


def symptoms_of(before: Report, after: Report, comparison: Comparison) -> tuple[Symptom, ...]:
    """The checks behind what got worse and counts for the exit code."""
    counted = {one.id for one in (*comparison.changes, *comparison.derived) if one.worse is not Worse.NO}
    earlier, later = looks(before), looks(after)
    return tuple(
        Symptom(check, requirement, _told(earlier.get((check, requirement))), _told(part))
        for (check, requirement), part in later.items()
        if requirement in counted and _weight(part) > _weight(earlier.get((check, requirement)))
    )


def demanded_otherwise(comparison: Comparison, symptoms: Iterable[Symptom]) -> Iterable[str]:
    """Those about clauses that demand something else than before: the packages may have nothing to do with them."""
    changed = {one.id for one in comparison.changes if one.value_changed or one.before is None}
    return (one.key for one in symptoms if one.requirement in changed)


def looks(report: Report) -> dict[tuple[str, str], CheckPart]:
    """What each check found about each requirement."""
    return {(check.id, one.id): check for one in (*report.requirements, *report.derived) for check in one.checks}


def shown_by(report: Report, symptoms: Iterable[Symptom], before: Mapping[str, int]) -> tuple[Outcome, frozenset[str]]:
    """Whether a run shows any of the symptoms, and which.

    Args:
        before: weight of each symptom's verdict without any change, by its key.
    """
    found, shown, missing = looks(report), set[str](), False
    for one in symptoms:
        part = found.get((one.check, one.requirement))
        if part is None or not part.ran:
            missing = True
        elif _weight(part) > before[one.key]:
            shown.add(one.key)
    if shown:
        return Outcome.FAILS, frozenset(shown)
    return (Outcome.UNRESOLVED if missing else Outcome.HOLDS), frozenset()


def weights(symptoms: Collection[Symptom]) -> dict[str, int]:
    """The weight of each symptom's verdict before anything changed."""
    return {one.key: _WEIGHT.get(Verdict(one.before[0]), 0) if one.before[0] else 0 for one in symptoms}


def _weight(part: CheckPart | None) -> int:
    return _WEIGHT.get(part.verdict, 0) if part else 0


def _told(part: CheckPart | None) -> tuple[str, str]:
    return (part.verdict.value, (part.seen or part.reason)[:_SEEN]) if part else ("", "")
