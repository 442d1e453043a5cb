"""The report as CSV (RFC 4180), a row a requirement, for a spreadsheet.

A cell that a spreadsheet would take for a formula begins with an apostrophe: text of a target must not run there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from stackproof.remedies import remedy_for
from stackproof.report.model import Report, RequirementPart
from stackproof.report.words import clean
from stackproof.verdict import Verdict

COLUMNS = (
    "requirement",
    "verdict",
    "required",
    "derived from",
    "chapter",
    "line",
    "clause",
    "demand",
    "reason",
    "expected",
    "seen",
    "reproduce",
    "remedy",
    "read",
    "checks",
    "seconds",
    "waived or attested by",
    "until",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def pieces(report: Report) -> Iterator[str]:
    """The head, then a row a piece."""
    yield _row(COLUMNS)
    for one in (*report.requirements, *report.derived):
        yield _row(_cells(one))


def _cells(one: RequirementPart) -> tuple[str, ...]:
    first = next((check for check in one.checks if check.verdict is Verdict.VIOLATED), None)
    remedy = remedy_for(one) if one.verdict is Verdict.VIOLATED else None
    excuse = one.waiver or one.attestation
    who = one.waiver.owner if one.waiver else one.attestation.who if one.attestation else ""
    return (
        one.id,
        one.verdict.value,
        "yes" if one.required else "no",
        one.source or "",
        one.chapter,
        str(one.line),
        one.text,
        one.demand,
        one.reason,
        first.expected if first else "",
        first.seen if first else "",
        first.reproduce if first else "",
        remedy.text if remedy else "",
        remedy.link if remedy else "",
        str(len(one.checks)),
        f"{sum(check.seconds for check in one.checks):.3f}",
        who,
        excuse.expires.isoformat() if excuse else "",
    )


def _row(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(_safe(one) for one in cells)
    return text.getvalue()


def _safe(text: str) -> str:
    text = clean(text, 2_000)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
