"""From results to a report: nothing dropped, totals that add up."""

import datetime
import json
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from rich.console import Console

from reports.junit.writer import write as junit
from reports.terminal.writer import write as terminal
from stackproof.check import Check, View
from stackproof.commands.schema import What, document_of
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Evidence
from stackproof.harness import reference_specification
from stackproof.registry import RegisteredCheck
from stackproof.report.build import RunFacts, build_report
from stackproof.report.files import as_json, load, save
from stackproof.spec import read
from stackproof.target.views import Opening
from stackproof.verdict import CheckResult, Level, Verdict

SPECIFICATION = read(reference_specification())
HOSTILE = "\x1b[31m<script>alert(1)</script>[bold]&amp;]]>\x00\ufffe"


def facts(**changes):
    given = {
        "started": datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC),
        "seconds": 1.5,
        "kind": "described",
        "profile": "full",
        "openings": {View.HTTP: Opening(True, "")},
    }
    return RunFacts(**{**given, **changes})


def result(requirement, verdict=Verdict.SATISFIED, **changes):
    given = {"check": "jwt/rotation::one", "requirement": requirement, "verdict": verdict, "reason": "seen"}
    return CheckResult(**{**given, **changes})


def check_of(*patterns, name="jwt/rotation::one", needs=(View.HTTP,), **changes):
    check = Check(patterns=patterns, needs=frozenset(needs), title="It holds.", **changes)
    return RegisteredCheck(name, check, reference_specification(), 1)


def report_of(results, checks=(), tables=None, **changes):
    data = {"target": {"base_url": "https://service.example"}, **(tables or {})}
    descriptor = parse_descriptor(data, reference_specification())
    return build_report(SPECIFICATION, descriptor, checks, results, facts(**changes))


def verdict_of(report, requirement):
    return next(one for one in report.requirements if one.id == requirement)


def test_every_clause_is_there_whatever_ran():
    """A run in which nothing ran reports every clause as not assessed, and is incomplete."""
    report = report_of([])

    assert [one.id for one in SPECIFICATION.requirements] == [one.id for one in report.requirements]
    assert {Verdict.NOT_ASSESSED} == {one.verdict for one in report.requirements}
    assert report.level is Level.INCOMPLETE
    assert sum(report.counts.values()) == len(SPECIFICATION.requirements)


def test_a_planned_check_without_result_is_not_assessed():
    """An interruption drops nothing: the planned check is there and says why it did not run."""
    report = report_of([], [check_of("jwt.rotation")], interrupted="the run was interrupted")

    [check] = verdict_of(report, "jwt.rotation").checks
    assert (check.verdict, check.reason, check.ran) == (Verdict.NOT_ASSESSED, "the run was interrupted", False)
    assert report.partial


def test_half_of_the_checks_do_not_satisfy():
    """One check satisfied and another planned one without result leave the requirement not assessed."""
    checks = [check_of("jwt.rotation"), check_of("jwt.rotation", name="jwt/rotation::two")]

    report = report_of([result("jwt.rotation")], checks)

    assert Verdict.NOT_ASSESSED is verdict_of(report, "jwt.rotation").verdict


def test_a_violation_decides_the_level_in_every_profile():
    """A narrow profile narrows what must be assessed, never what may be broken."""
    report = report_of([result("postgresql.max-connections", Verdict.VIOLATED)], profile="remote")

    assert report.level is Level.NON_CONFORMANT
    assert report.exit_code == 1


def test_a_profile_requires_what_its_views_can_decide():
    """`remote` is complete once the clauses that HTTP decides are assessed."""
    checks = [check_of("jwt.rotation"), check_of("jwt.blacklist", name="a/b::c", needs=(View.PROJECT,))]

    assert report_of([result("jwt.rotation")], checks, profile="remote").level is Level.CONFORMANT
    assert report_of([result("jwt.rotation")], checks, profile="full").level is Level.INCOMPLETE


def test_a_narrowed_run_never_claims_conformance():
    """`--only` with everything satisfied is incomplete, and says what was not asked for."""
    report = report_of([result("jwt.rotation")], [check_of("jwt.rotation")], only=("jwt.rotation",))

    assert report.level is Level.INCOMPLETE
    assert "not asked for" in verdict_of(report, "jwt.blacklist").reason


def test_a_waived_violation_is_conformant_with_waivers_at_best():
    """The waiver stands in the report beside the verdict; --ignore-waivers shows the bare truth."""
    tables = {"waivers": [{"requirement": "jwt.rotation", "owner": "A", "reason": "b", "expires": "2026-11-24"}]}
    checks = [check_of("jwt.rotation")]
    results = [result("jwt.rotation", Verdict.VIOLATED)]

    waived = report_of(results, checks, tables, profile="remote")

    assert waived.level is Level.CONFORMANT_WITH_WAIVERS
    assert verdict_of(waived, "jwt.rotation").waiver.owner == "A"
    assert report_of(results, checks, tables, ignore_waivers=True).level is Level.NON_CONFORMANT


