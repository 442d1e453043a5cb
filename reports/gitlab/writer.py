"""The report as a Code Quality file of GitLab, which a merge request shows as found and mended problems.

It holds what is violated, what failed and what was not assessed though it counts; what holds has no place in it. The
fingerprint is made of the requirement and its verdict alone, so that one problem stays the same from run to run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from reports.places import in_repository
from stackproof.evidence import printable
from stackproof.report.model import Report, RequirementPart
from stackproof.verdict import Verdict

SEVERITY = {Verdict.VIOLATED: "critical", Verdict.ERROR: "major", Verdict.NOT_ASSESSED: "info"}
MESSAGE_CAP = 1_000  # characters


def pieces(report: Report) -> Iterator[str]:
    """A JSON array, an entry at a time."""
    shown = [one for one in (*report.requirements, *report.derived) if _is_shown(one)]
    yield "["
    for number, one in enumerate(shown):
        yield (",\n" if number else "\n") + json.dumps(_entry(report, one), ensure_ascii=True)
    yield "\n]\n"


def _is_shown(one: RequirementPart) -> bool:
    return one.verdict in SEVERITY and (one.required or one.verdict is Verdict.VIOLATED)


def _entry(report: Report, one: RequirementPart) -> dict[str, object]:
    severity = SEVERITY[one.verdict] if one.required else "minor"
    return {
        "description": printable(f"{one.id[:200]}: {one.verdict.value}: {one.reason}"[:MESSAGE_CAP]),
        "check_name": printable(one.id[:200]),
        "fingerprint": hashlib.sha256(f"{one.id}\0{one.verdict.value}".encode("utf-8", "replace")).hexdigest(),
        "severity": severity,
        "location": {"path": in_repository(report.specification.path), "lines": {"begin": max(one.line, 1)}},
    }
