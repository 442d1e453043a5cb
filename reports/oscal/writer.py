"""The report as OSCAL assessment results (JSON): a finding a requirement, an observation a check, a risk a waiver.

OSCAL knows two states. `satisfied` is what was seen to hold, what a person attests, and what the target has nothing to
do with (it says so: implementation status `not-applicable`); everything else, what nobody assessed first of all, is
`not-satisfied` with the verdict and its reason. Ids follow from the run's id, so that the same report always gives the
same document.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterator
from typing import Any

from stackproof.report.model import AttestationPart, CheckPart, Report, RequirementPart, WaiverPart
from stackproof.report.streaming import json_pieces
from stackproof.report.words import clean, counted, ended, headline, one_line, tally
from stackproof.verdict import Verdict

VERSION = "1.1.3"
NAMESPACE = "https://pypi.org/project/stackproof/"
HELD = frozenset({Verdict.SATISFIED, Verdict.ATTESTED, Verdict.NOT_APPLICABLE})
REASONS = {Verdict.SATISFIED: "pass", Verdict.VIOLATED: "fail", Verdict.WAIVED: "fail"}


def pieces(report: Report) -> Iterator[str]:
    """The text, a finding, an observation and a risk a piece."""
    ids = Ids(report.run_id)
    start = _zoned(report.started)
    every = counted(report)
    waived = [one for one in every if one.waiver]
    result: dict[str, Any] = {
        "uuid": ids.of("result"),
        "title": _title(f"{report.target.name}: {report.level}"),
        "description": _text(headline(report)),
        "start": start,
        "end": _zoned(ended(report)),
        "props": _props(
            {
                "level": report.level.value,
                "profile": report.profile,
                "partial": report.partial_reason or "no",
                **{f"total-{verdict.value}": str(count) for verdict, count in tally(every).by_verdict.items()},
            }
        ),
        "reviewed-controls": {
            "description": _text(f"Every clause of {report.specification.path}, whatever was assessed."),
            "control-selections": [{"include-all": {}}],
        },
    }
    if any(one.checks for one in every):
        result["observations"] = (_observation(check, one, ids, start) for one in every for check in one.checks)
    if waived:
        result["risks"] = (_risk(one, one.waiver, ids) for one in waived if one.waiver)
    if every:
        result["findings"] = (_finding(one, ids) for one in every)
    yield from json_pieces(
        {
            "assessment-results": {
                "uuid": ids.of("document"),
                "metadata": _metadata(report, start),
                "import-ap": {"href": f"#{ids.of('specification')}", "remarks": "The specification is the plan."},
                "results": iter([result]),
                "back-matter": {"resources": [_specification(report, ids)]},
            }
        }
    )


class Ids:
    """UUIDs of version 5 that follow from the run's id and a name."""

    def __init__(self, run_id: str) -> None:
        self._space = uuid.uuid5(uuid.NAMESPACE_URL, f"stackproof:{run_id.encode('utf-8', 'replace').hex()}")

    def of(self, *names: str) -> str:
        """The id of what these names name."""
        return str(uuid.uuid5(self._space, "\n".join(names).encode("utf-8", "replace").hex()))


def _metadata(report: Report, start: str) -> dict[str, Any]:
    return {
        "title": _title(f"Assessment of {report.target.name}"),
        "last-modified": start,
        "version": _title(report.run_id),
        "oscal-version": VERSION,
        "props": _props({"stackproof-version": report.stackproof_version, "exit-code": str(report.exit_code)}),
    }


def _specification(report: Report, ids: Ids) -> dict[str, Any]:
    digest = report.specification.sha256
    known = re.fullmatch("[0-9a-f]{64}", digest)
    return {
        "uuid": ids.of("specification"),
        "title": "The specification that was judged against",
        "description": _text(report.specification.path),
        **({"props": _props({"sha-256": digest})} if known else {}),
    }


def _observation(check: CheckPart, one: RequirementPart, ids: Ids, start: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "uuid": ids.of("observation", one.id, check.id),
        "title": _title(check.title or check.id),
        "description": _text(check.reason),
        "props": _props({"check": check.id, "verdict": check.verdict.value, "ran": "yes" if check.ran else "no"}),
        "methods": ["TEST"],
        "types": ["finding" if check.verdict is Verdict.VIOLATED else "control-objective"],
        "collected": start,
    }
    seen = [part.title for part in check.evidence[:20]]
    if check.verdict is Verdict.VIOLATED:
        seen = [f"expected {check.expected}; seen: {check.seen}", *seen]
    if seen:
        told["relevant-evidence"] = [{"description": _text(text)} for text in seen]
    return told | ({"remarks": _text(f"To see it again: {check.reproduce}")} if check.reproduce else {})


def _risk(one: RequirementPart, waiver: WaiverPart, ids: Ids) -> dict[str, Any]:
    return {
        "uuid": ids.of("risk", one.id),
        "title": _title(f"Waived: {one.id}"),
        "description": _text(one.reason),
        "statement": _text(f"{waiver.reason} (accepted by {waiver.owner})"),
        "status": "deviation-approved",
        "deadline": f"{waiver.expires.isoformat()}T23:59:59Z",
    }


def _finding(one: RequirementPart, ids: Ids) -> dict[str, Any]:
    target: dict[str, Any] = {
        "type": "objective-id",
        "target-id": _token(one.id),
        "status": {
            "state": "satisfied" if one.verdict in HELD else "not-satisfied",
            "reason": REASONS.get(one.verdict, "other"),
            "remarks": _text(f"{one.verdict}: {one.reason}"),
        },
    }
    if one.verdict is Verdict.NOT_APPLICABLE:
        target["implementation-status"] = {"state": "not-applicable"}
    told: dict[str, Any] = {
        "uuid": ids.of("finding", one.id),
        "title": _title(one.id),
        "description": _text(f"{one.text} ({one.source})" if one.source else one.text),
        "props": _props({"verdict": one.verdict.value, "required": "yes" if one.required else "no"}),
        "target": target,
    }
    if one.checks:
        told["related-observations"] = [
            {"observation-uuid": ids.of("observation", one.id, check.id)} for check in one.checks
        ]
    if one.waiver:
        told["related-risks"] = [{"risk-uuid": ids.of("risk", one.id)}]
    return told | ({"remarks": _text(_word_of(one.attestation))} if one.attestation else {})


def _word_of(given: AttestationPart) -> str:
    return f"attested by {given.who} on {given.when}, until {given.expires} {given.link}".strip()


def _props(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "ns": NAMESPACE, "value": _title(value)} for name, value in values.items()]


def _zoned(moment: datetime.datetime) -> str:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _title(text: str) -> str:
    """A text on one line that is not empty: what OSCAL takes for a title or a value."""
    return one_line(text, 400).strip() or "(nothing)"


def _text(text: str) -> str:
    return clean(text, 2_000).strip() or "(nothing)"


def _token(text: str) -> str:
    """A name as OSCAL's tokens are: letters, digits, dots and dashes, and no digit first."""
    kept = re.sub(r"[^A-Za-z0-9._-]", "-", text[:400])
    return kept if re.match(r"[A-Za-z_]", kept) else f"_{kept}"
