"""What the page shows, prepared from a report: groups, counts, bounded evidence. Plain data for the template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from stackproof.evidence import printable
from stackproof.remedies import Remedy, remedy_for
from stackproof.report.model import CheckPart, EvidencePart, Report, RequirementPart
from stackproof.verdict import Verdict

EVIDENCE_CAP = 3_000  # characters of one piece of evidence
PIECES = 20  # of one check
EVIDENCE_BUDGET = 6 * 1024 * 1024  # characters of evidence in one page; report.json has it all
TEXT_CAP = 4_000  # characters of any other text
LONGEST_CHECKS = 12

#: the order in which a reader wants them
VERDICTS = (
    Verdict.VIOLATED,
    Verdict.ERROR,
    Verdict.NOT_ASSESSED,
    Verdict.WAIVED,
    Verdict.ATTESTED,
    Verdict.SATISFIED,
    Verdict.NOT_APPLICABLE,
)
BAD = frozenset({Verdict.VIOLATED, Verdict.ERROR})
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Clause:
    """A requirement with its anchor, what to change, and the evidence that the page shows of each check."""

    anchor: str
    requirement: RequirementPart
    remedy: Remedy | None
    checks: tuple[tuple[CheckPart, tuple[tuple[EvidencePart, str], ...], int], ...]

    @property
    def remedies(self) -> tuple[str, ...]:
        """What the checks that decided say, each once."""
        return tuple(dict.fromkeys(one.remedy for one in self._deciding() if one.remedy))

    @property
    def commands(self) -> tuple[str, ...]:
        """What shows it again, each once."""
        return tuple(dict.fromkeys(one.reproduce for one in self._deciding() if one.reproduce))

    def _deciding(self) -> list[CheckPart]:
        return [check for check, _, _ in self.checks if check.verdict is self.requirement.verdict]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the specification, in the order of the document."""

    anchor: str
    title: str
    clauses: tuple[Clause, ...]

    @property
    def counts(self) -> tuple[tuple[Verdict, int], ...]:
        """Verdicts that occur, in the reader's order."""
        return counted(one.requirement for one in self.clauses)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a bar, in per cent of its whole."""

    name: str
    start: float
    width: float
    value: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """A run of the past beside this one; the last one is this."""

    report: Report
    bars: tuple[Bar, ...]
    broken: tuple[str, ...]
    mended: tuple[str, ...]


def cleaned(text: object, cap: int = TEXT_CAP) -> str:
    """Text as it may stand on a page: nothing invisible, nothing that turns its direction, no end of it missing."""
    shown = printable(str(text)).encode("utf-8", "replace").decode("utf-8")
    return shown if len(shown) <= cap else f"{shown[:cap]}… ({len(shown) - cap} characters more)"


def counted(requirements: Iterable[RequirementPart]) -> tuple[tuple[Verdict, int], ...]:
    """(verdict, number) of those that occur."""
    verdicts = [one.verdict for one in requirements]
    return tuple((one, verdicts.count(one)) for one in VERDICTS if one in verdicts)


def chapters_of(report: Report) -> tuple[Chapter, ...]:
    """Chapters of the document's own clauses, then those of the derived requirements.

    Evidence of what is violated or failed comes first out of the page's budget.
    """
    every = [*report.requirements, *report.derived]
    anchors = _anchors([one.id for one in every])
    budget = Budget(EVIDENCE_BUDGET)
    shown: dict[int, Clause] = {}
    for number, one in sorted(enumerate(every), key=lambda pair: (pair[1].verdict not in BAD, pair[0])):
        checks = tuple((check, *_evidence(check, budget)) for check in _sorted(one.checks))
        shown[number] = Clause(anchors[number], one, remedy_for(one), checks)
    groups: dict[str, list[Clause]] = {}
    for number, one in enumerate(every):
        title = f"Derived: {one.source.partition(',')[0]}" if one.source else one.chapter
        groups.setdefault(title, []).append(shown[number])
    return tuple(Chapter(f"chapter-{n}", title, tuple(found)) for n, (title, found) in enumerate(groups.items(), 1))


@dataclass(slots=True)
class Budget:
    """Characters of evidence that may still be shown."""

    left: int


def _evidence(check: CheckPart, budget: Budget) -> tuple[tuple[tuple[EvidencePart, str], ...], int]:
    """(pieces with their text, how many were left out)."""
    pieces = []
    for one in check.evidence[:PIECES]:
        if budget.left <= 0:
            break
        text = cleaned(json.dumps(one.detail, indent=1, ensure_ascii=False, sort_keys=True, default=str), EVIDENCE_CAP)
        text = "" if text == "{}" else text
        budget.left -= len(text) + len(one.title) + 200
        pieces.append((one, text))
    return tuple(pieces), len(check.evidence) - len(pieces)


def _sorted(checks: Sequence[CheckPart]) -> list[CheckPart]:
    return sorted(checks, key=lambda one: (VERDICTS.index(one.verdict), one.id))


def _anchors(ids: Sequence[str]) -> list[str]:
    """An anchor of each id: the id itself where it is a plain word, so that `page.html#jwt.rotation` leads there."""
    plain = [one for one in ids if _PLAIN.fullmatch(one) and not one.startswith("chapter-")]
    return [one if one in plain and plain.count(one) == 1 else f"clause-{number}" for number, one in enumerate(ids, 1)]


def reasons_of(clauses: Iterable[Clause]) -> tuple[tuple[str, tuple[Clause, ...]], ...]:
    """Why required clauses were not assessed, the commonest reason first, each with its clauses."""
    found: dict[str, list[Clause]] = {}
    for one in clauses:
        if one.requirement.verdict is Verdict.NOT_ASSESSED:
            found.setdefault(one.requirement.reason, []).append(one)
    return tuple((reason, tuple(some)) for reason, some in sorted(found.items(), key=lambda pair: -len(pair[1])))


def stretches(values: Iterable[tuple[str, float]]) -> tuple[Bar, ...]:
    """Values side by side, which together fill the bar."""
    pairs = [(name, max(value, 0.0)) for name, value in values]
    whole = sum(value for _, value in pairs) or 1.0
    bars, start = [], 0.0
    for name, value in pairs:
        width = 100 * value / whole
        bars.append(Bar(name, round(start, 3), round(width, 3), value))
        start += width
    return tuple(bars)


def longest(report: Report) -> tuple[tuple[Bar, str], ...]:
    """The checks that took the longest, each with its share of the slowest and the requirement that it judged."""
    pairs = [(check, one.id) for one in (*report.requirements, *report.derived) for check in one.checks if check.ran]
    first = sorted(pairs, key=lambda pair: -pair[0].seconds)[:LONGEST_CHECKS]
    most = max((check.seconds for check, _ in first), default=0.0) or 1.0
    return tuple((Bar(one.id, 0, round(100 * one.seconds / most, 3), one.seconds), judged) for one, judged in first)


def history(report: Report, earlier: Sequence[Report]) -> Iterator[Earlier]:
    """The runs in the order of their time; what broke and what was mended since the one before."""
    before: dict[str, Verdict] = {}
    for one in sorted((*earlier, report), key=lambda each: each.started):
        now = {each.id: each.verdict for each in (*one.requirements, *one.derived)}
        bars = stretches((verdict.value, one.counts.get(verdict.value, 0)) for verdict in VERDICTS)
        broken = [
            key
            for key, verdict in now.items()
            if verdict is Verdict.VIOLATED and before.get(key, verdict) is not verdict
        ]
        mended = [
            key for key, verdict in before.items() if verdict is Verdict.VIOLATED and now.get(key) is Verdict.SATISFIED
        ]
        yield Earlier(one, bars, tuple(broken), tuple(mended))
        before = now
