"""The report as JUnit XML: a test suite a chapter, a test case a requirement.

A violation is a `failure`, a fault of the harness an `error`, and what was not assessed, waived or not applicable is
`skipped` with its verdict in the message, so that no reader takes it for a pass. Derived requirements have suites of
their own, in a strict run only: elsewhere they do not count, and a reader of this format would count them. Attribute
names follow the schema that Jenkins and GitLab read (testsuites/testsuite/testcase).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree as ET

from stackproof.report.model import Report, RequirementPart
from stackproof.verdict import Verdict

PASSED = {Verdict.SATISFIED, Verdict.ATTESTED}
TEXT_CAP = 4_000  # characters of one message
# Characters that XML 1.0 does not allow (section 2.2, production 2)
_NO_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def write(report: Report) -> str:
    """The report as JUnit XML text."""
    every = (*report.requirements, *(report.derived if report.strict else ()))
    root = ET.Element("testsuites", _totals(every) | {"name": "stackproof", "time": f"{report.seconds:.3f}"})
    for (chapter, derived), members in groupby(every, key=lambda one: (one.chapter, one.source is not None)):
        requirements = list(members)
        suite = ET.SubElement(
            root,
            "testsuite",
            {
                "name": _clean(f"{chapter} (derived)" if derived else chapter),
                "timestamp": report.started.strftime("%Y-%m-%dT%H:%M:%S"),
                "hostname": "localhost",
                "time": f"{sum(_seconds(one) for one in requirements):.3f}",
                **_totals(requirements),
            },
        )
        for requirement in requirements:
            _case(suite, requirement, report)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _totals(requirements: Iterable[RequirementPart]) -> dict[str, str]:
    verdicts = [one.verdict for one in requirements]
    failures, errors = verdicts.count(Verdict.VIOLATED), verdicts.count(Verdict.ERROR)
    passed = sum(one in PASSED for one in verdicts)
    skipped = len(verdicts) - failures - errors - passed
    return {
        "tests": str(len(verdicts)),
        "failures": str(failures),
        "errors": str(errors),
        "skipped": str(skipped),
    }


def _case(suite: ET.Element, requirement: RequirementPart, report: Report) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "name": _clean(requirement.id),
            "classname": _clean(requirement.chapter),
            "time": f"{_seconds(requirement):.3f}",
        },
    )
    message = _clean(requirement.reason)
    if requirement.verdict is Verdict.VIOLATED:
        ET.SubElement(case, "failure", {"message": message, "type": "violated"}).text = _account(requirement, report)
    elif requirement.verdict is Verdict.ERROR:
        ET.SubElement(case, "error", {"message": message, "type": "error"}).text = _account(requirement, report)
    elif requirement.verdict not in PASSED:
        ET.SubElement(case, "skipped", {"message": f"{requirement.verdict}: {message}"})
    else:
        ET.SubElement(case, "system-out").text = f"{requirement.verdict}: {message}"


def _account(requirement: RequirementPart, report: Report) -> str:
    lines = [f"{report.specification.path}:{requirement.line}: {requirement.text}"]
    for check in requirement.checks:
        if check.verdict not in {Verdict.VIOLATED, Verdict.ERROR}:
            continue
        lines += [f"check: {check.id}", f"  {check.reason}"]
        lines += [f"  {name}: {value}" for name in ("reproduce", "remedy") if (value := getattr(check, name))]
    return _clean("\n".join(lines))


def _seconds(requirement: RequirementPart) -> float:
    return sum(check.seconds for check in requirement.checks)


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)[:TEXT_CAP]
