"""What every writer says of a report in the same words: totals, what stands in the way, text that is safe to show."""

from __future__ import annotations

import datetime
import re
import uuid
from dataclasses import dataclass

from stackproof.evidence import printable
from stackproof.report.model import Report, RequirementPart
from stackproof.verdict import Level, Verdict

OPEN = frozenset({Verdict.VIOLATED, Verdict.ERROR, Verdict.NOT_ASSESSED})
UNSEEN = frozenset({Verdict.NOT_ASSESSED, Verdict.ERROR})
_WEIGHT = {Verdict.VIOLATED: 0, Verdict.ERROR: 1, Verdict.NOT_ASSESSED: 2}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requirements came to which verdict; the verdicts add up to `total`."""

    total: int
    by_verdict: dict[Verdict, int]

    @property
    def assessed(self) -> int:
        """Those on which there is a verdict: neither not assessed nor an error of the harness."""
        return self.total - sum(self.by_verdict[one] for one in UNSEEN)


def tally(requirements: tuple[RequirementPart, ...]) -> Tally:
    """Count the requirements themselves, so that no format repeats a number that is wrong in the file."""
    counts = dict.fromkeys(Verdict, 0)
    for one in requirements:
        counts[one.verdict] += 1
    return Tally(len(requirements), counts)


def counted(report: Report) -> tuple[RequirementPart, ...]:
    """What counts in formats that know no "apart": the document's own, and the derived ones of a strict run."""
    return (*report.requirements, *(report.derived if report.strict else ()))


def in_the_way(report: Report) -> list[RequirementPart]:
    """What stands between the run and conformance, the heaviest first: required, and violated or open."""
    found = [one for one in counted(report) if one.verdict in OPEN and (one.required or one.verdict == "violated")]
    return sorted(found, key=lambda one: _WEIGHT[one.verdict])


def headline(report: Report) -> str:
    """One sentence: the level, and how many clauses were assessed."""
    own = tally(report.requirements)
    parts = [f"{own.by_verdict[verdict]} {verdict}" for verdict in Verdict if own.by_verdict[verdict]]
    return f"{report.level}: {own.assessed} of {own.total} clauses assessed ({', '.join(parts)})"


def ended(report: Report) -> datetime.datetime:
    """When the run ended; where no calendar has that day, when it began."""
    try:
        return report.started + datetime.timedelta(seconds=report.seconds)
    except OverflowError:
        return report.started


def guid_of(report: Report, name: str) -> dict[str, str]:
    """The run's id under a name of a format that takes a UUID and nothing else."""
    try:
        return {name: str(uuid.UUID(report.run_id))}
    except ValueError:
        return {}


def is_green(report: Report) -> bool:
    """Whether a reader may take it that everything was looked at and nothing is wrong."""
    every = tally(counted(report))
    kept = report.level in {Level.CONFORMANT, Level.CONFORMANT_WITH_WAIVERS}
    return kept and every.assessed == every.total and every.total > 0 and not report.faults


def clean(text: str, cap: int = 4_000) -> str:
    """Text that acts nowhere: no control characters, no direction overrides, no lone surrogates, at most `cap` long."""
    text = printable(text[: cap + 1])
    return text if len(text) <= cap else f"{text[: cap - 1]}…"


def one_line(text: str, cap: int = 300) -> str:
    """The same on one line."""
    return clean(re.sub(r"\s+", " ", text[: 2 * cap + 2]).strip(), cap)
