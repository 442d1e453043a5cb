"""The report as an in-toto statement with the predicate "test result", to be signed by `stackproof sign`.

The predicate has no list of what was skipped. So what is required and was not assessed, or where the harness failed,
stands among the failed tests: no policy that asks for passed or warned ones takes it for fine. Waived, attested and not
applicable are warnings. `PASSED` is a run in which everything was assessed and nothing is excused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from stackproof.report.files import as_json
from stackproof.report.model import Report
from stackproof.report.streaming import harmless
from stackproof.report.words import counted, is_green
from stackproof.verdict import Verdict

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
WARNED = frozenset({Verdict.WAIVED, Verdict.ATTESTED, Verdict.NOT_APPLICABLE})
UNSEEN = frozenset({Verdict.NOT_ASSESSED, Verdict.ERROR})


def pieces(report: Report) -> Iterator[str]:
    """The statement about the report as it would be written now."""
    written = hashlib.sha256(as_json(report).encode("utf-8")).hexdigest()
    yield json.dumps(statement(report, written), indent=2, ensure_ascii=False) + "\n"


def statement(report: Report, digest: str, url: str = "") -> dict[str, Any]:
    """The statement.

    Args:
        digest: SHA-256 of the report's file.
        url: of the run, "" where there is none.
    """
    every = counted(report)
    passed = [one.id for one in every if one.verdict is Verdict.SATISFIED]
    warned = [one.id for one in every if one.verdict in WARNED]
    failed = [one.id for one in every if one.verdict is Verdict.VIOLATED or (one.verdict in UNSEEN and one.required)]
    failed += [f"waivers: {fault}" for fault in report.faults]
    held = "PASSED" if is_green(report) and not warned else "WARNED"
    result = "FAILED" if failed or report.level.exit_code else held
    predicate: dict[str, Any] = {"result": result, "configuration": _configuration(report)}
    if url:
        predicate["url"] = url
    lists = {"passedTests": passed, "warnedTests": warned, "failedTests": failed}
    told: dict[str, Any] = harmless(
        {
            "_type": STATEMENT,
            "subject": [{"name": "report.json", "digest": {"sha256": digest}}, *_tested(report)],
            "predicateType": PREDICATE,
            "predicate": predicate | lists,
        }
    )
    return told


def _tested(report: Report) -> list[dict[str, Any]]:
    """The lock of what was tested: the artefact that the result is about, where the run read it."""
    return [{"name": one.path, "digest": {"sha256": one.sha256}} for one in report.inputs if one.name == "lock"]


def _configuration(report: Report) -> list[dict[str, Any]]:
    known = {one.name: one for one in report.inputs}
    specification = {
        "name": "specification",
        "uri": report.specification.path,
        "digest": {"sha256": report.specification.sha256},
    }
    rest = [
        {"name": name, "uri": one.path, "digest": {"sha256": one.sha256}}
        for name, one in sorted(known.items())
        if name != "specification"
    ]
    if "waivers" not in known:
        rest.append({"name": "waivers", "digest": {"sha256": _excuses(report)}})
    options = json.dumps({"profile": report.profile, **report.options}, sort_keys=True).encode("utf-8", "replace")
    return [specification, *rest, {"name": "options", "digest": {"sha256": hashlib.sha256(options).hexdigest()}}]


def _excuses(report: Report) -> str:
    """The digest of the waivers and attestations that stand in a report which does not name their file."""
    used = [
        [one.id, part.model_dump(mode="json")]
        for one in (*report.requirements, *report.derived)
        for part in (one.waiver, one.attestation)
        if part is not None
    ]
    return hashlib.sha256(json.dumps(used, sort_keys=True).encode("utf-8", "replace")).hexdigest()
