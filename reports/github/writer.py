"""The report as workflow commands, which GitHub shows as annotations at the lines of a pull request.

A violation and a fault of the harness are errors, what was not assessed is a notice: GitHub shows ten of each kind and
step, so that the violations come first and the notices are one for each reason. The escapes are those of GitHub's own
toolkit: what a target says cannot end a command or begin another one.
"""

from __future__ import annotations

from collections.abc import Iterator

from reports.places import in_repository
from stackproof.evidence import printable
from stackproof.remedies import remedy_for
from stackproof.report.model import Report, RequirementPart
from stackproof.verdict import Verdict

MESSAGE_CAP = 1_000  # characters
SHOWN = 10  # annotations of one kind and step that GitHub shows


def pieces(report: Report) -> Iterator[str]:
    """A line for each annotation."""
    every = [one for one in (*report.requirements, *report.derived) if one.verdict in {Verdict.VIOLATED, Verdict.ERROR}]
    counting = [one for one in every if one.required]
    for one in counting:
        yield _command("error", report, one, _trouble(one))
    for one in every:
        if not one.required:
            yield _command("warning", report, one, _trouble(one))
    for fault in report.faults:
        yield f"::error title=waivers::{_data(fault)}\n"
    yield from _open(report)
    if len(counting) > SHOWN:
        words = f"{len(counting)} clauses are violated or failed; GitHub shows {SHOWN}, the report has them all"
        yield f"::error title=stackproof::{_data(words)}\n"


def _open(report: Report) -> Iterator[str]:
    by_reason: dict[str, list[RequirementPart]] = {}
    for one in report.requirements:
        if one.required and one.verdict is Verdict.NOT_ASSESSED:
            by_reason.setdefault(one.reason, []).append(one)
    for reason, some in by_reason.items():
        named = ", ".join(one.id for one in some[:5]) + (f" and {len(some) - 5} more" if len(some) > 5 else "")
        yield _command("notice", report, some[0], f"not assessed: {reason} ({named})")


def _trouble(one: RequirementPart) -> str:
    check = next((check for check in one.checks if check.verdict is one.verdict), None)
    words = f"expected {check.expected}; seen: {check.seen}" if check and check.expected else one.reason
    remedy = remedy_for(one) if one.verdict is Verdict.VIOLATED else None
    more = [f"remedy: {remedy.text}"] if remedy else []
    more += [f"see it again: {check.reproduce}"] if check and check.reproduce else []
    return "\n".join([words, *more])


def _command(kind: str, report: Report, one: RequirementPart, message: str) -> str:
    properties = {
        "file": in_repository(report.specification.path),
        "line": str(one.line),
        "title": f"{one.id}: {one.verdict.value}",
    }
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {told}::{_data(message)}\n"


def _data(text: str) -> str:
    capped = text if len(text) <= MESSAGE_CAP else f"{text[:MESSAGE_CAP]}…"
    return printable(capped).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
