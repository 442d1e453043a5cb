"""The report as SARIF 2.1.0, for code scanning: only what is violated or open, each at a place.

A host shows every result as an alert, so that what is satisfied is no result, and what was left out on purpose
(`--only`, `--suite`) is none either; the totals stand in the run's properties. A violation has kind `fail`; what is not
assessed or an error of the harness is `open`, a procedure that a person would have to vouch for is `review`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from reports.sarif.places import places_of, uri_of
from stackproof.remedies import link_of, remedy_for
from stackproof.report.build import NOT_ASKED_FOR
from stackproof.report.model import Report, RequirementPart
from stackproof.report.streaming import json_pieces
from stackproof.report.words import clean, ended, guid_of, headline, one_line, tally
from stackproof.verdict import Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SHOWN = frozenset({Verdict.VIOLATED, Verdict.WAIVED, Verdict.ERROR, Verdict.NOT_ASSESSED})
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def pieces(report: Report) -> Iterator[str]:
    """The text, a rule and a result a piece."""
    yield from json_pieces({"$schema": SCHEMA, "version": "2.1.0", "runs": iter([_run(report)])})


def _run(report: Report) -> dict[str, Any]:
    shown = list(_shown(report))
    own, derived = tally(report.requirements), tally(report.derived)
    return {
        "tool": {
            "driver": {
                "name": "stackproof",
                "version": report.stackproof_version,
                "informationUri": "https://pypi.org/project/stackproof/",
                "rules": (_rule(one) for one in shown),
            }
        },
        "automationDetails": {"id": f"stackproof/{_word(report.target.name)}/", **guid_of(report, "guid")},
        "invocations": [
            {
                "executionSuccessful": not any(one.verdict is Verdict.ERROR for one in report.requirements),
                "exitCode": report.exit_code,
                "exitCodeDescription": headline(report),
                "startTimeUtc": report.started.strftime(_TIME),
                "endTimeUtc": ended(report).strftime(_TIME),
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": one_line(fault)}} for fault in report.faults
                ],
            }
        ],
        "artifacts": [
            {
                "location": {"uri": uri_of(report.specification.path)},
                "hashes": {"sha-256": report.specification.sha256},
                "roles": ["userSpecifiedConfiguration"],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": (_result(one, number, report) for number, one in enumerate(shown)),
        "properties": {
            "level": report.level.value,
            "partial": report.partial_reason,
            "assessed": own.assessed,
            "clauses": own.total,
            "verdicts": {verdict.value: count for verdict, count in own.by_verdict.items()},
            "derivedVerdicts": {verdict.value: count for verdict, count in derived.by_verdict.items()},
            "strict": report.strict,
        },
    }


def _shown(report: Report) -> Iterator[RequirementPart]:
    """What fails or is open; of the derived ones that do not count only what was seen to be violated."""
    for one in report.requirements:
        if one.verdict in SHOWN and one.reason != NOT_ASKED_FOR:
            yield one
    for one in report.derived:
        if one.verdict in SHOWN and one.reason != NOT_ASKED_FOR and (report.strict or one.verdict is Verdict.VIOLATED):
            yield one


def _rule(one: RequirementPart) -> dict[str, Any]:
    remedy = remedy_for(one)
    help_text = remedy.text if remedy else "No remedy is written for this requirement."
    link = (remedy.link if remedy else "") or link_of(one.source)
    markdown = help_text + (f"\n\n```diff\n{remedy.patch.replace('```', chr(0x2019) * 3)}\n```" if remedy else "")
    return {
        "id": one.id,
        "name": "".join(word[:1].upper() + word[1:] for word in _word(one.id).replace(".", "-").split("-")),
        "shortDescription": {"text": one_line(one.text, 200) or one.id},
        "fullDescription": {"text": one_line(f"{one.text} ({one.source or one.chapter})", 900)},
        "help": {"text": clean(help_text), "markdown": clean(markdown)},
        **({"helpUri": link} if link.startswith("https://") else {}),
        "defaultConfiguration": {"level": "error" if one.required else "note"},
        "properties": {"tags": ["conformance", _word(one.chapter)[:80]], "chapter": one.chapter},
    }


def _result(one: RequirementPart, number: int, report: Report) -> dict[str, Any]:
    fails = one.verdict in {Verdict.VIOLATED, Verdict.WAIVED}
    kind = "fail" if fails else "review" if one.kind == "procedure" else "open"
    locations, related = places_of(one, report)
    mark = hashlib.sha256(f"{report.target.name}\n{one.id}".encode("utf-8", "replace")).hexdigest()
    told: dict[str, Any] = {
        "ruleId": one.id,
        "ruleIndex": number,
        "kind": kind,
        "level": ("error" if one.required else "note") if fails else "none",
        "message": {"text": _message(one)},
        "locations": locations,
        "relatedLocations": related,
        "partialFingerprints": {"stackproofRequirement/v1": mark, "primaryLocationLineHash": f"{mark[:16]}:1"},
        "properties": {
            "verdict": one.verdict.value,
            "required": one.required,
            "checks": [check.id for check in one.checks if check.verdict in SHOWN][:50],
            "reproduce": next((check.reproduce for check in one.checks if check.reproduce), ""),
        },
    }
    if one.waiver:
        why = f"{one.waiver.reason} ({one.waiver.owner}, until {one.waiver.expires})"
        told["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return told


def _message(one: RequirementPart) -> str:
    found = [check for check in one.checks if check.verdict is Verdict.VIOLATED]
    told = "; ".join(f"expected {check.expected}; seen: {check.seen}" for check in found[:3]) or one.reason
    # [text](1) would be a link, and {0} a placeholder: SARIF's own markup in what a target says means nothing
    plain = one_line(f"{one.verdict}: {told}", 1_500).replace("{", "(").replace("}", ")")
    return plain.replace("[", "(").replace("]", ")")


def _word(text: str) -> str:
    """Letters, digits, dots and dashes of a name, for ids that hosts sort by."""
    kept = "".join(char if char.isascii() and (char.isalnum() or char in ".-") else "-" for char in text[:200])
    return "-".join(part for part in kept.split("-") if part) or "unnamed"