@pytest.fixture
def hostile():
    """A report in which every text that may come from a target is hostile."""
    results = [
        result(
            requirement,
            verdict,
            reason=HOSTILE,
            expected=HOSTILE,
            seen=HOSTILE,
            reproduce=HOSTILE,
            evidence=(Evidence("note", HOSTILE, {"a": HOSTILE}),),
        )
        for requirement, verdict in [
            ("jwt.rotation", Verdict.VIOLATED),
            ("jwt.blacklist", Verdict.ERROR),
            ("tls.minimum-version", Verdict.NOT_ASSESSED),
            ("password.hash-algorithm", Verdict.SATISFIED),
        ]
    ]
    return report_of(results)


def test_junit_adds_up_and_is_xml_whatever_the_target_says(hostile):
    """JUnit's totals are the report's, suite by suite, and hostile text cannot break out of it."""
    root = ET.fromstring(junit(hostile))

    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"), ("tests", "testcase")):
        found = len(root.findall(f".//{tag}"))
        assert found == sum(int(suite.get(attribute)) for suite in root)
        assert root.get(attribute) in ({None} if attribute == "skipped" else {str(found)})
    assert int(root.get("tests")) == len(hostile.requirements)
    assert root.get("failures") == "1"
    assert root.get("errors") == "1"


def test_nothing_but_satisfied_and_attested_passes_in_junit(hostile):
    """Not assessed, waived and not applicable show as skipped, with their verdict."""
    passed = [
        case.get("name")
        for case in ET.fromstring(junit(hostile)).iter("testcase")
        if not {"failure", "error", "skipped"} & {child.tag for child in case}
    ]

    assert passed == ["password.hash-algorithm"]


def test_json_fits_its_schema_and_reads_back(hostile, tmp_path):
    """The file validates against the shipped schema and loads as the same report."""
    path = save(hostile, tmp_path)[0]

    jsonschema.validate(json.loads(as_json(hostile)), document_of(What.REPORT))
    assert hostile == load(path)


def test_the_terminal_shows_text_as_text(hostile, capsys):
    """Markup and escapes of a target do not act on the terminal, and a pipe gets no colour codes."""
    terminal(hostile, Console(soft_wrap=True, width=100))

    shown = capsys.readouterr().out
    assert "[bold]" in shown
    assert "\x1b" not in shown
    assert "VIOLATED  jwt.rotation" in shown
    assert "non-conformant" in shown


DERIVED = SPECIFICATION.derived[0].id


def test_a_derived_violation_counts_only_when_strict():
    """The document's own clauses decide the level; what follows from public standards is reported beside them."""
    found = [result(DERIVED, Verdict.VIOLATED)]
    lenient, strict = report_of(found), report_of(found, strict=True)

    assert lenient.level is Level.INCOMPLETE
    assert strict.level is Level.NON_CONFORMANT
    assert sum(lenient.counts.values()) == len(SPECIFICATION.requirements)
    assert sum(lenient.derived_counts.values()) == len(SPECIFICATION.derived)
    assert lenient.derived_counts["violated"] == 1
    assert next(one for one in lenient.derived if one.id == DERIVED).source


def test_what_nobody_assessed_of_the_derived_ones_makes_a_strict_run_incomplete():
    """Not looked at is not fine, in a strict run for the derived ones too."""
    every = [result(one.id) for one in SPECIFICATION.requirements]

    assert report_of(every).level is Level.CONFORMANT
    assert report_of(every, strict=True).level is Level.INCOMPLETE


def test_junit_counts_derived_ones_as_the_level_does():
    """A derived violation is a failure for JUnit's readers in a strict run, and not there in another one."""
    found = [result(DERIVED, Verdict.VIOLATED)]
    lenient, strict = (ET.fromstring(junit(report_of(found, strict=one))) for one in (False, True))

    assert (lenient.get("failures"), lenient.get("tests")) == ("0", str(len(SPECIFICATION.requirements)))
    assert (strict.get("failures"), strict.get("tests")) == ("1", str(len(SPECIFICATION.every)))


def test_a_waiver_may_name_a_derived_requirement():
    """An accepted violation of a derived requirement is waived like any other."""
    waiver = {"requirement": DERIVED, "owner": "us", "reason": "known", "expires": datetime.date(2027, 1, 1)}
    report = report_of([result(DERIVED, Verdict.VIOLATED)], tables={"waivers": [waiver]}, strict=True)

    assert report.faults == ()
    assert next(one for one in report.derived if one.id == DERIVED).verdict is Verdict.WAIVED


def test_a_suite_that_was_not_asked_for_leaves_its_part_open():
    """What only the suite at hand judges can be satisfied; what another one judges as well is not assessed."""
    checks = [
        check_of("jwt.rotation"),
        check_of("jwt.blacklist"),
        check_of("jwt.blacklist", name="stack/blacklist::settings"),
        check_of("version.django", name="stack/packages::installed"),
    ]
    results = [result("jwt.rotation"), result("jwt.blacklist")]

    report = report_of(results, checks, suites=("jwt",))

    assert verdict_of(report, "jwt.rotation").verdict is Verdict.SATISFIED
    assert "the suite stack was not asked for" in verdict_of(report, "jwt.blacklist").reason
    assert verdict_of(report, "jwt.blacklist").verdict is Verdict.NOT_ASSESSED
    assert verdict_of(report, "version.django").reason == "not asked for in this run (--only, --suite, --since)"
    assert report.partial_reason == "only the suite jwt was asked for"
    assert sum(report.counts.values()) == len(SPECIFICATION.requirements)
