"""The report as JUnit XML: a test suite a chapter, a test case a requirement.

A violation is a `failure`, a fault of the harness an `error`, and what was not assessed, waived or not applicable is
`skipped` with its verdict in the message, so that no reader takes it for a pass. Derived requirements have suites of
their own, in a strict run only: elsewhere they do not count, and a reader of this format would count them.

The names are those of `junit.xsd`: what Jenkins's xUnit plugin, which refuses a file with any other attribute, and
GitLab both read. So a test case has no `file` and `line`; its text begins with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from stackproof.report.model import Report, RequirementPart
from stackproof.report.words import clean
from stackproof.verdict import Verdict

PASSED = {Verdict.SATISFIED, Verdict.ATTESTED}
TEXT_CAP = 4_000  # characters of one message


def write(report: Report) -> str:
    """The report as JUnit XML text."""
    return "".join(pieces(report))


def pieces(report: Report) -> Iterator[str]:
    """The same, a test suite a piece."""
    every = (*report.requirements, *(report.derived if report.strict else ()))
    root = ET.Element("testsuites", _root_totals(every) | {"name": "stackproof", "time": f"{report.seconds:.3f}"})
    root.text = "\n"
    head, _, tail = ET.tostring(root, encoding="unicode").rpartition("</")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n' + head
    chapters: dict[str, list[RequirementPart]] = {}
    for one in every:
        chapters.setdefault(f"{one.chapter} (derived)" if one.source else one.chapter, []).append(one)
    for name, members in chapters.items():
        suite = _suite(name, members, report)
        ET.indent(suite, level=1)
        yield "  " + ET.tostring(suite, encoding="unicode") + "\n"
    yield f"</{tail}\n"


def _suite(name: str, requirements: list[RequirementPart], report: Report) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        {
            "name": _clean(name),
            "timestamp": report.started.strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": "localhost",
            "time": f"{sum(_seconds(one) for one in requirements):.3f}",
            "file": _clean(report.specification.path),
            **_totals(requirements),
        },
    )
    properties = ET.SubElement(suite, "properties")
    for key, value in (
        ("level", report.level.value),
        ("profile", report.profile),
        ("target", report.target.name),
        ("specification.sha256", report.specification.sha256),
        ("run", report.run_id),
        ("partial", report.partial_reason or "no"),
    ):
        ET.SubElement(properties, "property", {"name": key, "value": _clean(value)})
    for requirement in requirements:
        _case(suite, requirement, report)
    return suite


def _root_totals(requirements: Iterable[RequirementPart]) -> dict[str, str]:
    """Without `skipped`, which the schema knows for a suite alone."""
    return {name: count for name, count in _totals(requirements).items() if name != "skipped"}


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
    return clean(text, TEXT_CAP)
