"""The report as CTRF (common test report format), a test a requirement.

`passed` is satisfied and `failed` is violated; everything else is `other` with the verdict as its raw status, so that
nothing that was not looked at counts as passed or skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof.report.model import Report, RequirementPart
from stackproof.report.streaming import json_pieces
from stackproof.report.words import counted, guid_of, tally
from stackproof.verdict import Verdict

STATUS = {Verdict.SATISFIED: "passed", Verdict.VIOLATED: "failed"}


def pieces(report: Report) -> Iterator[str]:
    """The text, a test a piece."""
    every = counted(report)
    counts = tally(every)
    start = int(report.started.timestamp() * 1000)
    passed, failed = counts.by_verdict[Verdict.SATISFIED], counts.by_verdict[Verdict.VIOLATED]
    yield from json_pieces(
        {
            "reportFormat": "CTRF",
            "specVersion": "0.0.0",
            **guid_of(report, "reportId"),
            "timestamp": report.started.isoformat(),
            "generatedBy": "stackproof",
            "results": {
                "tool": {"name": "stackproof", "version": report.stackproof_version},
                "summary": {
                    "tests": counts.total,
                    "passed": passed,
                    "failed": failed,
                    "skipped": 0,
                    "pending": 0,
                    "other": counts.total - passed - failed,
                    "suites": len({_suite(one)[0] for one in every}),
                    "start": start,
                    "stop": start + round(report.seconds * 1000),
                    "extra": {
                        "level": report.level.value,
                        "exitCode": report.exit_code,
                        "verdicts": {verdict.value: count for verdict, count in counts.by_verdict.items()},
                        "assessed": counts.assessed,
                        "partial": report.partial_reason,
                        "faults": list(report.faults),
                    },
                },
                "tests": (_test(one, report) for one in every),
                "environment": {
                    "appName": report.target.name,
                    "testEnvironment": report.profile,
                    "extra": {"baseUrl": report.target.base_url, "specification": report.specification.model_dump()},
                },
            },
        }
    )


def _test(one: RequirementPart, report: Report) -> dict[str, Any]:
    told = {
        "name": one.id,
        "status": STATUS.get(one.verdict, "other"),
        "rawStatus": one.verdict.value,
        "duration": round(sum(check.seconds for check in one.checks) * 1000),
        "suite": _suite(one),
        "message": one.reason,
        "filePath": report.specification.path,
        "line": one.line,
        "type": "conformance",
        "tags": [one.kind, one.strength, *(["derived"] if one.source else [])],
        "extra": {"clause": one.text, "required": one.required, "checks": [check.id for check in one.checks][:200]},
    }
    trace = "\n".join(
        f"{check.id}: expected {check.expected}; seen: {check.seen}\n{check.reproduce}".strip()
        for check in one.checks
        if check.verdict is Verdict.VIOLATED
    )
    return told | ({"trace": trace} if trace else {})


def _suite(one: RequirementPart) -> list[str]:
    return one.chapter.split(" > ") + (["derived"] if one.source else [])
